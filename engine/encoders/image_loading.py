"""Loads whatever image encoder a folder holds."""

from __future__ import annotations

from pathlib import Path

from engine.encoders.classifier_encoder import load_classifier
from engine.encoders.clip_encoder import load_clip
from engine.encoders.image_encoder import ImageEncoder
from engine.encoders.image_prepared import require_prepared_images
from engine.encoders.label_map import TextSpace


def load_image_encoder(folder: Path, text: TextSpace, threads: int = 0) -> ImageEncoder:
    """Load the image encoder in `folder`; `text` encodes queries where it has no text part.

    `threads` 0 takes the physical cores. Raises ModelRejected where it was not prepared, or its
    files are missing or damaged.
    """
    if require_prepared_images(folder).kind == "clip":
        return load_clip(folder, threads)
    return load_classifier(folder, text, threads)
