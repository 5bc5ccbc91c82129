"""An adapter of queries to the user's own pictures: a light linear map on a CLIP's text side.

Ridge regression from caption vectors to the vectors of the pictures that they describe, drawn
towards leaving them as they are, and mixed with the query's own vector. Pictures keep their
vectors: none has to be encoded again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.encoders.descriptions import Descriptions, Vectors, check
from engine.encoders.held_out import (
    PENALTIES,
    SHARES,
    HeldOut,
    Setting,
    Tell,
    cross_validated,
)
from engine.encoders.image_encoder import ImageVectors, unit
from engine.encoders.image_prepared import fingerprint_of
from engine.encoders.ridge import ridge


@dataclass(frozen=True, slots=True)
class QueryAdapter:
    """A fitted adapter for the queries of one encoder."""

    encoder_fingerprint: str
    """Of the image encoder whose queries it takes."""
    mean: Vectors
    """(d_meaning,) float32: taken off a query first, since all texts share it and no picture."""
    weights: Vectors
    """(d_meaning, d_meaning) float32: from there to pictures less their mean."""
    setting: Setting

    @property
    def fingerprint(self) -> str:
        """Changes with whatever the adapter does, 32 hex digits."""
        arrays = hashlib.sha256(self.mean.tobytes() + self.weights.tobytes()).hexdigest()
        return fingerprint_of("adapter", self.encoder_fingerprint, arrays, self.setting.share)

    def meaning(self, pictures: ImageVectors) -> Vectors:
        """Pictures mean what they did."""
        return pictures.meaning

    def queries(self, vectors: Vectors) -> Vectors:
        """What the queries become, (n, d_meaning) float32, L2-normalised."""
        share = self.setting.share
        return unit(share * _mapped(vectors, self.mean, self.weights) + (1 - share) * vectors)


def fit_query_adapter(
    descriptions: Descriptions, encoder_fingerprint: str, tell: Tell = lambda *_: None
) -> tuple[QueryAdapter, HeldOut]:
    """Fit an adapter, and tell what it may be expected to gain; raises NotEnoughData, InvalidInput.

    `tell` is called between the folds of cross-validation.
    """
    check(descriptions)
    setting, held_out = cross_validated(descriptions, _trials, tell)
    mean, (weights,) = _maps(descriptions, (setting.penalty,))
    return QueryAdapter(encoder_fingerprint, mean, weights, setting), held_out


def _trials(
    train: Descriptions, queries: Vectors, candidates: ImageVectors
) -> Iterator[tuple[Setting, Vectors]]:
    """Scores by setting; a query's length changes no ranks."""
    own = queries @ candidates.meaning.T
    mean, fitted = _maps(train, PENALTIES)
    for penalty, weights in zip(PENALTIES, fitted, strict=True):
        mapped = _mapped(queries, mean, weights) @ candidates.meaning.T
        for share in SHARES:
            yield Setting(penalty, share), share * mapped + (1 - share) * own


def _maps(
    descriptions: Descriptions, penalties: tuple[float, ...]
) -> tuple[Vectors, list[Vectors]]:
    """By penalty, the map whose distance from the identity is held: one example a description."""
    texts = descriptions.texts
    meant = descriptions.pictures.meaning[descriptions.picture_of]
    mean, changes = ridge(texts, meant - texts, descriptions.weights, penalties)
    identity = np.eye(texts.shape[1], dtype=np.float32)
    return mean, [identity + change for change in changes]


def _mapped(queries: Vectors, mean: Vectors, weights: Vectors) -> Vectors:
    return unit((queries - mean) @ weights)
