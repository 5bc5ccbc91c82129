"""The cross-encoder's labels for queries that nobody judged, through the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import Failed, Finished
from engine.requests import Judge, Search
from engine.storage import made_pairs, searches
from engine.storage.made_pairs import MadePair
from engine.training.pseudo_labels import RELEVANT_FROM
from engine.training_records import DistillReport
from engine.training_requests import Distill, Synthesize
from engine.workspace import Workspace
from tests.engine.small_check_set import opened

CLEAR = "dough that has risen too long has no strength"
UNANSWERED = "exchange rate of the dollar in 1987"


@pytest.fixture
def workspace(prepared_minilm: Path, tmp_path: Path) -> Iterator[Workspace]:
    with opened(tmp_path / "library", prepared_minilm, lambda _: None) as workspace:
        yield workspace


def remember(workspace: Workspace, *queries: str) -> None:
    with workspace._parts.library.write() as connection:
        for at, query in enumerate(queries):
            searches.add(connection, query, float(at))


def distill(workspace: Workspace, request: Distill) -> DistillReport:
    end = workspace.wait(workspace.bench.distill(request).id)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, DistillReport)
    return end.result


def labelled(workspace: Workspace) -> list[MadePair]:
    with workspace._parts.library.read() as connection:
        return [pair for pair in made_pairs.every(connection) if pair.origin == "pseudo"]


def test_that_what_clearly_answers_a_search_is_scored_with_what_does_not(
    workspace: Workspace,
) -> None:
    remember(workspace, UNANSWERED, CLEAR)
    report = distill(workspace, Distill(per_query=4))
    (pair,) = labelled(workspace)
    assert (report.n_queries, report.n_pairs) == (1, 4)
    assert pair.query == CLEAR
    assert pair.text.startswith("Over-proofed dough\n")
    assert len(pair.scores) == 5
    assert len({pair.text, *pair.negatives}) == 5
    assert pair.scores[0] >= RELEVANT_FROM
    assert list(pair.scores) == sorted(pair.scores, reverse=True)
    scored = workspace._parts.models.cross_encoder().score(CLEAR, [pair.text, *pair.negatives])
    assert pair.scores == pytest.approx(scored.tolist(), abs=1e-4)


def test_that_a_query_that_was_made_keeps_its_passage_without_what_it_took(
    workspace: Workspace,
) -> None:
    end = workspace.wait(workspace.bench.synthesize(Synthesize("title", 8)).id)
    assert isinstance(end, Finished), end
    report = distill(workspace, Distill(per_query=3))
    assert report.n_queries >= 1
    titles = {pair.query for pair in labelled(workspace)}
    assert len(titles) == report.n_queries
    assert all(
        not pair.text.startswith(pair.query) and len(pair.negatives) == 3
        for pair in labelled(workspace)
    )
    assert distill(workspace, Distill(per_query=3)).n_queries == 0  # all done


def test_that_what_was_judged_is_not_asked_about(workspace: Workspace) -> None:
    workspace.load()
    remember(workspace, CLEAR)
    found = workspace.search(Search(CLEAR, k=1)).results[0]
    workspace.judge(Judge(CLEAR.upper(), found.document_id, 3, found.passages[0].text))
    end = workspace.wait(workspace.bench.distill(Distill()).id)
    assert isinstance(end, Failed)
    assert "neither" in end.message
    judged_in_set = "why did my loaf sink in the oven"
    remember(workspace, judged_in_set, "which wood splits")
    distill(workspace, Distill(evalset="check", per_query=2))
    assert judged_in_set not in {pair.query for pair in labelled(workspace)}
