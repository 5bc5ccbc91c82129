"""What an answer says of documents, over real files and indexes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.events import Finished
from engine.records import SearchResults
from engine.requests import Judge, Search, Sync
from engine.training_requests import SearchWith
from engine.workspace import Workspace

_DOUGH = "A dough that rises too long falls flat in the oven, and no oven heat will mend it again. "
NOTES = {
    "bread/loaf.md": f"# Over-proofed dough\n\n{_DOUGH * 6}",
    "bread/copy of loaf.md": f"# Over-proofed dough\n\n{_DOUGH * 6}",
    "bread/loaf, second try.md": f"# Over-proofed dough\n\n{_DOUGH * 6}It fell flat.",
    "garden/dough.txt": "Bury old dough in the garden: it feeds the worms below the roses.",
}


@pytest.fixture
def workspace(library_folder: Path, tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "notes"
    for age, (name, text) in enumerate(NOTES.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        os.utime(folder / name, (1_700_000_000 - age * 86_400,) * 2)
    with Workspace(library_folder, lambda _: None) as opened:
        opened.remember([str(folder)])
        assert isinstance(opened.wait(opened.sync(Sync()).id), Finished)
        yield opened


def names(answer: SearchResults) -> list[str]:
    return [Path(result.document).name for result in answer.results]


def test_that_near_duplicates_stand_below_the_best_of_them(workspace: Workspace) -> None:
    first, second = workspace.search(Search("dough falls flat")).results
    kinds = {Path(first.document).name, *(Path(n.document).name for n in first.near_duplicates)}
    assert kinds == {"loaf.md", "loaf, second try.md"}
    assert Path(second.document).name == "dough.txt"
    assert second.near_duplicates == ()


def test_that_a_near_duplicate_has_a_passage_scores_and_labels_of_its_own(
    workspace: Workspace,
) -> None:
    query = "dough falls flat"
    alone = {r.document_id: r for r in workspace.search(Search(query, group=False)).results}
    first = workspace.search(Search(query)).results[0]
    (near,) = first.near_duplicates
    assert near.passages == alone[near.document_id].passages[:1]
    assert near.scores.keys() == alone[near.document_id].scores.keys()
    assert near.grade is None
    workspace.judge(Judge(query, near.document_id, 2, near.passages[0].text))
    first = workspace.search(Search(query)).results[0]
    assert (first.grade, first.near_duplicates[0].grade) == (None, 2)


def test_that_near_duplicates_can_be_seen_in_places_of_their_own(workspace: Workspace) -> None:
    answer = workspace.search(Search("dough falls flat", group=False))
    assert sorted(names(answer)) == ["dough.txt", "loaf, second try.md", "loaf.md"]


def test_that_a_result_tells_where_else_its_content_lies(workspace: Workspace) -> None:
    answer = workspace.search(Search("dough falls flat", group=False))
    (loaf,) = (result for result in answer.results if Path(result.document).name == "loaf.md")
    assert [Path(place).name for place in loaf.also_at] == ["copy of loaf.md"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("dough type:txt", ["dough.txt"]),
        ("dough in:garden", ["dough.txt"]),
        ("dough title:over-proofed before:2023-11-13", ["loaf, second try.md"]),
        ("dough after:2024", []),
        ("type:md after:2023", ["loaf.md", "loaf, second try.md"]),
    ],
)
def test_that_conditions_in_the_query_limit_the_results(
    workspace: Workspace, query: str, found: list[str]
) -> None:
    assert names(workspace.search(Search(query, group=False))) == found


def test_that_a_model_that_need_not_be_active_is_searched_with(workspace: Workspace) -> None:
    asked = SearchWith("all-MiniLM-L6-v2", "dough that fell flat", k=2)
    found = workspace.bench.search_with(asked)
    searched = workspace.search(Search(asked.query, k=2, mode="dense", group=False))
    assert [r.document_id for r in found.results] == [r.document_id for r in searched.results]
    assert [r.score for r in found.results] == pytest.approx(
        [r.score for r in searched.results], abs=1e-3
    )
    assert found.model == asked.model


def test_that_a_model_without_vectors_of_the_library_is_told_of(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="has not encoded"):
        workspace.bench.search_with(SearchWith("bge-small-en-v1.5", "dough"))
    with pytest.raises(NotFound):
        workspace.bench.search_with(SearchWith("no such model", "dough"))
    with pytest.raises(InvalidInput, match="nothing to search"):
        workspace.bench.search_with(SearchWith("all-MiniLM-L6-v2", "  "))
