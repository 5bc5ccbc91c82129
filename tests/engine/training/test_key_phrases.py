"""Phrases that are typical of a passage."""

from __future__ import annotations

from engine.training.key_phrases import PhraseStatistics, key_phrases

COMMON = ["The annual report of the garden club was read and the garden club approved it."] * 20


def test_that_what_the_library_rarely_says_comes_first() -> None:
    text = "The garden club watched a peregrine falcon. The annual report was read."
    assert key_phrases(text, PhraseStatistics.of([*COMMON, text], 0), 1) == ["peregrine falcon"]


def test_that_phrases_end_at_stop_words_common_words_and_punctuation() -> None:
    text = "Peregrine falcon, barn owl and the garden club of 1987."
    statistics = PhraseStatistics.of([*COMMON, text], 0)
    assert key_phrases(text, statistics, 1) == ["barn owl peregrine falcon"]


def test_that_numbers_and_single_words_are_no_phrases() -> None:
    statistics = PhraseStatistics.of(COMMON, 0)
    assert key_phrases("12 34 56. Falcons. 7 owls.", statistics, 3) == []
    assert key_phrases("", statistics, 3) == []


def test_that_a_sample_of_many_texts_is_enough() -> None:
    statistics = PhraseStatistics.of(["peregrine falcon"] * 25_000, 0)
    assert statistics.n == 20_000
    assert statistics.idf("falcon") == 0
    assert statistics.idf("owl") > 9
