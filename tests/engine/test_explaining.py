"""Explaining one query of a small set: what was found, and why the rest was not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import Miss, QueryExplained, System
from engine.evaluation_requests import CheckLabels, ExplainQuery, ShowEvalSet
from engine.storage import evalset_queries, evalsets
from engine.workspace import Workspace
from tests.engine.beir_folder import imported, write_beir

LEXICAL, DENSE = System("lexical"), System("dense")
RIVER = (
    "The bank of the river is steep where the water has washed away the sand and the roots of old"
    " willows hang free above the stream in every dry summer of the last years"
)
CORPUS = (
    {
        f"money{n}": f"A bank account at bank number {n} pays interest on deposits."
        for n in range(12)
    }
    | {f"copy{n}": RIVER + "!" * n for n in range(10)}
    | {"river": RIVER + "."}
    | {"shore": "Erosion carries off sand beside a stream.", "cake": "Sugar, flour and eggs."}
    | {f"bird{n}": f"The blackbird number {n} sings in the garden." for n in range(110)}
)
QUERIES = {"q": "bank", "r": "river bank willows", "s": "bank account interest"}
QRELS = {
    "q": {"shore": 3, "river": 2, **{f"money{n}": 0 for n in range(12)}},
    "r": {"river": 2, **{f"copy{n}": 2 for n in range(10)}},
    "s": {"money1": 1, "cake": 1},
}


@pytest.fixture(scope="module")
def workspace(
    prepared_minilm: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("explaining")
    beir = write_beir(folder / "beir", CORPUS, QUERIES, QRELS)
    with imported(folder / "library", prepared_minilm, beir) as opened:
        yield opened


def explained(workspace: Workspace, query_id: str, *systems: System) -> QueryExplained:
    return workspace.judging.explain_query(ExplainQuery("check", query_id, systems))


def miss(found: QueryExplained, document: str) -> Miss:
    return next(each for each in found.misses if each.document == document)


def test_that_the_first_ten_of_each_system_come_with_their_grades(workspace: Workspace) -> None:
    found = explained(workspace, "q", LEXICAL, DENSE)
    assert found.answers.keys() == {"Keywords", "Meaning"}
    assert [each.rank for each in found.answers["Keywords"]] == list(range(1, 11))
    assert {each.grade for each in found.answers["Keywords"]} == {0}
    assert [each.document for each in found.misses] == ["shore", "river"]  # by grade


def test_that_words_meant_otherwise_are_told_where_wrong_documents_have_more_of_them(
    workspace: Workspace,
) -> None:
    shore = miss(explained(workspace, "q", LEXICAL), "shore")
    assert (shore.kind, shore.ranks) == ("wrong sense", {})
    assert "0 of the query's 1 words" in shore.text
    assert "money" in shore.text


def test_that_a_near_duplicate_that_stands_above_is_named(workspace: Workspace) -> None:
    found = explained(workspace, "r", LEXICAL)
    (last,) = [each for each in found.misses if each.kind != "found"]
    assert (last.kind, last.ranks) == ("duplicate", {"Keywords": 11})
    first = found.answers["Keywords"][0]
    assert first.title in last.text


def test_that_what_is_ranked_low_is_told_with_its_rank(workspace: Workspace) -> None:
    river = miss(explained(workspace, "q", LEXICAL), "river")
    assert river.kind == "low"
    assert f"Keywords at {river.ranks['Keywords']}" in river.text


def test_that_what_nobody_found_is_told_with_the_words_that_it_lacks(workspace: Workspace) -> None:
    cake = miss(explained(workspace, "s", LEXICAL), "cake")
    assert (cake.kind, cake.ranks) == ("not retrieved", {})
    assert "0 of the query's 3 words" in cake.text
    assert miss(explained(workspace, "s", LEXICAL), "money1").kind == "found"


def test_that_what_one_system_has_deep_down_is_told_with_its_rank(workspace: Workspace) -> None:
    cake = miss(explained(workspace, "s", LEXICAL, DENSE), "cake")
    if cake.ranks:
        assert cake.kind == "low"
        assert f"Meaning at {cake.ranks['Meaning']}" in cake.text
        assert "Keywords did not find it" in cake.text


def test_that_judgments_against_the_evidence_are_told_and_nothing_is_changed(
    workspace: Workspace,
) -> None:
    with workspace._parts.library.write() as connection:
        added = evalset_queries.NewQuery("t", "sugar flour and eggs", ("test",), "typed")
        evalset_queries.put(connection, 1, [added])
        evalsets.put_qrels(connection, 1, {"test": {"t": {"cake": 0}}})
        connection.execute("UPDATE qrels SET grade = 0 WHERE query_id = 'r' AND document = 'copy1'")
    before = workspace.judging.show_eval_set(ShowEvalSet("check"))
    found = workspace.judging.check_labels(CheckLabels("check"))
    assert workspace.judging.show_eval_set(ShowEvalSet("check")) == before
    assert {(each.kind, each.query_id, each.document) for each in found} >= {
        ("evidence", "t", "cake"),
        ("near-duplicate", "r", "copy1"),
    }
    assert [each.severity for each in found] == sorted((e.severity for e in found), reverse=True)
    cake = next(each for each in found if each.document == "cake")
    assert (cake.query, cake.title, cake.grade) == ("sugar flour and eggs", "cake", 0)


def test_that_what_cannot_be_explained_is_refused(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        explained(workspace, "nobody", LEXICAL)
    with pytest.raises(InvalidInput):
        explained(workspace, "q")
