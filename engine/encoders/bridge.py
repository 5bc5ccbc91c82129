"""A bridge from how pictures look to what their captions say, fitted to the user's own pictures.

Ridge regression from look vectors to caption vectors (Hoerl and Kennard 1970), mixed with what the
encoder itself takes a picture to mean. The mix is one vector a picture, so that it is indexed and
searched like any other. How hard the regression is held and how much of it is mixed in are chosen
by cross-validation over pictures, and so is what the bridge is said to gain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.bridge_gain import (
    FOLDS,
    Gain,
    Judged,
    folds_of,
    gain_of,
    judged_captions,
    ranks_of,
)
from engine.encoders.image_encoder import ImageEncoder, ImageVectors, Preprocessing, unit
from engine.encoders.image_prepared import fingerprint_of
from engine.errors import InvalidInput, ModelRejected, NotEnoughData

_MIN_PICTURES = 40
_PENALTIES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1)
"""Of the regression, a picture."""
_SHARES = (0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
"""Of the regression in the mix."""

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bridge:
    """A fitted bridge for the pictures of one encoder."""

    encoder_fingerprint: str
    """Of the image encoder whose vectors it takes."""
    look_mean: Vectors
    """(d_look,) float32: taken off a picture's look first."""
    weights: Vectors
    """(d_look, d_meaning) float32: from there to captions less their mean."""
    share: float
    """Of the regression in the mix, 0 to 1; the rest is the encoder's own meaning."""
    penalty: float
    """That the regression was held with, a picture."""

    @property
    def fingerprint(self) -> str:
        """Changes with whatever the bridge does, 32 hex digits."""
        arrays = hashlib.sha256(self.look_mean.tobytes() + self.weights.tobytes()).hexdigest()
        return fingerprint_of(self.encoder_fingerprint, arrays, self.share)

    def meaning(self, pictures: ImageVectors) -> Vectors:
        """What the pictures mean, (n, d_meaning) float32, L2-normalised."""
        predicted = (pictures.look - self.look_mean) @ self.weights
        return _mixed(predicted.astype(np.float32, copy=False), pictures, self.share)


@dataclass(frozen=True, slots=True)
class FittedBridge:
    """A bridge and what it may be expected to gain."""

    bridge: Bridge
    gain: Gain


class BridgedEncoder:
    """An image encoder whose pictures mean what a bridge makes of them."""

    def __init__(self, encoder: ImageEncoder, bridge: Bridge) -> None:
        if bridge.encoder_fingerprint != encoder.fingerprint:
            raise ModelRejected(
                "Bridge does not fit",
                "It was fitted to vectors of another model for pictures.",
                "Fit it again.",
            )
        self.fingerprint = fingerprint_of(encoder.fingerprint, bridge.fingerprint)
        self.preprocessing: Preprocessing = encoder.preprocessing
        self.size, self.d_look, self.d_meaning = encoder.size, encoder.d_look, encoder.d_meaning
        self._encoder = encoder
        self._bridge = bridge

    def encode_images(self, pixels: NDArray[np.uint8]) -> ImageVectors:
        """Vectors of pictures given as `prepared_pixels`, (n, size, size, 3) uint8."""
        vectors = self._encoder.encode_images(pixels)
        return ImageVectors(vectors.look, self._bridge.meaning(vectors))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of queries, (n, d_meaning) float32, L2-normalised."""
        return self._encoder.encode_queries(texts)


def fit_bridge(
    pictures: ImageVectors, captions: Vectors, picture_of: Rows, encoder_fingerprint: str
) -> FittedBridge:
    """Fit a bridge to pictures and texts that describe them.

    `captions` are (m, d_meaning) float32 vectors of `encode_queries`, `picture_of` (m,) the row of
    the picture that each describes. Pictures that no text describes are not learned from; they are
    what captions' own pictures are told apart from. Raises NotEnoughData, InvalidInput.
    """
    _check(pictures, captions, picture_of)
    described, picture_of_described = np.unique(picture_of, return_inverse=True)
    judged = judged_captions(picture_of, folds_of(len(described))[picture_of_described])
    ranks = _held_out_ranks(pictures, captions, picture_of, judged)
    penalty, share = max(ranks, key=lambda setting: float((1 / ranks[setting]).mean()))
    before = ranks_of(captions[judged.captions], pictures.meaning, judged.pictures)
    look = pictures.look[described]
    (weights,) = _regressions(look, captions, picture_of_described, (penalty,))
    return FittedBridge(
        Bridge(encoder_fingerprint, look.mean(axis=0), weights, share, penalty),
        gain_of(before, list(ranks.values()), judged, len(described), len(captions)),
    )


def save_bridge(bridge: Bridge, path: Path) -> None:
    """Write a bridge as safetensors; the caller sees to it that the disk keeps it."""
    from safetensors.numpy import save_file

    save_file(
        {"look_mean": bridge.look_mean, "weights": np.ascontiguousarray(bridge.weights)},
        path,
        metadata={
            "encoder_fingerprint": bridge.encoder_fingerprint,
            "share": repr(bridge.share),
            "penalty": repr(bridge.penalty),
        },
    )


def load_bridge(path: Path) -> Bridge:
    """Read a bridge; raises ModelRejected where it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            said = file.metadata() or {}
            bridge = Bridge(
                said["encoder_fingerprint"],
                file.get_tensor("look_mean"),
                file.get_tensor("weights"),
                float(said["share"]),
                float(said["penalty"]),
            )
        if bridge.look_mean.shape != bridge.weights.shape[:1] or bridge.weights.ndim != 2:
            raise ValueError("shapes do not fit")
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelRejected(
            "Bridge cannot be read", f"{path.name} is missing or damaged.", "Fit it again."
        ) from error
    return bridge


def _check(pictures: ImageVectors, captions: Vectors, picture_of: Rows) -> None:
    """Refuse what cannot be fitted."""
    dim = pictures.meaning.shape[1]
    if captions.shape != (len(picture_of), dim):
        raise InvalidInput(
            "Texts do not fit", "The texts' vectors are not in the space of the pictures'."
        )
    if len(picture_of) and not 0 <= picture_of.min() <= picture_of.max() < len(pictures.look):
        raise InvalidInput("Texts do not fit", "A text belongs to a picture that is not there.")
    found = len(np.unique(picture_of))
    if found < _MIN_PICTURES:
        raise NotEnoughData(
            "Too few described pictures",
            f"{found} pictures have a text that describes them; {_MIN_PICTURES} are needed to learn"
            " from.",
            "Judge more pictures for queries, or give pictures captions.",
        )


def _held_out_ranks(
    pictures: ImageVectors, captions: Vectors, picture_of: Rows, judged: Judged
) -> dict[tuple[float, float], Rows]:
    """By penalty and share, the rank of each judged caption's picture among all pictures.

    A caption is judged with a regression that saw neither it nor its picture. The others are all
    mapped by that same one, as they would be in use: regressions of several folds differ by what
    their means differ, which hides what they have learned.
    """
    ranks = {
        (penalty, share): np.empty(len(judged.captions), np.int64)
        for penalty in _PENALTIES
        for share in _SHARES
    }
    for fold in range(FOLDS):
        asked = judged.folds == fold
        seen = judged.all_folds != fold
        rows, row_of = np.unique(picture_of[seen], return_inverse=True)
        look = pictures.look[rows]
        fitted = _regressions(look, captions[seen], row_of, _PENALTIES)
        queries, right = captions[judged.captions[asked]], judged.pictures[asked]
        for penalty, weights in zip(_PENALTIES, fitted, strict=True):
            predicted = (pictures.look - look.mean(axis=0)) @ weights
            for share in _SHARES:
                meaning = _mixed(predicted, pictures, share)
                ranks[penalty, share][asked] = ranks_of(queries, meaning, right)
    return ranks


def _regressions(
    look: Vectors, captions: Vectors, picture_of: Rows, penalties: Sequence[float]
) -> list[Vectors]:
    """The weights (d_look, d_meaning) of ridge regressions; every picture has a caption.

    Solved over pictures or over dimensions, whichever are fewer; one decomposition serves all
    penalties.
    """
    counts = np.bincount(picture_of, minlength=len(look)).astype(np.float64)
    sums = np.zeros((len(look), captions.shape[1]))
    np.add.at(sums, picture_of, captions - captions.mean(axis=0))
    # A picture's captions weigh as much as they are many, a picture one in the mean.
    scale = np.sqrt(counts / counts.mean())[:, None]
    inputs = scale * (look.astype(np.float64) - look.mean(axis=0))
    targets = scale * sums / counts[:, None]
    if len(look) < look.shape[1]:
        values, basis = np.linalg.eigh(inputs @ inputs.T)
        left, right = inputs.T @ basis, basis.T @ targets
    else:
        values, left = np.linalg.eigh(inputs.T @ inputs)
        right = left.T @ (inputs.T @ targets)
    values = np.maximum(values, 0.0)[:, None]
    return [
        np.asarray(left @ (right / (values + penalty * len(look))), dtype=np.float32)
        for penalty in penalties
    ]


def _mixed(predicted: Vectors, pictures: ImageVectors, share: float) -> Vectors:
    return unit(share * unit(predicted) + (1 - share) * pictures.meaning)
