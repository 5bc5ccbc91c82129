"""Evaluation sets: their names, queries and versions, and what removing their dataset does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, LibraryUnreadable, NotEnoughData, NotFound
from engine.evaluation_records import BINARY, GRADED
from engine.storage import evalset_queries, evalset_versions, evalsets, roots, searches
from engine.storage.database import Database
from engine.storage.evalset import EvalSet
from engine.storage.evalset_queries import ReadQuery
from engine.storage.library import open_library
from tests.engine.storage.judged_library import add_documents, make_set, say


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


def queries(library: Database, evalset: EvalSet) -> list[tuple[str, str, tuple[str, ...]]]:
    with library.read() as connection:
        return [(q.id, q.text, q.splits) for q in evalset_queries.every(connection, evalset.id)]


@pytest.mark.parametrize("name", ["", "  ", "judgments", "set@2", "mine"])
def test_that_a_name_that_is_empty_ambiguous_or_taken_is_refused(
    library: Database, name: str
) -> None:
    make_set(library)
    with library.write() as connection, pytest.raises(InvalidInput):
        evalsets.create(connection, name, "", GRADED, None)


def test_that_the_scale_can_change_only_while_nothing_is_judged(library: Database) -> None:
    add_documents(library)
    evalset = make_set(library, "bread")
    with library.write() as connection:
        evalset = evalsets.change(connection, evalset, "other", "Be strict.", BINARY)
        assert (evalset.name, evalset.guideline, evalset.scale) == ("other", "Be strict.", BINARY)
    say(library, evalset, "alpha", 1)
    with library.write() as connection, pytest.raises(InvalidInput, match="in use"):
        evalsets.change(connection, evalset, None, None, GRADED)


def test_that_equal_queries_are_added_once(library: Database) -> None:
    evalset = make_set(library, "Rye bread", "rye  BREAD ", "", "roses")
    with library.write() as connection:
        ids = evalset_queries.add_texts(
            connection, evalset.id, ["Roses", "frost"], "dev", "history"
        )
    assert ids == ["q2", "q3"]
    assert queries(library, evalset) == [
        ("q1", "Rye bread", ("test",)),
        ("q2", "roses", ("test",)),
        ("q3", "frost", ("dev",)),
    ]


def test_that_read_queries_keep_their_ids_and_splits(library: Database) -> None:
    evalset = make_set(library, "bread")
    read = [ReadQuery(2, "roses", "q2", "dev"), ReadQuery(3, "frost"), ReadQuery(4, "Bread", "x")]
    with library.write() as connection:
        evalset_queries.add_read(connection, evalset.id, read, "test")
    assert queries(library, evalset)[1:] == [
        ("q2", "roses", ("dev",)),
        ("q3", "frost", ("test",)),
    ]
    with library.write() as connection, pytest.raises(InvalidInput, match="Line 7"):
        evalset_queries.add_read(connection, evalset.id, [ReadQuery(7, "other", "q1")], "test")


def test_that_a_query_goes_with_what_was_judged_for_it(library: Database) -> None:
    add_documents(library)
    evalset = make_set(library, "bread", "roses")
    say(library, evalset, "alpha", 1)
    with library.write() as connection:
        evalset_queries.remove(connection, evalset.id, ["q1"])
        assert connection.execute("SELECT count(*) FROM judgment_events").fetchone()[0] == 0
    assert [query[0] for query in queries(library, evalset)] == ["q2"]


def test_that_a_frozen_version_never_changes(library: Database) -> None:
    add_documents(library)
    evalset = make_set(library, "bread")
    with library.write() as connection, pytest.raises(NotEnoughData):
        evalset_versions.freeze(connection, evalset, "")
    say(library, evalset, "alpha", 1)
    with library.write() as connection:
        first = evalset_versions.freeze(connection, evalset, "pilot")
        assert evalset_versions.unchanged_since(connection, evalset) == 1
        with pytest.raises(InvalidInput, match="as it was frozen"):
            evalset_versions.freeze(connection, evalset, "")
    say(library, evalset, "alpha", 3)
    with library.write() as connection:
        assert evalset_versions.unchanged_since(connection, evalset) is None
        assert evalset_versions.freeze(connection, evalset, "").number == 2
        named, number = evalset_versions.named(connection, "mine@1")
        frozen = evalset_versions.load(connection, named, number or 0)
        assert frozen.qrels == {"test": {"q1": {"alpha": 1}}}
        assert evalset_versions.every(connection, evalset.id)[0] == first
        with pytest.raises(NotFound, match="1, 2"):
            evalset_versions.load(connection, evalset, 3)


def test_that_a_version_that_is_not_what_was_frozen_is_refused(library: Database) -> None:
    add_documents(library)
    evalset = make_set(library, "bread")
    say(library, evalset, "alpha", 1)
    with library.write() as connection:
        evalset_versions.freeze(connection, evalset, "")
        connection.execute("UPDATE evalset_versions SET content = substr(content, 2)")
        with pytest.raises(LibraryUnreadable):
            evalset_versions.load(connection, evalset, 1)


def test_that_a_judged_set_outlives_its_dataset_with_its_texts_and_another_goes(
    library: Database,
) -> None:
    root = add_documents(library, dataset=True)["root"]
    with library.write() as connection:
        for name in ("judged", "plain"):
            splits = {"test": {"1": {"d-beta": 1}}}
            made = evalsets.add(connection, name, root, {"1": "bread"}, splits)
            if name == "judged":
                judged = made
    say(library, judged, "d-alpha", 1, query="1")
    with library.write() as connection:
        roots.remove(connection, root)
        assert [info.name for info in evalsets.every(connection)] == ["judged"]
        texts = connection.execute("SELECT text FROM evalset_documents ORDER BY text").fetchall()
    assert [text for (text,) in texts] == ["All about alpha.", "All about beta."]
    with library.read() as connection:
        judged = evalsets.find(connection, "judged")
    assert (judged.root_id, judged.dataset) == (None, True)
    say(library, judged, "d-alpha", 0, query="1")


def test_that_the_same_search_within_a_minute_is_one(library: Database) -> None:
    with library.write() as connection:
        for query, at in (("bread", 0.0), ("Bread ", 30.0), ("roses", 31.0), ("bread", 32.0)):
            searches.add(connection, query, at)
        (n,) = connection.execute("SELECT count(*) FROM searches").fetchone()
        assert n == 3
        assert searches.distinct(connection, 10, sample=False) == ("bread", "roses")
        assert set(searches.distinct(connection, 2, sample=True)) == {"bread", "roses"}
        searches.forget(connection)
        assert searches.distinct(connection, 10, sample=False) == ()
