"""Searching pictures by what they mean and how they look, and joining that with texts that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.records import RetrieverScore, ScoredChunk
from engine.retrieval.exact import ExactVectors
from engine.retrieval.search import Hit

DEPTH = 200
"""Pictures asked for, and texts asked for where pictures are joined to them."""
_ABOVE_CHANCE = 4.0
_STANDS_OUT = 1.5
"""Standard deviations above the mean of all pictures."""
_RRF_K = 60


def by_chance(vectors: ExactVectors, background: NDArray[np.float32]) -> float:
    """What a picture has to score to be an answer to words, among texts that may be as well.

    Words fit some picture best whatever they are about. `background` are (n, dim) vectors of
    queries that no picture answers: how well the best picture fits each of them shows what comes
    by chance with these pictures. The limit lies four standard deviations above the mean of that.
    How far a picture stands out among the scores of one query does not tell (a third of all photos
    may show dogs).
    """
    _, _, held = vectors.arrays()
    if not len(held):
        return 1.0
    best = (held @ background.T).max(axis=0)
    return float(best.mean() + _ABOVE_CHANCE * best.std())


def showing(
    vectors: ExactVectors, unwanted: NDArray[np.float32], query: NDArray[np.float32] | None
) -> set[int]:
    """Pictures that show what is not wanted rather than what is.

    Those that stand out more among the scores of one of `unwanted`, (n, dim), than among those of
    the query, (dim,); without a query, those that stand out. Of photos with captions this left out
    a third of the first twenty that showed what was not wanted, and a fifteenth of those that
    showed what was; taking a share of the unwanted vector off the query's, as much, and a fifth.
    """
    _, documents, held = vectors.arrays()
    if not len(held):
        return set()
    limit = np.full(len(held), _STANDS_OUT, np.float32)
    if query is not None:
        limit = np.maximum(_standardised(held @ query), 0.0)
    out = (_standardised(held @ unwanted.T) > limit[:, np.newaxis]).any(axis=1)
    return {int(document) for document in documents[out]}


def joined(lists: Sequence[tuple[float, Sequence[Hit]]]) -> list[Hit]:
    """One list by the sum of weight / (60 + rank): scores of words and of pictures do not compare.

    The passages and scores of a document are those of all lists. Ties go to the first list.
    """
    totals: dict[int, float] = {}
    hits: dict[int, Hit] = {}
    for weight, ranked in lists:
        for rank, hit in enumerate(ranked, start=1):
            key = hit.document_id
            totals[key] = totals.get(key, 0.0) + weight / (_RRF_K + rank)
            known = hits.get(key)
            hits[key] = _together(known, hit) if known else hit
    best_first = sorted(totals, key=lambda key: -totals[key])
    return [replace(hits[key], score=totals[key]) for key in best_first]


def as_hits(run: Sequence[ScoredChunk], retriever: str) -> list[Hit]:
    """A run over pictures as hits without passages."""
    return [
        Hit(line.document_id, line.score, {retriever: RetrieverScore(rank, line.score)}, ())
        for rank, line in enumerate(run, start=1)
    ]


def _together(one: Hit, other: Hit) -> Hit:
    scores: Mapping[str, RetrieverScore] = one.scores | other.scores
    return replace(one, scores=dict(scores), passages=one.passages or other.passages)


def _standardised(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each column (or the only one) less its mean, in its standard deviations."""
    spread = scores.std(axis=0)
    standardised: NDArray[np.float32] = (scores - scores.mean(axis=0)) / np.where(
        spread > 0, spread, 1.0
    )
    return standardised
