"""A cross-encoder's second opinion on the best of the fused list."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from engine.records import RetrieverScore
from engine.retrieval.fusion import FusedDocument

DEPTH = 20
"""Documents that are reranked, each by its best passage."""
WEIGHT = 0.5
"""Share of the cross-encoder against the fused score. With half, nDCG@10 rose a little on each of
SciFact, Cranfield and Wikipedia summaries; the cross-encoder alone was worse than no reranking on
the first two."""


def blended(
    documents: Sequence[FusedDocument], logits: Sequence[float], weight: float = WEIGHT
) -> list[FusedDocument]:
    """Reorder the first `len(logits)` documents; those after them keep their order below.

    Of these first ones, both the fused score and the logit (through a sigmoid, as it was trained)
    are mapped to 0 to 1, and blended with `weight` as the logit's share.
    """
    head, tail = list(documents[: len(logits)]), list(documents[len(logits) :])
    if not head:
        return tail
    judged = _unit([1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit)))) for logit in logits])
    fused = _unit([document.score for document in head])
    order = sorted(range(len(head)), key=lambda i: -logits[i])
    rank = {i: place for place, i in enumerate(order, start=1)}
    rescored = [
        replace(
            document,
            # Above whatever was not reranked, whose scores are another scale.
            score=1.0 + weight * judged[i] + (1.0 - weight) * fused[i],
            scores=document.scores | {"reranker": RetrieverScore(rank[i], logits[i])},
        )
        for i, document in enumerate(head)
    ]
    return sorted(rescored, key=lambda document: (-document.score, document.document_id)) + tail


def _unit(values: Sequence[float]) -> list[float]:
    least, span = min(values), max(values) - min(values)
    return [(value - least) / span if span > 0 else 1.0 for value in values]
