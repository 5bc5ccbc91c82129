"""Labels and judgments become positives and negatives."""

from __future__ import annotations

from itertools import count
from typing import Literal

from engine.records import Label
from engine.training.pairs import LabelledPassage, from_labels, from_qrels, normalised

NUMBERS = count(1)


def label(
    kind: Literal["judgment", "feedback"],
    query: str,
    document: int | None,
    value: int,
    at: float | None = None,
    text: str = "a passage",
) -> Label:
    number = next(NUMBERS)
    return Label(
        id=number,
        kind=kind,
        query=query,
        document_id=document,
        document=f"/files/{document}.txt",
        title="",
        text=text,
        text_hash=f"hash of {text}",
        value=value,
        at=float(number) if at is None else at,
    )


def test_that_grades_and_thumbs_become_positives_and_negatives() -> None:
    (query,) = from_labels(
        [
            label("judgment", "fish", 1, 3, text="three"),
            label("judgment", "fish", 2, 2, text="two"),
            label("judgment", "fish", 3, 1, text="one"),
            label("judgment", "fish", 4, 0, text="zero"),
            label("feedback", "fish", 5, 1, text="up"),
            label("feedback", "fish", 6, -1, text="down"),
        ]
    )
    assert query.positives == (
        LabelledPassage("1", "three", 3, "judgment"),
        LabelledPassage("2", "two", 2, "judgment"),
        LabelledPassage("5", "up", 2, "thumb"),
    )
    assert query.negatives == (
        LabelledPassage("4", "zero", 0, "judgment"),
        LabelledPassage("6", "down", 0, "thumb"),
    )
    assert query.undecided == ("3",)
    assert query.grades == {"1": 3, "2": 2, "3": 1, "5": 2}


def test_that_the_newest_judgment_wins_and_any_judgment_beats_thumbs() -> None:
    (query,) = from_labels(
        [
            label("judgment", "fish", 1, 0, at=10),
            label("judgment", "fish", 1, 3, at=20),
            label("feedback", "fish", 1, -1, at=30),
            label("feedback", "fish", 2, -1, at=10),
            label("feedback", "fish", 2, 1, at=20),
        ]
    )
    assert [(p.document, p.grade) for p in query.positives] == [("1", 3), ("2", 2)]
    assert not query.negatives


def test_that_one_query_in_two_spellings_is_one_query() -> None:
    queries = from_labels(
        [label("judgment", "Red  Fish", 1, 2), label("judgment", "red fish ", 2, 2)]
    )
    assert [(q.text, [p.document for p in q.positives]) for q in queries] == [
        ("Red  Fish", ["1", "2"])
    ]
    assert normalised("ﬁsh\tＡ") == "fish a"


def test_that_queries_without_a_positive_are_left_out() -> None:
    assert from_labels([label("judgment", "fish", 1, 1), label("feedback", "birds", 1, -1)]) == ()
    assert from_qrels({"q": "fish"}, {"q": {"d": 0}}) == ()


def test_that_a_document_which_is_gone_keeps_its_passage() -> None:
    (query,) = from_labels(
        [
            label("judgment", "fish", None, 3, text="kept"),
            label("judgment", "fish", None, 3, text="also kept"),
        ]
    )
    assert sorted(p.text for p in query.positives) == ["also kept", "kept"]


def test_that_qrels_give_whole_documents() -> None:
    (query,) = from_qrels(
        {"q": "fish", "unjudged": "birds"}, {"q": {"a": 1, "b": 0, "c": -1, "d": 2}}
    )
    assert (query.id, query.text) == ("q", "fish")
    assert query.positives == (LabelledPassage("a", "", 1), LabelledPassage("d", "", 2))
    assert query.negatives == (LabelledPassage("b", "", 0),)


def test_that_labels_of_pictures_without_words_train_no_text_model() -> None:
    (query,) = from_labels(
        [
            label("judgment", "fish", 1, 3),
            label("judgment", "fish", 2, 3, text=""),
            label("judgment", "fish", 3, 0, text=""),
            label("judgment", "fish", 4, 1, text=" "),
            label("feedback", "boat", 2, 1, text=""),
        ]
    )
    assert [passage.document for passage in query.positives] == ["1"]
    assert (query.negatives, query.undecided) == ((), ())
