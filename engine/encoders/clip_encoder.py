"""An imported CLIP: pictures and queries in one space."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import TOKENIZER
from engine.encoders.clip_tokens import ClipTokenizer
from engine.encoders.image_encoder import ImageVectors, unit
from engine.encoders.image_graph import ImageGraph
from engine.encoders.image_prepared import IMAGE_GRAPH, TEXT_GRAPH, require_prepared_images
from engine.errors import ModelRejected


class ClipEncoder:
    """Both towers of a CLIP; every method may be called from any thread."""

    def __init__(self, folder: Path, threads: int) -> None:
        prepared = require_prepared_images(folder)
        if prepared.text is None or prepared.d_meaning is None:
            raise ModelRejected(
                "Model cannot be loaded", f"{prepared.name} has no text part.", "Import it again."
            )
        self.preprocessing = prepared.preprocessing
        self.size = prepared.preprocessing.size
        self.d_look, self.d_meaning = prepared.d_look, prepared.d_meaning
        self.fingerprint = prepared.fingerprint
        self._images = ImageGraph(folder / IMAGE_GRAPH, threads)
        self._texts = ImageGraph(folder / TEXT_GRAPH, threads)
        self._tokenizer = ClipTokenizer(folder / TOKENIZER, prepared.text.cleaning)

    def encode_images(self, pixels: NDArray[np.uint8]) -> ImageVectors:
        """Vectors of pictures given as `prepared_pixels`, (n, size, size, 3) uint8."""
        vectors = np.empty((len(pixels), self.d_look), np.float32)
        for row, (vector,) in enumerate(self._images.run_all(list(pixels))):
            vectors[row] = vector
        vectors = unit(vectors)
        return ImageVectors(vectors, vectors)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, (n, d_meaning) float32, L2-normalised."""
        vectors = np.empty((len(texts), self.d_meaning), np.float32)
        for row, text in enumerate(texts):
            (vectors[row],) = self._texts.run(self._tokenizer.ids(text))
        return unit(vectors)


def load_clip(folder: Path, threads: int = 0) -> ClipEncoder:
    """Load the CLIP imported into `folder`; `threads` 0 takes the physical cores.

    Raises ModelRejected where files are missing or damaged.
    """
    return ClipEncoder(folder, threads)
