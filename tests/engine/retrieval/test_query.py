from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.retrieval.query import parse


def test_that_stopwords_are_left_out_of_words_but_not_of_phrases() -> None:
    parsed = parse('what is the "end of the line" of trains')
    assert parsed.terms == ("train",)
    assert parsed.phrases == (("end", "of", "the", "line"),)


def test_that_typographic_quotes_mark_phrases_too() -> None:
    assert parse("„heat shock“ “stress response” «au revoir»").phrases == (
        ("heat", "shock"),
        ("stress", "respons"),
        ("au", "revoir"),
    )


def test_that_a_lonely_quote_is_no_phrase() -> None:
    parsed = parse('5" nails')
    assert parsed.phrases == ()
    assert parsed.terms == ("5", "nail")


def test_that_only_stopwords_are_an_empty_query() -> None:
    assert parse("what is the").empty
    assert parse("").empty
    assert parse("?!").empty


def test_that_the_last_word_may_be_unfinished() -> None:
    assert parse("green photosyn", prefix=True).prefix == "photosyn"
    assert parse("green photosyn").prefix == ""


def test_that_a_space_or_a_quote_finishes_the_last_word() -> None:
    assert parse("green ", prefix=True).prefix == ""
    assert parse('leaf "green"', prefix=True).prefix == ""


def test_that_one_letter_is_not_yet_a_beginning() -> None:
    assert parse("green p", prefix=True).prefix == ""


def test_that_a_pasted_page_is_cut_to_its_first_words() -> None:
    parsed = parse(" ".join(f"word{i}x" for i in range(5000)))
    assert len(parsed.terms) == 256


@given(st.text(), st.booleans())
def test_that_any_text_is_a_query(text: str, prefix: bool) -> None:
    parsed = parse(text, prefix=prefix)
    assert all(parsed.terms) and all(all(phrase) for phrase in parsed.phrases)
