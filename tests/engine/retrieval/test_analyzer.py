from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.retrieval.analyzer import terms, tokens, words


def test_that_forms_of_a_word_become_one_term() -> None:
    assert set(terms("Running runs RUN run's")) == {"run", "s"}


def test_that_accents_and_ligatures_are_folded() -> None:
    assert words("Étude ﬁne Straße") == ["etude", "fine", "strasse"]


def test_that_decomposed_letters_are_the_same_word() -> None:
    composed = "Übergröße café"
    assert terms(unicodedata.normalize("NFD", composed)) == terms(composed)


def test_that_scripts_without_spaces_are_cut_into_characters() -> None:
    assert words("AI模型") == ["ai", "模", "型"]


def test_that_tokens_say_where_they_stand_in_the_original_text() -> None:
    text = unicodedata.normalize("NFD", "Die Übung 模型 cafés.")
    assert [
        (t.term, unicodedata.normalize("NFC", text[t.start : t.end])) for t in tokens(text)
    ] == [
        ("die", "Die"),
        ("ubung", "Übung"),
        ("模", "模"),
        ("型", "型"),
        ("cafe", "cafés"),
    ]


@given(st.text())
def test_that_words_terms_and_tokens_agree_on_any_text(text: str) -> None:
    found = tokens(text)
    assert len(words(text)) == len(terms(text))
    assert all(0 <= t.start < t.end <= len(text) for t in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.text(st.characters(max_codepoint=0x24F)))
def test_that_tokens_are_the_terms_of_european_text(text: str) -> None:
    assert [t.term for t in tokens(text)] == terms(text)
