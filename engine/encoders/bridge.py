"""A bridge from how pictures look to what their captions say, fitted to the user's own pictures.

Ridge regression from look vectors to caption vectors, mixed with what the encoder itself takes a
picture to mean. The mix is one vector a picture, so that it is indexed and searched like any other.
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
class Bridge:
    """A fitted bridge for the pictures of one encoder."""

    encoder_fingerprint: str
    """Of the image encoder whose vectors it takes."""
    mean: Vectors
    """(d_look,) float32: taken off a picture's look first."""
    weights: Vectors
    """(d_look, d_meaning) float32: from there to captions less their mean."""
    setting: Setting

    @property
    def fingerprint(self) -> str:
        """Changes with whatever the bridge does, 32 hex digits."""
        arrays = hashlib.sha256(self.mean.tobytes() + self.weights.tobytes()).hexdigest()
        return fingerprint_of("bridge", self.encoder_fingerprint, arrays, self.setting.share)

    def meaning(self, pictures: ImageVectors) -> Vectors:
        """What the pictures mean, (n, d_meaning) float32, L2-normalised."""
        share = self.setting.share
        predicted = unit((pictures.look - self.mean) @ self.weights)
        return unit(share * predicted + (1 - share) * pictures.meaning)

    def queries(self, vectors: Vectors) -> Vectors:
        """Queries stay what they are."""
        return vectors


def fit_bridge(
    descriptions: Descriptions, encoder_fingerprint: str, tell: Tell = lambda *_: None
) -> tuple[Bridge, HeldOut]:
    """Fit a bridge, and tell what it may be expected to gain; raises NotEnoughData, InvalidInput.

    `tell` is called between the folds of cross-validation.
    """
    check(descriptions)
    setting, held_out = cross_validated(descriptions, _trials, tell)
    mean, (weights,) = _regressions(descriptions, (setting.penalty,))
    return Bridge(encoder_fingerprint, mean, weights, setting), held_out


def _trials(
    train: Descriptions, queries: Vectors, candidates: ImageVectors
) -> Iterator[tuple[Setting, Vectors]]:
    """Scores by setting.

    All candidates are mapped by the one regression, as they would be in use: regressions of several
    folds differ by what their means differ, which hides what they have learned.
    """
    own = queries @ candidates.meaning.T
    mean, fitted = _regressions(train, PENALTIES)
    for penalty, weights in zip(PENALTIES, fitted, strict=True):
        predicted = unit((candidates.look - mean) @ weights)
        mapped = queries @ predicted.T
        # A mix's length follows from the cosine of its parts: none has to be made.
        alike = (predicted * candidates.meaning).sum(axis=1)
        for share in SHARES:
            rest = 1 - share
            length = np.sqrt(share**2 + rest**2 + 2 * share * rest * alike)
            scores = (share * mapped + rest * own) / np.maximum(length, 1e-12)
            yield Setting(penalty, share), scores


def _regressions(
    descriptions: Descriptions, penalties: tuple[float, ...]
) -> tuple[Vectors, list[Vectors]]:
    """From looks to texts, one example a picture: it weighs as much as all its texts together."""
    rows, of = np.unique(descriptions.picture_of, return_inverse=True)
    weights = np.zeros(len(rows), np.float32)
    np.add.at(weights, of, descriptions.weights)
    means = np.zeros((len(rows), descriptions.texts.shape[1]), np.float32)
    np.add.at(means, of, descriptions.texts * (descriptions.weights / weights[of])[:, None])
    return ridge(descriptions.pictures.look[rows], means, weights, penalties)
