"""Judgments find the passages they are about."""

from __future__ import annotations

import numpy as np

from engine.training.corpus import Corpus
from engine.training.locate import locate
from engine.training.pairs import JudgedQuery, LabelledPassage

CORPUS = Corpus(
    documents=("a", "a", "b"),
    texts=("Title\nfirst half", "Title\nsecond half", "other"),
    vectors=np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32),
)


def located(document: str, text: str) -> list[str]:
    query = JudgedQuery("q", "?", (LabelledPassage(document, text, 2),))
    (found,) = locate([query], np.array([[0, 1]], dtype=np.float32), CORPUS)
    return [passage.text for passage in found.positives]


def test_that_a_judged_passage_is_trained_on_with_its_context() -> None:
    assert located("a", "second half") == ["Title\nsecond half"]
    assert located("a", "first half") == ["Title\nfirst half"]


def test_that_a_passage_which_was_cut_anew_keeps_the_text_that_was_judged() -> None:
    assert located("a", "first half second") == ["first half second"]


def test_that_a_document_which_is_gone_keeps_the_text_that_was_judged() -> None:
    assert located("gone:1", "first half") == ["first half"]


def test_that_the_best_passage_stands_for_a_document_judged_as_a_whole() -> None:
    assert located("a", "") == ["Title\nsecond half"]


def test_that_a_document_judged_as_a_whole_that_is_gone_is_left_out() -> None:
    assert located("gone", "") == []
