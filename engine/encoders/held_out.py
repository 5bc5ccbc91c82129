"""How well texts find pictures that nothing was fitted to: cross-validation over pictures.

A description is judged by a fit that saw neither its picture nor, on any other picture, its text.
What a fit is held by (`Setting`) is chosen by the same ranks; what is reported of a fold comes from
the setting that is best on the others, so that it was not chosen for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.encoders.descriptions import Descriptions, Rows, Vectors
from engine.encoders.image_encoder import ImageVectors

FOLDS = 5
_MAX_JUDGED = 2000
"""Descriptions that ranks are computed for; a sample of them where there are more."""
MAX_OTHERS = 5000
"""Pictures beside theirs that they are told apart from; a sample likewise."""
_DEPTH = 10
_CUTOFFS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a fit is held."""

    penalty: float
    """Of the regression, an example."""
    share: float
    """Of the regression in the mix, 0 to 1; at 0 nothing changes."""


PENALTIES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1)
SHARES = (0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)

Trials = Callable[[Descriptions, Vectors, ImageVectors], Iterator[tuple[Setting, Vectors]]]
"""Fits to descriptions and scores queries (q, d_meaning) against pictures, (q, n), by setting; the
scores may be overwritten."""
Tell = Callable[[int, int], None]
"""Takes how many folds are done, of how many; may raise (JobCancelled) to give up."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How well held-out descriptions find their pictures before and after a fit."""

    n_pictures: int
    """That are described."""
    n_texts: int
    """That describe them."""
    n_judged: int
    """Pictures of which texts were ranked for: all of them, or a sample."""
    recall_before: dict[int, float]
    """R@1, R@5 and R@10 by cutoff, 0 to 1: share of texts whose picture is among the first."""
    recall_after: dict[int, float]
    ndcg_before: dict[str, float]
    """nDCG@10 by what is independent: a picture, or those that one text describes."""
    ndcg_after: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Judged:
    """The descriptions that are ranked for, and what they are ranked among."""

    rows: Rows
    """(j,) of the descriptions."""
    candidates: ImageVectors
    own: Rows
    """(j,) where among the candidates the described picture is."""
    hidden: tuple[Rows, Rows]
    """Which of the j, and which candidates the same text describes as well: neither right nor wrong
    (filtered ranks: Bordes et al. 2013)."""


def cross_validated(
    descriptions: Descriptions, trials: Trials, tell: Tell = lambda *_: None
) -> tuple[Setting, HeldOut]:
    """The best setting, and how well held-out descriptions do without and with a fit."""
    folds = folds_of(descriptions.picture_of)
    judged = _judged(descriptions)
    queries = descriptions.texts[judged.rows]
    before = _ranks(queries @ judged.candidates.meaning.T, judged, np.arange(len(queries)))
    ranks: dict[Setting, Rows] = {}
    for fold in range(FOLDS):
        tell(fold, FOLDS)
        held = folds == fold
        asked = np.flatnonzero(held[judged.rows])
        seen = ~held & ~np.isin(descriptions.text_of, descriptions.text_of[held])
        if len(np.unique(descriptions.picture_of[seen])) < FOLDS:
            continue  # nearly all pictures share their texts: nothing can be fitted to the others
        train = descriptions.among(seen)
        for setting, scores in trials(train, queries[asked], judged.candidates):
            found = ranks.setdefault(setting, before.copy())
            found[asked] = _ranks(scores, judged, asked)
    tell(FOLDS, FOLDS)
    weights = descriptions.weights[judged.rows].astype(np.float64)
    after = _not_chosen_for(ranks, folds[judged.rows], weights, before)
    best = _best(ranks, weights, before)
    units = _units(descriptions)[judged.rows]
    return best, HeldOut(
        n_pictures=descriptions.n_described,
        n_texts=len(descriptions.texts),
        n_judged=len(np.unique(descriptions.picture_of[judged.rows])),
        recall_before=_recalls(before, weights),
        recall_after=_recalls(after, weights),
        ndcg_before=_by_unit(_ndcg(before), weights, units),
        ndcg_after=_by_unit(_ndcg(after), weights, units),
    )


def folds_of(picture_of: Rows) -> Rows:
    """The fold of each description's picture, (m,); always the same.

    Folds differ by one picture at most.
    """
    pictures, of = np.unique(picture_of, return_inverse=True)
    fold: Rows = np.random.default_rng(0).permutation(len(pictures)) % FOLDS
    return fold[of]


def _judged(descriptions: Descriptions) -> _Judged:
    random = np.random.default_rng(0)
    rows = _sample(random, np.arange(len(descriptions.texts)), _MAX_JUDGED)
    described = np.unique(descriptions.picture_of[rows])
    others = np.setdiff1d(np.arange(len(descriptions.pictures.look)), described)
    columns = np.union1d(described, _sample(random, others, MAX_OTHERS))
    pictures = descriptions.pictures
    return _Judged(
        rows,
        ImageVectors(pictures.look[columns], pictures.meaning[columns]),
        np.searchsorted(columns, descriptions.picture_of[rows]),
        _hidden(descriptions, rows, columns),
    )


def _sample(random: np.random.Generator, rows: Rows, most: int) -> Rows:
    return rows if len(rows) <= most else np.sort(random.choice(rows, most, replace=False))


def _hidden(descriptions: Descriptions, rows: Rows, columns: Rows) -> tuple[Rows, Rows]:
    pictures: dict[int, set[int]] = {}
    for text, picture in zip(
        descriptions.text_of.tolist(), descriptions.picture_of.tolist(), strict=True
    ):
        pictures.setdefault(text, set()).add(picture)
    pairs = [
        (judged, picture)
        for judged, row in enumerate(rows.tolist())
        for picture in pictures[int(descriptions.text_of[row])]
        if picture != descriptions.picture_of[row]
    ]
    if not pairs:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    queries, others = np.array(pairs, np.int64).T
    among = np.isin(others, columns)
    return queries[among], np.searchsorted(columns, others[among])


def _ranks(scores: Vectors, judged: _Judged, asked: Rows) -> Rows:
    """The rank of each asked description's picture, from 1; a tie counts against it.

    `scores` are (len(asked), n_candidates), and are overwritten.
    """
    place = np.full(len(judged.rows), -1)
    place[asked] = np.arange(len(asked))
    queries, columns = judged.hidden
    mine = place[queries] >= 0
    scores[place[queries[mine]], columns[mine]] = -np.inf
    own = scores[np.arange(len(asked)), judged.own[asked]]
    ranks: Rows = (scores >= own[:, None]).sum(axis=1)
    return ranks


def _best(ranks: dict[Setting, Rows], weights: NDArray[np.float64], before: Rows) -> Setting:
    """The setting of the best mean reciprocal rank, of equals the mildest.

    Where none is better than nothing, it is one that changes nothing.
    """
    best = Setting(PENALTIES[-1], 0.0)
    most = float(np.average(1 / before, weights=weights))
    for setting in sorted(ranks, key=lambda setting: (setting.share, -setting.penalty)):
        value = float(np.average(1 / ranks[setting], weights=weights))
        if setting.share > 0 and value > most + 1e-12:
            best, most = setting, value
    return best


def _not_chosen_for(
    ranks: dict[Setting, Rows], folds: Rows, weights: NDArray[np.float64], before: Rows
) -> Rows:
    """By each fold's best setting on the other folds, the ranks."""
    chosen = before.copy()
    for fold in range(FOLDS):
        held = folds == fold
        if held.all() or not held.any():
            continue
        others = {setting: found[~held] for setting, found in ranks.items()}
        setting = _best(others, weights[~held], before[~held])
        if setting.share > 0:
            chosen[held] = ranks[setting][held]
    return chosen


def _units(descriptions: Descriptions) -> Rows:
    """By description a number that those of one picture share, and of one text's pictures.

    Texts of one picture are found or missed together, and so are pictures that were described
    alike at once: they are no independent evidence. A picture goes with its weightiest text.
    """
    order = np.lexsort((descriptions.text_of, -descriptions.weights, descriptions.picture_of))
    pictures, first = np.unique(descriptions.picture_of[order], return_index=True)
    told_by = descriptions.text_of[order][first]
    units: Rows = told_by[np.searchsorted(pictures, descriptions.picture_of)]
    return units


def _by_unit(
    values: NDArray[np.float64], weights: NDArray[np.float64], units: Rows
) -> dict[str, float]:
    names, of = np.unique(units, return_inverse=True)
    means = np.bincount(of, values * weights) / np.bincount(of, weights)
    return {str(name): float(value) for name, value in zip(names, means, strict=True)}


def _ndcg(ranks: Rows) -> NDArray[np.float64]:
    """nDCG@10 where one picture is right."""
    return np.where(ranks <= _DEPTH, 1 / np.log2(ranks + 1.0), 0.0)


def _recalls(ranks: Rows, weights: NDArray[np.float64]) -> dict[int, float]:
    return {k: float(np.average(ranks <= k, weights=weights)) for k in _CUTOFFS}
