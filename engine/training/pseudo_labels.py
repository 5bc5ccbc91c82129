"""Which of the passages that were found for a query answers it, by a cross-encoder's scores.

Generative pseudo labelling: Wang, Thakur, Reimers and Gurevych 2022 (GPL, arXiv 2112.07577). There
the margin between positive and negatives is learnt rather than who is which, so that a negative
that answers too does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RELEVANT_FROM = 2.0
"""Logit from which on a passage clearly answers a query: 88 %."""


@dataclass(frozen=True, slots=True)
class PseudoLabels:
    """Rows of the passages that were scored."""

    positive: int
    negatives: tuple[int, ...]
    """The best first."""


def pseudo_labels(scores: Sequence[float], n: int) -> PseudoLabels | None:
    """The best passage as the positive, and n others spread over the range of scores below it.

    None where no passage clearly answers the query, or where there is no other.

    Args:
        scores: a cross-encoder's logits of different documents' passages.
        n: negatives; all others where they are no more.
    """
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], row))
    if len(order) < 2 or scores[order[0]] < RELEVANT_FROM or n < 1:
        return None
    others = order[1:]
    if len(others) > n:
        step = (len(others) - 1) / max(n - 1, 1)
        others = [others[round(place * step)] for place in range(n)]
    return PseudoLabels(order[0], tuple(others))
