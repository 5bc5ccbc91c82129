"""Whether two samples differ by more than chance: vectors of queries, and values of a measure.

Both are permutation tests: were the samples of one kind, it would not matter which is which.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_PERMUTATIONS = 999


def energy_p(first: NDArray[np.float32], second: NDArray[np.float32], seed: int = 0) -> float:
    """P of the energy distance of two samples of vectors, (n, dim) and (m, dim).

    Székely and Rizzo 2004, Testing for equal distributions in high dimension (InterStat).
    """
    pooled = np.concatenate([first, second]).astype(np.float64)
    squares = (pooled**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * pooled @ pooled.T, 0.0))
    n = len(first)
    generator = np.random.default_rng(seed)

    def energy(order: NDArray[np.intp]) -> float:
        one, other = order[:n], order[n:]
        between = apart[np.ix_(one, other)].mean()
        within = apart[np.ix_(one, one)].mean() + apart[np.ix_(other, other)].mean()
        return float(2 * between - within)

    observed = energy(np.arange(len(pooled))) - 1e-12
    larger = sum(
        energy(generator.permutation(len(pooled))) >= observed for _ in range(_PERMUTATIONS)
    )
    return (larger + 1) / (_PERMUTATIONS + 1)


def fall_p(before: Sequence[float], after: Sequence[float], seed: int = 0) -> float:
    """One-sided p of a fall of the mean from one sample of values to another, not paired."""
    pooled = np.array([*before, *after], np.float64)
    n = len(before)
    generator = np.random.default_rng(seed)

    def fall(values: NDArray[np.float64]) -> float:
        return float(values[:n].mean() - values[n:].mean())

    observed = fall(pooled) - 1e-12
    larger = sum(fall(generator.permutation(pooled)) >= observed for _ in range(_PERMUTATIONS))
    return (larger + 1) / (_PERMUTATIONS + 1)
