"""What a bridge gains on pictures that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
_MAX_JUDGED = 2000
"""Captions that ranks are computed for; a sample of them where there are more."""
_DEPTH = 10
_FLIPS = 10_000
_SIGNIFICANT = 0.05
_BLOCK = 512

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gain:
    """Recall at ten without and with a bridge, on held-out pictures."""

    pictures: int
    """That the bridge was fitted to."""
    captions: int
    """That describe them."""
    recall_before: float
    """R@10, 0 to 1: share of captions whose picture is among the first ten."""
    recall_after: float
    p_value: float
    """Of a paired, two-sided randomisation test over pictures."""

    @property
    def helps(self) -> bool:
        """Whether the bridge finds more, and hardly by chance."""
        return self.recall_after > self.recall_before and self.p_value < _SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Judged:
    """The captions that are ranked for."""

    captions: Rows
    """(m,) rows."""
    pictures: Rows
    """(m,) rows of what they describe."""
    folds: Rows
    """(m,) folds that those are held out in."""
    all_folds: Rows
    """The folds of all captions' pictures, whether ranked for or not."""


def folds_of(pictures: int) -> Rows:
    """The fold of each picture, (n,), of sizes that differ by one at most; always the same."""
    return np.random.default_rng(0).permutation(pictures) % FOLDS


def judged_captions(picture_of: Rows, folds: Rows) -> Judged:
    """All captions, or a sample; `folds` are those of the captions' pictures."""
    captions = np.arange(len(picture_of))
    if len(captions) > _MAX_JUDGED:
        captions = np.sort(np.random.default_rng(0).choice(captions, _MAX_JUDGED, replace=False))
    return Judged(captions, picture_of[captions], folds[captions], folds)


def ranks_of(queries: Vectors, meaning: Vectors, right: Rows) -> Rows:
    """The rank of each query's picture, from 1, (m,); a tie counts against it."""
    ranks = np.empty(len(queries), np.int64)
    for start in range(0, len(queries), _BLOCK):
        block = slice(start, start + _BLOCK)
        scores = queries[block] @ meaning.T
        own = scores[np.arange(len(scores)), right[block]]
        ranks[block] = (scores >= own[:, None]).sum(axis=1)
    return ranks


def gain_of(
    before: Rows, after: Sequence[Rows], judged: Judged, pictures: int, captions: int
) -> Gain:
    """The gain, from held-out ranks without a bridge and with each setting of it.

    A fold's setting is the one with the best mean reciprocal rank on the other folds, so that
    what is reported was not chosen for.
    """
    chosen = np.empty_like(before)
    for fold in range(FOLDS):
        held = judged.folds == fold
        best = max(after, key=lambda ranks: float((1 / ranks[~held]).mean()))
        chosen[held] = best[held]
    was, now = before <= _DEPTH, chosen <= _DEPTH
    return Gain(
        pictures,
        captions,
        float(was.mean()),
        float(now.mean()),
        p_value(now.astype(float) - was, judged.pictures),
    )


def p_value(differences: NDArray[np.float64], groups: Rows) -> float:
    """Of a paired, two-sided randomisation test (Fisher 1935) that flips a group's signs as one.

    Captions of one picture are found or missed together: they are no independent evidence.
    """
    _, group = np.unique(groups, return_inverse=True)
    sums = np.bincount(group, differences)
    random = np.random.default_rng(0)
    observed, extreme = abs(sums.sum()) - 1e-9, 0
    for _ in range(_FLIPS // _BLOCK + 1):
        flips = random.integers(0, 2, (_BLOCK, len(sums))) * 2 - 1
        extreme += int((np.abs(flips @ sums) >= observed).sum())
    return (extreme + 1) / ((_FLIPS // _BLOCK + 1) * _BLOCK + 1)
