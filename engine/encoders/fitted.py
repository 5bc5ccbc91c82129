"""An image encoder with what was fitted to the user's own pictures, be it a bridge or an adapter.

Nothing is encoded again for it: `meaning_of` makes its vectors of its base's, which are cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.encoders.bridge import Bridge, fit_bridge
from engine.encoders.clip_encoder import ClipEncoder
from engine.encoders.descriptions import Descriptions, Vectors
from engine.encoders.held_out import HeldOut, Setting, Tell
from engine.encoders.image_encoder import ImageEncoder, ImageVectors, Preprocessing
from engine.encoders.image_prepared import fingerprint_of
from engine.encoders.query_adapter import QueryAdapter, fit_query_adapter
from engine.errors import ModelRejected

FIT = "fit.safetensors"
_KINDS: dict[str, type[Bridge] | type[QueryAdapter]] = {"bridge": Bridge, "adapter": QueryAdapter}


class Fit(Protocol):
    """What was fitted: it changes what pictures mean, or queries."""

    @property
    def encoder_fingerprint(self) -> str:
        """Of the encoder whose vectors it takes."""

    @property
    def mean(self) -> Vectors:
        """Taken off first."""

    @property
    def weights(self) -> Vectors:
        """The regression."""

    @property
    def setting(self) -> Setting:
        """How it was held."""

    @property
    def fingerprint(self) -> str:
        """Changes with whatever it does."""

    def meaning(self, pictures: ImageVectors) -> Vectors:
        """What pictures mean, (n, d_meaning) float32, L2-normalised."""

    def queries(self, vectors: Vectors) -> Vectors:
        """What queries become, (n, d_meaning) float32, L2-normalised."""


class FittedEncoder:
    """An image encoder changed by a fit; every method may be called from any thread."""

    def __init__(self, base: ImageEncoder, fit: Fit) -> None:
        if fit.encoder_fingerprint != base.fingerprint:
            raise ModelRejected(
                "The fit is another model's",
                "It was fitted to vectors of another model for pictures.",
                "Fit it again.",
            )
        self.base = base
        """Whose vectors are cached."""
        self.fingerprint = fingerprint_of(base.fingerprint, fit.fingerprint)
        self.preprocessing: Preprocessing = base.preprocessing
        self.size, self.d_look, self.d_meaning = base.size, base.d_look, base.d_meaning
        self._fit = fit

    def encode_images(self, pixels: NDArray[np.uint8]) -> ImageVectors:
        """Vectors of pictures given as `prepared_pixels`, (n, size, size, 3) uint8."""
        vectors = self.base.encode_images(pixels)
        return ImageVectors(vectors.look, self.meaning_of(vectors))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of queries, (n, d_meaning) float32, L2-normalised."""
        return self._fit.queries(self.base.encode_queries(texts))

    def meaning_of(self, vectors: ImageVectors) -> Vectors:
        """What pictures mean, from the base's vectors: (n, d_meaning) float32, L2-normalised."""
        return self._fit.meaning(vectors)


def fit_to(
    encoder: ImageEncoder, descriptions: Descriptions, tell: Tell = lambda *_: None
) -> tuple[Fit, HeldOut]:
    """Fit what suits an encoder: to a CLIP an adapter of its queries, else a bridge.

    Raises NotEnoughData, InvalidInput.
    """
    if isinstance(encoder, ClipEncoder):
        return fit_query_adapter(descriptions, encoder.fingerprint, tell)
    return fit_bridge(descriptions, encoder.fingerprint, tell)


def save_fit(fit: Fit, folder: Path) -> None:
    """Write a fit into its model's folder; the caller sees to it that the disk keeps it."""
    from safetensors.numpy import save_file

    save_file(
        {"mean": fit.mean, "weights": np.ascontiguousarray(fit.weights)},
        folder / FIT,
        metadata={
            "kind": next(name for name, kind in _KINDS.items() if isinstance(fit, kind)),
            "encoder_fingerprint": fit.encoder_fingerprint,
            "share": repr(fit.setting.share),
            "penalty": repr(fit.setting.penalty),
        },
    )


def load_fitted(encoder: ImageEncoder, folder: Path) -> FittedEncoder:
    """The encoder of a fitted model's folder, `encoder` being its base.

    Raises ModelRejected where the fit is missing, damaged or another encoder's.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / FIT, framework="numpy") as file:
            said = file.metadata() or {}
            fit: Fit = _KINDS[said["kind"]](
                said["encoder_fingerprint"],
                file.get_tensor("mean"),
                file.get_tensor("weights"),
                Setting(float(said["penalty"]), float(said["share"])),
            )
        if fit.weights.ndim != 2 or fit.mean.shape != fit.weights.shape[:1]:
            raise ValueError("shapes do not fit")
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelRejected(
            "The fit cannot be read",
            f"{FIT} of the model {folder.name} is missing or damaged.",
            "Fit it again, or delete the model.",
        ) from error
    return FittedEncoder(encoder, fit)
