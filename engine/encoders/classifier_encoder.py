"""The built-in image encoder: a classifier of pictures, put into words by a text encoder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.encoders.image_encoder import ImageVectors, unit
from engine.encoders.image_graph import ImageGraph
from engine.encoders.image_prepared import (
    IMAGE_GRAPH,
    LABELS,
    PreparedImages,
    fingerprint_of,
    require_prepared_images,
)
from engine.encoders.label_map import TextSpace, label_map, label_vectors, recipe
from engine.errors import ModelRejected


class ClassifierEncoder:
    """EfficientNet-Lite2 and a text encoder; every method may be called from any thread."""

    def __init__(self, folder: Path, text: TextSpace, threads: int) -> None:
        prepared = require_prepared_images(folder)
        names = _read_names(folder)
        self.preprocessing = prepared.preprocessing
        self.size = prepared.preprocessing.size
        self.d_look = prepared.d_look
        self.d_meaning = text.dim
        self.fingerprint = _fingerprint(prepared, text.fingerprint, names)
        self._text = text
        self._graph = ImageGraph(folder / IMAGE_GRAPH, threads)
        self._labels = label_map(_label_vectors(folder, self.fingerprint, names, text))

    def encode_images(self, pixels: NDArray[np.uint8]) -> ImageVectors:
        """Vectors of pictures given as `prepared_pixels`, (n, size, size, 3) uint8.

        Roots of features are compared, since a few large ones would decide by themselves.
        """
        if not len(pixels):
            nothing = np.empty((0, self.d_look), np.float32)
            return ImageVectors(nothing, np.empty((0, self.d_meaning), np.float32))
        features, logits = zip(*self._graph.run_all(list(pixels)), strict=True)
        return ImageVectors(
            unit(np.sqrt(np.stack(features))), self._labels.meaning(np.stack(logits))
        )

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, (n, d_meaning) float32, L2-normalised."""
        return self._text.encode_queries(texts)


def load_classifier(folder: Path, text: TextSpace, threads: int = 0) -> ClassifierEncoder:
    """Load the encoder prepared in `folder`; `threads` 0 takes the physical cores.

    The first time with a text encoder takes seconds: it encodes the names of 1,000 classes and
    keeps their vectors in `folder`. Raises ModelRejected where files are missing or damaged.
    """
    return ClassifierEncoder(folder, text, threads)


def classifier_fingerprint(folder: Path, text_fingerprint: str) -> str:
    """What the fingerprint of the encoder in `folder` is with a text encoder; raises ModelRejected.

    Loads neither of them.
    """
    return _fingerprint(require_prepared_images(folder), text_fingerprint, _read_names(folder))


def _fingerprint(prepared: PreparedImages, text: str, names: Sequence[str]) -> str:
    return fingerprint_of(prepared.fingerprint, text, names, *recipe())


def _read_names(folder: Path) -> list[str]:
    try:
        return msgspec.json.decode((folder / LABELS).read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError) as error:
        raise ModelRejected(
            "Model cannot be loaded",
            f"{LABELS} of the picture model is missing or damaged.",
            "Delete the folder it lies in; it is made anew when pictures are indexed next.",
        ) from error


def _label_vectors(
    folder: Path, fingerprint: str, names: Sequence[str], text: TextSpace
) -> NDArray[np.float32]:
    """The labels' vectors, kept from last time where they are whole and of the right shape."""
    kept = folder / f"labels-{fingerprint}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        vectors = np.load(kept, allow_pickle=False)
        if vectors.shape == (len(names), text.dim) and vectors.dtype == np.float32:
            return np.asarray(vectors)
    vectors = label_vectors(names, text)
    # Keeping them only saves time: a full disk is no reason to fail.
    with contextlib.suppress(OSError):
        written = folder / f".{kept.name}-{os.getpid()}"
        with written.open("wb") as file:
            np.save(file, vectors, allow_pickle=False)
        written.replace(kept)
    return vectors
