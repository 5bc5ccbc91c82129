"""The instant adapter: a linear map of a bi-encoder's queries. Passages keep their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelRejected

ADAPTER = "adapter.safetensors"
_WEIGHTS, _OF = "weights", "fingerprint"


@dataclass(frozen=True, slots=True)
class TextAdapter:
    """A fitted adapter for the queries of one encoder."""

    encoder_fingerprint: str
    """Of the encoder whose vectors it maps, and of the passages that they are compared with."""
    weights: NDArray[np.float32]
    """(dim, dim)."""

    def queries(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """What queries become, (n, dim) float32, L2-normalised."""
        mapped: NDArray[np.float32] = vectors @ self.weights
        lengths = np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-12)
        return np.asarray(mapped / lengths, np.float32)


def write_adapter(adapter: TextAdapter, folder: Path) -> None:
    """Write it into its model's folder."""
    from safetensors.numpy import save_file

    weights = np.ascontiguousarray(adapter.weights, np.float32)
    save_file({_WEIGHTS: weights}, folder / ADAPTER, {_OF: adapter.encoder_fingerprint})


def read_adapter(folder: Path, encoder_fingerprint: str, dim: int) -> TextAdapter:
    """The adapter in a model's folder, for an encoder whose vectors have `dim` numbers.

    Raises ModelRejected where it is missing, damaged, or another encoder's.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / ADAPTER, "np") as file:
            of = (file.metadata() or {}).get(_OF, "")
            weights = file.get_tensor(_WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise ModelRejected(
            "Adapter cannot be read",
            f"{ADAPTER} of {folder.name} is missing or damaged.",
            "Restore its folder from a backup, or delete the model and fit it again.",
        ) from error
    fits = weights.shape == (dim, dim) and weights.dtype == np.float32
    if of != encoder_fingerprint or not fits or not np.isfinite(weights).all():
        raise ModelRejected(
            "The adapter is another model's",
            f"{folder.name} was fitted to other vectors than its model makes now.",
            "Fit it again.",
        )
    return TextAdapter(of, weights)
