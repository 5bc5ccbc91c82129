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
_RRF_K = 60


def standing_out(
    vectors: ExactVectors, query: NDArray[np.float32], least: float
) -> list[ScoredChunk]:
    """Pictures whose score lies `least` standard deviations above the mean of all, best first.

    Words fit some picture best whatever they are about: only a picture that fits them much better
    than pictures do in general is an answer. Of n pictures one can lie (n - 1) / sqrt(n) above the
    mean at most, so that of few none stands out.
    """
    _, _, held = vectors.arrays()
    scores = held @ query
    spread = float(scores.std()) if len(scores) else 0.0
    if spread == 0.0:
        return []
    limit = float(scores.mean()) + least * spread
    return [hit for hit in vectors.search(query, DEPTH) if hit.score >= limit]


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
