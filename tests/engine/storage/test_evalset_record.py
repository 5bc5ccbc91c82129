"""Sets as they are written to files and read from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.storage import evalset_record, evalsets
from engine.storage.database import Database
from engine.storage.evalset_record import SetRecord
from engine.storage.library import open_library
from tests.engine.storage.judged_library import add_documents, make_set, say


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    add_documents(opened)
    make_set(opened, "bread", "butter")
    yield opened
    opened.close()


def whole(library: Database, name: str = "mine") -> SetRecord:
    with library.read() as connection:
        return evalset_record.whole(connection, evalsets.find(connection, name))


def test_that_a_rater_s_part_holds_their_queries_pairs_and_words_alone(library: Database) -> None:
    with library.read() as connection:
        evalset = evalsets.find(connection, "mine")
    say(library, evalset, "alpha", 1, rater="ann")
    say(library, evalset, "beta", 3, rater="bob")
    say(library, evalset, "gamma", 0, rater="bob", query="q2")
    part = evalset_record.of_rater(whole(library), ["q1"], "ann")
    assert [query.id for query in part.queries] == ["q1"]
    assert [pair.document for pair in part.pool] == ["alpha", "beta"]
    assert [document.document for document in part.documents] == ["alpha", "beta"]
    assert [(each.rater, each.document) for each in part.judgments] == [("ann", "alpha")]


def test_that_a_set_is_stored_as_it_was(library: Database, tmp_path: Path) -> None:
    with library.read() as connection:
        evalset = evalsets.find(connection, "mine")
    say(library, evalset, "alpha", 1)
    say(library, evalset, "beta", None, skipped=True)
    record = whole(library)
    (tmp_path / "other").mkdir()
    other = open_library(tmp_path / "other")
    with other.write() as connection:
        told = evalset_record.store(connection, record, "mine")
    assert (told.n_queries, told.n_judgments, told.n_documents, told.n_outside) == (2, 2, 2, 2)
    assert whole(other) == record
    other.close()


def test_that_a_set_over_a_dataset_is_over_it_again_where_the_library_has_it(
    tmp_path: Path,
) -> None:
    library = open_library(tmp_path)
    root = add_documents(library, dataset=True)["root"]
    with library.write() as connection:
        queries = {"q1": "bread", "q2": "judged nowhere"}
        evalsets.add(connection, "first", root, queries, {"test": {"q1": {"d-alpha": 4}}})
    record = whole(library, "first")
    assert [each.document for each in record.documents] == [
        "d-alpha",
        "d-beta",
        "d-delta",
        "d-gamma",
    ]
    with library.write() as connection:
        told = evalset_record.store(connection, record, "again")
        other = replace(record.documents[0], text="Something else.")
        changed = replace(record, documents=(other, *record.documents[1:]))
        apart = evalset_record.store(connection, changed, "apart")
        ids_alone = tuple(replace(each, title="", text="") for each in record.documents)
        evalset_record.store(connection, replace(record, documents=ids_alone), "ids alone")
        assert evalsets.find(connection, "ids alone").root_id is None
        assert evalsets.find(connection, "again").root_id == root
        assert evalsets.find(connection, "apart").root_id is None
    assert (told.n_outside, apart.n_outside) == (0, 4)
    assert replace(whole(library, "again"), name="first") == record
    assert replace(whole(library, "apart"), name="first") == changed
    library.close()
