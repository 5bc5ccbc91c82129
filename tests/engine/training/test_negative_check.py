"""Candidates for negatives against the positive's score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.training.negative_check import Checked, check, state_of


@pytest.mark.parametrize(
    ("margin", "state"),
    [(1.01, "hard"), (1.0, "doubtful"), (0.0, "doubtful"), (-0.01, "false"), (9.0, "hard")],
)
def test_that_the_margin_tells_the_state(margin: float, state: str) -> None:
    assert state_of(margin, 1.0) == state


class Scorer:
    """Scores a passage as the number that it is, and counts."""

    def __init__(self) -> None:
        self.scored: list[str] = []

    def __call__(self, passages: Sequence[str]) -> NDArray[np.float32]:
        self.scored += passages
        return np.array([float(text) for text in passages], dtype=np.float32)


def test_that_candidates_are_told_apart_in_their_order() -> None:
    assert check(["6", "4.5", "2", "-3"], 5.0, Scorer(), 1.0, 5) == [
        Checked(0, -1.0, "false"),
        Checked(1, 0.5, "doubtful"),
        Checked(2, 3.0, "hard"),
        Checked(3, 8.0, "hard"),
    ]


def test_that_no_more_are_scored_than_needed() -> None:
    scorer = Scorer()
    checked = check([str(-n) for n in range(100)], 5.0, scorer, 1.0, 5)
    assert [each.row for each in checked] == [0, 1, 2, 3, 4]
    assert len(scorer.scored) == 8


def test_that_a_query_whose_candidates_all_answer_is_given_up() -> None:
    scorer = Scorer()
    checked = check(["9"] * 1000, 5.0, scorer, 1.0, 5)
    assert {each.state for each in checked} == {"false"}
    assert len(scorer.scored) == 20


def test_that_nothing_is_asked_without_candidates() -> None:
    assert check([], 5.0, Scorer(), 1.0, 5) == []
