from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.retrieval.highlight import spans
from engine.retrieval.query import parse


def marked(text: str, query: str, *, prefix: bool = False) -> list[str]:
    return [text[start:end] for start, end in spans(text, parse(query, prefix=prefix))]


def test_that_forms_of_a_word_are_marked_and_stopwords_are_not() -> None:
    assert marked("He runs and ran; running is the best.", "is running the") == ["runs", "running"]


def test_that_accents_do_not_hinder() -> None:
    assert marked("Cafés in Zürich", "cafe zurich") == ["Cafés", "Zürich"]


def test_that_a_phrase_is_marked_whole_and_only_as_a_phrase() -> None:
    assert marked("The end of the line is no line at its end.", '"end of the line"') == [
        "end of the line"
    ]


def test_that_a_word_inside_a_phrase_is_marked_once() -> None:
    assert marked("a heat shock protein", '"heat shock" protein heat') == ["heat shock", "protein"]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Photosynthesis, photographs and phones", "photo", ["Photosynthesis", "photographs"]),
        ("Émigrés emigrate", "émi", ["Émigrés", "emigrate"]),
        ("the cell, cells, cellular", "cell", ["cell", "cells", "cellular"]),
    ],
)
def test_that_an_unfinished_word_marks_longer_ones(
    text: str, query: str, expected: list[str]
) -> None:
    assert marked(text, query, prefix=True) == expected


def test_that_a_finished_word_marks_no_longer_ones() -> None:
    assert marked("photosynthesis", "photo") == []


def test_that_scripts_without_spaces_are_marked() -> None:
    assert "".join(marked("大规模语言模型", "模型")) == "模模型"


@given(st.text(), st.text(), st.booleans())
def test_that_spans_lie_in_the_text_in_order_and_apart(text: str, query: str, prefix: bool) -> None:
    found = spans(text, parse(query, prefix=prefix))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))


@given(st.lists(st.sampled_from(["protein", "cells", "binding", "mice"]), min_size=1))
def test_that_a_text_of_the_querys_words_is_marked_entirely(words: list[str]) -> None:
    text = " ".join(words)
    assert marked(text, text) == words
