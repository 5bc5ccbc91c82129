"""Puts what a classifier sees into words: from its logits to vectors of a text encoder's space.

A picture's vector is the mean of its classes' label vectors, weighted by their probabilities
(ConSE: Norouzi et al. 2014), less the mean of all labels' vectors, since what all labels share
would drown what tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.encoders.image_encoder import unit

_TEMPERATURE = 2.0
"""Of the softmax: softer, so that what a photo shows besides its main thing counts."""
_PROMPT = "a photo of a {}"


class TextSpace(Protocol):
    """The text encoder that queries are encoded with."""

    fingerprint: str
    dim: int

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, (n, dim) float32, L2-normalised."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, (n, dim) float32, L2-normalised."""


@dataclass(frozen=True, slots=True)
class LabelMap:
    """From logits over classes to a text encoder's space."""

    labels: NDArray[np.float32]
    """(n_classes, dim) float32, centred."""

    def meaning(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """From logits (n, n_classes) to vectors (n, dim) float32, L2-normalised."""
        scaled = (logits - logits.max(axis=1, keepdims=True)) / _TEMPERATURE
        weights = np.exp(scaled)
        weights /= weights.sum(axis=1, keepdims=True)
        return unit(weights @ self.labels)


def label_vectors(names: Sequence[str], text: TextSpace) -> NDArray[np.float32]:
    """Vectors of the labels as captions, (n_classes, dim) float32, L2-normalised."""
    return text.encode_passages([_PROMPT.format(name) for name in names])


def label_map(vectors: NDArray[np.float32]) -> LabelMap:
    """The map of `label_vectors`."""
    return LabelMap(vectors - vectors.mean(axis=0))


def recipe() -> tuple[float, str]:
    """What a fingerprint has to hold of how labels are mapped."""
    return _TEMPERATURE, _PROMPT
