"""Whether a difference between two systems on the same queries is more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT_UP_TO = 16
"""With so many queries or fewer, all 2^n sign flips are tried instead of a sample."""

N_PERMUTATIONS = 20_000
N_RESAMPLES = 10_000
_DRAWS_AT_ONCE = 1 << 22
_ROUNDING = 1e-12


def randomisation_p(before: ArrayLike, after: ArrayLike, seed: int = 0) -> float:
    """Two-sided p of the paired randomisation test on the mean difference.

    Under the null hypothesis the two systems' values of a query might as well be exchanged, which
    flips the sign of its difference; p is the share of flips whose mean difference is at least as
    large, either way, as the observed one. Exact for `EXACT_UP_TO` queries or fewer, else from
    `N_PERMUTATIONS` seeded flips, the observed one counted among them (so p is never 0).

    Smucker, Allan and Carterette 2007, A comparison of statistical significance tests for
    information retrieval evaluation (CIKM).

    Args:
        before: `(n_queries,)` values of one system.
        after: `(n_queries,)` values of the other, in the same order.
        seed: of the random flips.
    """
    differences = _differences(before, after)
    # Queries without a difference flip to themselves: leaving them out changes nothing.
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    observed = abs(differences.sum()) - _ROUNDING
    if len(differences) <= EXACT_UP_TO:
        flips = np.arange(2 ** len(differences))[:, None] >> np.arange(len(differences)) & 1
        sums = (1 - 2 * flips) @ differences
        return float(np.mean(np.abs(sums) >= observed))
    generator = np.random.default_rng(seed)
    as_large = 1
    for n_flips in _batches(N_PERMUTATIONS - 1, len(differences)):
        flips = generator.integers(0, 2, size=(n_flips, len(differences)), dtype=np.int8)
        sums = (1 - 2 * flips) @ differences
        as_large += int(np.count_nonzero(np.abs(sums) >= observed))
    return as_large / N_PERMUTATIONS


def bootstrap_interval(
    before: ArrayLike, after: ArrayLike, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap confidence interval of the mean difference, after - before.

    The queries are drawn with replacement `N_RESAMPLES` times. Sakai 2006, Evaluating evaluation
    metrics based on the bootstrap (SIGIR); Efron and Tibshirani 1993, chapter 13.

    Args:
        before: `(n_queries,)` values of one system, at least one.
        after: `(n_queries,)` values of the other, in the same order.
        level: share of resamples inside the interval.
        seed: of the resampling.
    """
    differences = _differences(before, after)
    if not len(differences):
        raise ValueError("no queries, no interval")
    generator = np.random.default_rng(seed)
    means = [
        differences[generator.integers(0, len(differences), (n, len(differences)))].mean(axis=1)
        for n in _batches(N_RESAMPLES, len(differences))
    ]
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for how many comparisons they are of, in the same order.

    The smallest of m is multiplied by m, the next by m - 1, and so on, none coming out below the
    one before. Holm 1979, A simple sequentially rejective multiple test procedure (Scandinavian
    Journal of Statistics): the chance of any false alarm stays below the level.
    """
    corrected = [1.0] * len(p_values)
    highest = 0.0
    for place, number in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[number]))
        corrected[number] = highest
    return corrected


def effect_size(before: ArrayLike, after: ArrayLike) -> float:
    """Mean of after - before over its standard deviation (n - 1): Cohen's d of paired values.

    0 where there is no difference, or fewer than two queries; infinite where all differ by the
    same. Cohen 1988, Statistical power analysis for the behavioral sciences, chapter 2 (d_z).
    """
    differences = _differences(before, after)
    if len(differences) < 2:
        return 0.0
    gain, spread = float(differences.mean()), float(differences.std(ddof=1))
    if abs(gain) < _ROUNDING:
        return 0.0
    return gain / spread if spread > _ROUNDING else math.copysign(math.inf, gain)


def _differences(before: ArrayLike, after: ArrayLike) -> NDArray[np.float64]:
    first, second = np.asarray(before, np.float64), np.asarray(after, np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"values are not paired: {first.shape} and {second.shape}")
    return second - first


def _batches(n_draws: int, n_queries: int) -> list[int]:
    """Sizes that add up to `n_draws`, each small enough to be held in memory."""
    size = max(1, _DRAWS_AT_ONCE // n_queries)
    return [min(size, n_draws - start) for start in range(0, n_draws, size)]
