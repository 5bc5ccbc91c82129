"""Checks candidates for hard negatives with a cross-encoder, against the positive.

A passage that scores nearly as high as the positive is likely relevant and was merely never judged:
positive-aware mining of Moreira et al. 2024, NV-Retriever (arXiv 2407.15831), with the margin on a
cross-encoder's logits in the place of a share of a bi-encoder's cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.training_records import NegativeState

_AT_ONCE = 4
_A_WANTED = 4
"""Candidates scored at most for every negative that is wanted."""

Score = Callable[[Sequence[str]], NDArray[np.float32]]
"""A cross-encoder's logits of passages for one query, (n,) float32."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the cross-encoder says of a candidate."""

    row: int
    """Among the candidates."""
    margin: float
    """The positive's logit less its own."""
    state: NegativeState


def state_of(margin: float, least: float) -> NegativeState:
    """Hard where it is more than `least` below the positive, false where above, else doubtful."""
    if margin < 0:
        return "false"
    return "hard" if margin > least else "doubtful"


def check(
    candidates: Sequence[str], positive: float, score: Score, least: float, wanted: int
) -> list[Checked]:
    """Score candidates in their order until enough of them are hard; all that were scored.

    Args:
        candidates: passages, the likeliest to be hard first.
        positive: the positive's logit.
        score: asked for a few passages at a time.
        least: the margin, in logits, from which on a candidate is hard.
        wanted: hard ones.
    """
    checked: list[Checked] = []
    n_hard = 0
    for start in range(0, min(len(candidates), _A_WANTED * wanted), _AT_ONCE):
        if n_hard >= wanted:
            break
        logits = score(candidates[start : start + _AT_ONCE])
        for row, logit in enumerate(logits, start=start):
            margin = positive - float(logit)
            state = state_of(margin, least)
            if state == "hard":
                n_hard += 1
                if n_hard > wanted:
                    continue
            checked.append(Checked(row, margin, state))
    return checked
