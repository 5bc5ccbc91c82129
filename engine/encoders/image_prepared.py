"""What is known of an image encoder that was prepared on this machine (`image_encoder.json`)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from engine.encoders.image_encoder import Preprocessing
from engine.errors import ModelRejected

IMAGE_GRAPH = "image.onnx"
TEXT_GRAPH = "text.onnx"
LABELS = "labels.json"
_RECORD = "image_encoder.json"

Cleaning = Literal["lower", "whitespace", "canonicalize"]


@dataclass(frozen=True, slots=True)
class TextSide:
    """How a CLIP's text tower is given its queries."""

    context_length: int
    """Tokens a text, padded or cut to this."""
    cleaning: Cleaning
    """open_clip's name of what is done to a text before it is split into tokens."""


@dataclass(frozen=True, slots=True)
class PreparedImages:
    """A prepared image encoder."""

    kind: Literal["classifier", "clip"]
    name: str
    """For people."""
    fingerprint: str
    """Of weights, preprocessing and, of a CLIP, its text side, hex."""
    preprocessing: Preprocessing
    d_look: int
    d_meaning: int | None
    """None where it is the text encoder's that it is loaded with."""
    text: TextSide | None
    """None where it has no text tower."""
    agreement: float = 0.0
    """Greatest difference from torch of any number in its vectors, on what it was tried with."""


def read_prepared_images(folder: Path) -> PreparedImages | None:
    """The record of a prepared encoder's folder; None where it has to be prepared (again)."""
    try:
        return msgspec.json.decode((folder / _RECORD).read_bytes(), type=PreparedImages)
    except (OSError, msgspec.DecodeError):
        return None


def require_prepared_images(folder: Path) -> PreparedImages:
    """The same; raises ModelRejected where it has to be prepared."""
    prepared = read_prepared_images(folder)
    if prepared is None:
        raise ModelRejected(
            "Model is not ready",
            "The model for pictures has not been prepared on this computer.",
            "Have pictures indexed again; it is prepared then.",
        )
    return prepared


def write_prepared_images(prepared: PreparedImages, folder: Path) -> None:
    """Write the record; the last step of preparing."""
    (folder / _RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(prepared)))


def fingerprint_of(*parts: object) -> str:
    """32 hex digits that change with any of the parts (what msgspec can write as JSON)."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]
