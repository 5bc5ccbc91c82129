"""Queries that passages suggest by themselves."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.heuristic_queries import (
    SourcePassage,
    heuristic_pairs,
    spread,
    tells,
    without_title,
)
from engine.training_records import MadeBy

BODY = (
    "Feed the culture twice a day with equal weights of rye flour and lukewarm water. "
    "It has to double within six hours before it raises a loaf. "
    "Cold slows the yeast more than the bacteria, so that a cool kitchen makes it sour."
)
OTHER = (
    "Wipe the chain with a dry rag until no black stays on it. "
    "Put one drop of oil on every roller and turn the cranks backwards for a minute. "
    "What stands on the outside afterwards only gathers dust from the road."
)


def passage(
    document: str = "1", title: str = "", context: str = "", text: str = BODY
) -> SourcePassage:
    return SourcePassage(document, title, context, text)


def test_that_a_title_finds_its_body_without_itself() -> None:
    title = "Keeping a sourdough starter"
    made = heuristic_pairs([passage(title=title, context=f"{title} › Feeding")], "title", 5, 0)
    assert made == [(title, "1", f"Feeding\n{BODY}")]


@pytest.mark.parametrize("beginning", ["# {}\n\n", "{}\n=====\n\n", "{}. ", "{}\n"])
def test_that_a_title_is_taken_off_the_text_that_begins_with_it(beginning: str) -> None:
    title = "Keeping a sourdough starter"
    text = beginning.format(title) + BODY
    assert heuristic_pairs([passage(title=title, text=text)], "title", 5, 0)[0].positive == BODY


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Notes",
        "IMG_20240131_1200.jpg",
        "scan0001.pdf",
        "report_final_v2",
        "Microsoft Word - Untitled1",
        "Untitled document 3",
        "12 March 2024",
        "2024-01-31 12:00",
        "Monday, 3rd of June 2019",
        "p. 12-14",
        "C:\\temp\\x",
    ],
)
def test_that_titles_that_say_nothing_are_left_out(title: str) -> None:
    assert not tells(title)
    assert heuristic_pairs([passage(title=title)], "title", 5, 0) == []


@pytest.mark.parametrize(
    "title",
    ["Etiology of type 1 diabetes.", "March of the penguins", "Größe der Tiere", "BLAST+: its use"],
)
def test_that_titles_that_say_something_are_taken(title: str) -> None:
    assert tells(title)


def test_that_repeated_titles_and_scraps_are_left_out() -> None:
    repeated = [passage(str(n), "Monthly report of sales", text=f"{n} {BODY}") for n in range(3)]
    scrap = passage("9", "Keeping a sourdough starter", text="To be written.")
    assert heuristic_pairs([*repeated, scrap], "title", 9, 0) == []


def test_that_a_heading_finds_the_beginning_of_its_section() -> None:
    title = "Keeping a sourdough starter"
    section = [
        passage(title=title, context=f"{title} › Care › Feeding times and weights", text=BODY),
        passage(title=title, context=f"{title} › Care › Feeding times and weights", text=OTHER),
        passage(title=title, context=title, text=f"## Signs of a weak one\n\n{OTHER}"),
        passage(title=title, context=title, text=f"Chains in the `rain`\n---\n{OTHER}"),
    ]
    assert set(heuristic_pairs(section, "heading", 9, 0)) == {
        ("Feeding times and weights", "1", f"{title} › Care\n{BODY}"),
        ("Signs of a weak one", "1", f"{title}\n{OTHER}"),
        ("Chains in the rain", "1", f"{title}\n{OTHER}"),
    }


def test_that_headings_of_many_documents_and_comments_of_code_are_left_out() -> None:
    many = [
        passage(str(n), f"Paper number {n}", f"Paper number {n} › Related work so far")
        for n in range(3)
    ]
    code = passage("c", "", "", f"# Copyright of the authors\nimport sys\n{BODY}")
    assert heuristic_pairs([*many, code], "heading", 9, 0) == []


def test_that_phrases_are_those_typical_of_the_passage() -> None:
    library = [passage(str(n), text=f"{OTHER} Remark {n}.") for n in range(30)]
    made = heuristic_pairs([*library, passage("x", "Bread", "Bread")], "phrase", 99, 0)
    mine = [pair for pair in made if pair.document == "x"]
    assert len(mine) == 1
    assert mine[0].positive == f"Bread\n{BODY}"
    assert set(mine[0].query.split()) <= set(BODY.lower().replace(".", "").replace(",", "").split())
    assert 2 <= len(mine[0].query.split()) <= 6


def test_that_a_sentence_is_taken_out_of_its_passage() -> None:
    library = [
        passage(str(n), text=f"{BODY} It was batch {n} of the first winter here.")
        for n in range(60)
    ]
    made = heuristic_pairs(library, "cloze", 200, 0, per_passage=4)
    assert made
    texts = {each.document: each.text for each in library}
    kept_in = [pair.query in pair.positive for pair in made]
    assert all(pair.query in texts[pair.document] for pair in made)
    assert all(
        pair.positive == " ".join(texts[pair.document].replace(pair.query, "").split())
        for pair, kept in zip(made, kept_in, strict=True)
        if not kept
    )
    assert sum(kept_in) < len(made) / 2


def test_that_one_sentence_alone_makes_no_pair() -> None:
    assert heuristic_pairs([passage(text=BODY.split(". ")[0] + ".")], "cloze", 9, 0) == []


@pytest.mark.parametrize("by", ["title", "heading", "phrase", "cloze"])
def test_that_the_same_comes_of_the_same_and_less_is_its_beginning(by: MadeBy) -> None:
    library = [
        passage(
            str(n),
            f"Title with number {n} here",
            f"Title with number {n} here › The care of {n}",
            text,
        )
        for n in range(20)
        for text in (f"{BODY} Number {n}.", f"{OTHER} Number {n}.")
    ]
    every = heuristic_pairs(library, by, 100, 7)
    assert every == heuristic_pairs(library, by, 100, 7)
    assert heuristic_pairs(library, by, 5, 7) == every[:5]
    assert len({pair.query for pair in every}) == len(every)


@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=8)), max_size=30), st.integers(0, 99))
def test_that_every_passage_has_its_turn_and_no_document_two_before_others(
    found: list[tuple[int, str]], seed: int
) -> None:
    library = [passage(str(number), text=text) for number, text in sorted(found)]
    turns = list(spread(library, seed))
    assert Counter(turns) == Counter(library)
    n_documents = len({each.document for each in library})
    assert len({each.document for each in turns[:n_documents]}) == n_documents


@pytest.mark.parametrize(
    ("context", "title", "left"),
    [
        ("A title › A heading", "A title", "A heading"),
        ("A title", "A title", ""),
        ("A long title that was", "A long title that was cut", ""),
        ("A heading", "A title", "A heading"),
        ("A  heading", "", "A  heading"),
        ("", "A title", ""),
    ],
)
def test_that_a_context_loses_its_title(context: str, title: str, left: str) -> None:
    assert without_title(context, title) == left
