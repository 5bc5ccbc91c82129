"""Merging what others judged: newest wins, in whatever order and however often it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.evaluation_records import GivenJudgment, SetImport
from engine.storage import coverage, evalset_documents, evalset_record, evalsets, judgments
from engine.storage.database import Database
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_merge import merge
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_record import SetRecord
from engine.storage.library import open_library
from tests.engine.storage.judged_library import add_documents, make_set


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    add_documents(opened)
    make_set(opened, "bread", "butter")
    yield opened
    opened.close()


def whole(library: Database) -> SetRecord:
    with library.read() as connection:
        return evalset_record.whole(connection, evalsets.find(connection, "mine"))


def with_judgments(library: Database, *said: GivenJudgment) -> SetRecord:
    """A colleague's file: the set's queries and documents, and these judgments."""
    with library.write() as connection:
        evalset = evalsets.find(connection, "mine")
        evalset_documents.keep(connection, evalset, {each.document for each in said})
    return replace(
        whole(library),
        judgments=said,
        judgment_lines={(s.query_id, s.document, s.rater): n for n, s in enumerate(said, start=9)},
    )


def take_in(library: Database, *records: SetRecord) -> list[SetImport]:
    found = []
    for record in records:
        told, problems = merged(library, record)
        assert problems == []
        found.append(told)
    return found


def merged(library: Database, record: SetRecord) -> tuple[SetImport, list[tuple[int | None, str]]]:
    """What was merged, and what was wrong by line."""
    problems: list[tuple[int | None, str]] = []
    with library.write() as connection:
        evalset = evalsets.find(connection, "mine")
        told = merge(connection, evalset, record, lambda *wrong: problems.append(wrong))
    return told, problems


def problems_of(library: Database, record: SetRecord) -> list[tuple[int | None, str]]:
    return merged(library, record)[1]


def said(document: str, grade: int | None, at: float, rater: str = "bob") -> GivenJudgment:
    return GivenJudgment("q1", document, rater, grade, note=f"at {at}", at=at)


def test_that_new_judgments_come_in_with_their_own_times_and_count_at_once(
    library: Database,
) -> None:
    (told,) = take_in(
        library, with_judgments(library, said("alpha", 2, 5.5), said("beta", 0, 7.25))
    )
    assert (told.merged, told.same, told.conflicts) == (2, 0, ())
    assert [each.at for each in whole(library).judgments] == [5.5, 7.25]
    with library.read() as connection:
        evalset = evalsets.find(connection, "mine")
        assert judgments.grades(connection, evalset.id) == {"q1": {"alpha": 2, "beta": 0}}
        assert coverage.overview(connection, evalset).raters == ("bob",)
        origins = connection.execute("SELECT DISTINCT origin FROM judgment_events").fetchall()
    assert [tuple(row) for row in origins] == [("merged",)]


def test_that_merging_a_file_twice_changes_nothing(library: Database) -> None:
    record = with_judgments(library, said("alpha", 2, 5.5), said("beta", 1, 0.0))
    take_in(library, record)
    before = whole(library)
    (told,) = take_in(library, record)
    assert (told.merged, told.same, told.conflicts) == (0, 2, ())
    assert whole(library) == before


def test_that_the_newer_of_two_words_of_one_rater_stands_and_the_conflict_is_told(
    library: Database,
) -> None:
    take_in(library, with_judgments(library, said("alpha", 2, 50.0)))
    older, newer = (with_judgments(library, said("alpha", 0, at)) for at in (20.0, 80.0))
    (told,) = take_in(library, older)
    assert (told.merged, told.same) == (0, 0)
    assert told.conflicts == (
        "bob on “Alpha” for “bread”: “Relevant” stands, “Not relevant” was said before.",
    )
    assert whole(library).judgments[0].grade == 2
    (told,) = take_in(library, newer)
    assert told.merged == 1 and "“Not relevant” stands, “Relevant” was" in told.conflicts[0]
    assert whole(library).judgments[0].grade == 0


def test_that_the_order_of_merging_does_not_matter(tmp_path: Path) -> None:
    ends = []
    for number, order in enumerate(permutations(range(3))):
        (tmp_path / str(number)).mkdir()
        library = open_library(tmp_path / str(number))
        add_documents(library)
        make_set(library, "bread", "butter")
        files = [
            with_judgments(library, said("alpha", 2, 50.0), said("beta", None, 3.0)),
            with_judgments(library, said("alpha", 0, 50.0), said("beta", 1, 2.0, "ann")),
            with_judgments(library, said("alpha", 1, 49.0), said("beta", 3, 4.0)),
        ]
        take_in(library, *(files[n] for n in order))
        ends.append(whole(library).judgments)
        library.close()
    assert all(end == ends[0] for end in ends)
    assert [(each.rater, each.document) for each in ends[0]] == [
        ("bob", "alpha"),
        ("ann", "beta"),
        ("bob", "beta"),
    ]


def test_that_foreign_queries_and_grades_are_refused_with_their_lines(library: Database) -> None:
    record = with_judgments(library, said("alpha", 2, 5.0))
    strange = NewQuery("q7", "cheese", ("test",), "typed")
    assert problems_of(
        library, replace(record, queries=(*record.queries, strange), query_lines={"q7": 4})
    ) == [(4, "“mine” has no query “q7”")]
    other = tuple(replace(query, text=f"{query.text}!") for query in record.queries)
    assert problems_of(library, replace(record, queries=other, query_lines={"q1": 2, "q2": 3})) == [
        (2, "“mine” has another query with the id “q1”"),
        (3, "“mine” has another query with the id “q2”"),
    ]
    unscaled = replace(record, scale=(), judgments=(said("alpha", 7, 5.0),))
    assert problems_of(library, replace(unscaled, dataset=None)) == [
        (9, "7 is not a grade of “mine”")
    ]
    for other_set in (replace(record, scale=("no", "yes")), replace(record, dataset=True)):
        with pytest.raises(InvalidInput):
            problems_of(library, other_set)


def test_that_a_table_cannot_bring_documents_that_nobody_has_the_text_of(
    library: Database,
) -> None:
    record = replace(with_judgments(library, said("nowhere", 1, 5.0)), dataset=None, scale=())
    assert problems_of(library, record) == [(9, "“mine” has no document “nowhere”")]
    come = KeptDocument("elsewhere", "Elsewhere", "All about it.", "elsewhere.txt")
    brought = replace(with_judgments(library, said("elsewhere", 1, 5.0)), documents=(come,))
    assert take_in(library, brought)[0].merged == 1
    assert come in whole(library).documents
