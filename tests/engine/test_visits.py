"""Opening and reading is remembered where it says something, and forgotten when asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.storage import visits
from engine.training_requests import ForgetVisits, ListPairs, RecordVisit
from engine.workspace import Workspace
from tests.engine.training_library import TEXTS, add_documents, ids


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "library", lambda _: None) as opened:
        add_documents(opened, TEXTS)
        yield opened


def kept(workspace: Workspace) -> tuple[visits.Visit, ...]:
    with workspace._parts.library.read() as connection:
        return visits.every(connection)


def test_that_a_visit_names_its_document_by_what_is_in_it(workspace: Workspace) -> None:
    number = ids(workspace)["tides"]
    workspace.bench.record_visit(RecordVisit("moon", number, "The tides", 4, True, 0.0, "m"))
    (visit,) = kept(workspace)
    assert (visit.content_hash, visit.title, visit.rank, visit.opened) == (
        "tides",
        "Tides",
        4,
        True,
    )
    assert Path(visit.document).name == "tides.txt"


def test_that_the_passage_that_was_shown_is_learnt_as_it_is_encoded(workspace: Workspace) -> None:
    number = ids(workspace)["tides"]
    workspace.bench.record_visit(RecordVisit("moon", number, "the moon", 8, False, 30.0))
    (pair,) = workspace.bench.list_pairs(ListPairs()).pairs
    assert (pair.positive, pair.origin) == (TEXTS["tides"], "dwell")


@pytest.mark.parametrize(
    ("query", "document", "text", "opened", "seconds"),
    [
        ("moon", "tides", "x", False, 3.0),
        ("moon", "tides", "x", True, 2.0),
        (" ", "tides", "x", True, 0.0),
        ("moon", "tides", "", True, 0.0),
        ("moon", "unknown", "x", True, 0.0),
    ],
)
def test_that_what_says_nothing_is_not_remembered(
    workspace: Workspace, query: str, document: str, text: str, opened: bool, seconds: float
) -> None:
    number = ids(workspace).get(document, 10**6)
    workspace.bench.record_visit(RecordVisit(query, number, text, 1, opened, seconds))
    assert kept(workspace) == ()


def test_that_all_visits_are_forgotten_when_asked(workspace: Workspace) -> None:
    for number in ids(workspace).values():
        workspace.bench.record_visit(RecordVisit("moon", number, "x", 1, True))
    assert len(kept(workspace)) == len(TEXTS)
    workspace.bench.forget_visits(ForgetVisits())
    assert kept(workspace) == ()
    assert workspace.bench.list_pairs(ListPairs()).n_total == 0
