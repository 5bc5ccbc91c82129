"""Ridge regression (Hoerl and Kennard 1970) from vectors to vectors, in closed form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def ridge(
    inputs: Vectors, targets: Vectors, weights: Vectors, penalties: Sequence[float]
) -> tuple[Vectors, list[Vectors]]:
    """The inputs' mean (p,) and, by penalty, the regression (p, d) from centred to centred.

    Solved over examples or over dimensions, whichever are fewer; one decomposition serves all
    penalties.

    Args:
        inputs: (n, p) float32.
        targets: (n, d) float32.
        weights: (n,) above 0: how much an example counts; only their proportions matter.
        penalties: an example, on the squares of the regression's numbers.
    """
    share = (weights / weights.mean()).astype(np.float64)
    mean = np.average(inputs, axis=0, weights=share)
    root = np.sqrt(share)[:, None]
    scaled = root * (inputs - mean)
    wanted = root * (targets - np.average(targets, axis=0, weights=share))
    if len(inputs) < inputs.shape[1]:
        values, basis = np.linalg.eigh(scaled @ scaled.T)
        left, right = scaled.T @ basis, basis.T @ wanted
    else:
        values, left = np.linalg.eigh(scaled.T @ scaled)
        right = left.T @ (scaled.T @ wanted)
    values = np.maximum(values, 0.0)[:, None]
    return mean.astype(np.float32), [
        np.asarray(left @ (right / (values + penalty * len(inputs))), dtype=np.float32)
        for penalty in penalties
    ]
