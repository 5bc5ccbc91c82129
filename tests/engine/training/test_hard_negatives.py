"""Hard negatives: near the query, known to be wrong or unlikely to be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.training.corpus import Corpus
from engine.training.hard_negatives import FALSE_NEGATIVE_SHARE, NONE_STORED, choose, mine
from engine.training.hidden import Hidden
from engine.training.pairs import JudgedQuery, LabelledPassage


def array(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def test_that_dense_and_bm25_candidates_take_turns() -> None:
    dense = array(0.1, 0.5, 0.4, 0.3, 0.2)
    lexical = array(9, 0, 0, 0, 8)
    allowed = np.ones(5, dtype=np.bool_)
    assert choose(dense, lexical, allowed, 0.9, 4) == [1, 0, 2, 4]
    assert choose(dense, lexical, allowed, 0.9, 1) == [1]


def test_that_what_scores_nearly_as_high_as_the_positive_is_taken_for_relevant() -> None:
    dense = array(0.80, 0.77, 0.75, 0.1)
    lexical = array(5, 5, 0, 0)
    allowed = np.ones(4, dtype=np.bool_)
    assert choose(dense, lexical, allowed, 0.8, 4) == [2, 3]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), n=st.integers(0, 10))
def test_that_no_choice_is_forbidden_or_repeated(data: st.DataObject, n: int) -> None:
    size = data.draw(st.integers(1, 80))
    floats = st.lists(st.floats(-1, 1, width=32), min_size=size, max_size=size)
    dense, lexical = array(*data.draw(floats)), array(*data.draw(floats))
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    positive = data.draw(st.floats(-1, 1))
    chosen = choose(dense, lexical, allowed, positive, n)
    assert len(chosen) == len(set(chosen)) <= n
    assert all(allowed[row] and dense[row] <= FALSE_NEGATIVE_SHARE * positive for row in chosen)


def unit(angle: float) -> NDArray[np.float32]:
    return array(np.cos(angle), np.sin(angle))


CORPUS = Corpus(
    documents=("right", "twin", "near", "words", "far", "told", "held out", "maybe"),
    texts=(
        "the right one",
        "the right one again",
        "something near",
        "asked for words alone",
        "something far",
        "a wrong one",
        "another's answer",
        "half an answer",
    ),
    vectors=np.stack([unit(a) for a in (0.1, 0.05, 0.9, 1.5, 1.4, 0.8, 0.7, 0.75)]),
)
QUERY = JudgedQuery(
    "q",
    "asked for",
    (LabelledPassage("right", "the right one", 3),),
    (LabelledPassage("told", "a wrong one", 0), LabelledPassage("held out", "another's answer", 0)),
    ("maybe",),
)


HELD_OUT = Hidden(
    [JudgedQuery("h", "asked elsewhere", (LabelledPassage("held out", "its own answer", 3),))]
)


def mined(
    n: int, stored: Mapping[str, Sequence[str]] = NONE_STORED, seed: int = 0
) -> tuple[str, ...]:
    query = QUERY
    (example,) = mine(
        [query], unit(0)[None], array(0.995), CORPUS, n, seed, lambda done: None, HELD_OUT, stored
    )
    assert (example.query, example.positive, example.document) == (
        query.text,
        "the right one",
        "right",
    )
    return example.negatives


def test_that_what_the_user_called_wrong_comes_first_then_what_is_hard() -> None:
    assert mined(3) == ("a wrong one", "asked for words alone", "something near")


def test_that_positives_twins_undecided_and_held_out_documents_are_never_negatives() -> None:
    assert set(mined(50)) == {
        "a wrong one",
        "something near",
        "asked for words alone",
        "something far",
    }


def test_that_stored_negatives_come_before_mined_ones_but_for_hidden_ones() -> None:
    stored = {"asked for": ("Its own  answer", "the right one", "reviewed by somebody")}
    assert mined(3, stored) == ("a wrong one", "reviewed by somebody", "asked for words alone")


def test_that_another_answer_of_the_query_is_no_negative() -> None:
    both = JudgedQuery(
        "both", "asked for", tuple(LabelledPassage(d, f"text of {d}", 2) for d in ("near", "far"))
    )
    first, second = mine(
        [both],
        unit(0.9)[None],
        array(0.9, 0.8),
        CORPUS,
        4,
        0,
        lambda done: None,
        stored={"asked for": ("text of far",)},
    )
    assert (first.document, second.document) == ("near", "far")
    assert not {"text of near", "text of far"} & {*first.negatives, *second.negatives}


def test_that_mining_stops_where_it_is_told_to() -> None:
    def stop(done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        mine([QUERY], unit(0)[None], array(0.995), CORPUS, 1, 0, stop)
