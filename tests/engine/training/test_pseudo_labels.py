"""What answers a query, by scores alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.training.pseudo_labels import RELEVANT_FROM, PseudoLabels, pseudo_labels


def test_that_the_best_is_the_positive_and_the_others_cover_the_range() -> None:
    assert pseudo_labels([1.0, 9.0, -3.0, 4.0, -8.0, 0.0], 3) == PseudoLabels(1, (3, 5, 4))


def test_that_nothing_is_labelled_where_nothing_clearly_answers() -> None:
    assert pseudo_labels([RELEVANT_FROM - 0.1, -5.0], 3) is None
    assert pseudo_labels([9.0], 3) is None
    assert pseudo_labels([], 3) is None


@given(st.lists(st.floats(-11, 11), max_size=40), st.integers(1, 12))
def test_that_negatives_are_others_no_better_and_as_many_as_there_are(
    scores: list[float], n: int
) -> None:
    labels = pseudo_labels(scores, n)
    if labels is None:
        assert len(scores) < 2 or max(scores) < RELEVANT_FROM
        return
    assert scores[labels.positive] == max(scores)
    assert len(set(labels.negatives)) == len(labels.negatives) == min(n, len(scores) - 1)
    assert labels.positive not in labels.negatives
