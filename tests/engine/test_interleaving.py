"""An A/B test through the workspace: whose results are whose, credit, thumbs, and its end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.encoders.catalogue import write_card
from engine.encoders.prepare import prepare_encoder
from engine.errors import InvalidInput, NotFound
from engine.events import Finished
from engine.records import SearchResult, Team, Thumb
from engine.requests import (
    GiveThumb,
    Search,
    Sync,
    Undo,
)
from engine.storage import ab_tests, model_registry
from engine.training.pairs import normalised
from engine.training_requests import GetAbTest, RecordVisit, StartAbTest, StopAbTest
from engine.workspace import Workspace
from tests.tiny_model import tiny_card, write_tiny_model

WORDS = ("wing", "lift", "drag", "shock", "flow", "heat", "plate", "boundary", "layer", "jet")
QUERY = "lift of a wing"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A library of short texts with two tiny models, one of them at work."""
    folder, texts = tmp_path_factory.mktemp("library"), tmp_path_factory.mktemp("texts")
    for number in range(40):
        words = [WORDS[(number * step) % 10] for step in (1, 3, 7)]
        (texts / f"{number}.txt").write_text(f"Note {number} on {' and '.join(words)}.", "utf-8")
    with Workspace(folder, lambda _: None) as opened:
        for seed, model_id in enumerate(("one", "two")):
            _add_model(opened, model_id, seed)
        opened._parts.models.activate("one")
        opened.remember([str(texts)])
        assert isinstance(opened.wait(opened.sync(Sync()).id), Finished)
        yield opened


def _add_model(workspace: Workspace, model_id: str, seed: int) -> None:
    models = workspace._parts.models
    folder = models.folder(model_id)
    folder.mkdir(parents=True)
    write_tiny_model(folder / "weights", seed)
    card = replace(tiny_card(model_id), notes="Made for a test.")
    write_card(card, folder)
    prepare_encoder(card, folder / "weights", folder / "onnx", lambda: None)
    with workspace._parts.library.write() as connection:
        model_registry.register(connection, model_id)


@pytest.fixture
def running(workspace: Workspace) -> Iterator[Workspace]:
    """The workspace with a test of both models that counts."""
    workspace.bench.start_ab_test(StartAbTest("one", "two"))
    _settle(workspace)
    yield workspace
    with contextlib.suppress(NotFound):
        workspace.bench.stop_ab_test(StopAbTest())


def _settle(workspace: Workspace) -> None:
    for job in workspace._jobs.unfinished():
        workspace.wait(job.id)


def _teams(workspace: Workspace, query: str = QUERY) -> dict[int, Team]:
    """Whose results are whose, once the search is written down."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with workspace._parts.library.read() as connection:
            test = ab_tests.last(connection)
            assert test is not None
            for search in ab_tests.searches(connection, test.id):
                if search.query == normalised(query):
                    return search.teams
        time.sleep(0.01)
    raise AssertionError("the search was not written down")


def _searched(workspace: Workspace, query: str = QUERY) -> tuple[SearchResult, ...]:
    return workspace.search(Search(query, mode="dense", group=False)).results


def _of(teams: dict[int, Team], team: Team) -> int:
    return next(document for document, whose in teams.items() if whose == team)


def _thumb(workspace: Workspace, document: int, value: Thumb) -> None:
    workspace.give_thumb(GiveThumb(QUERY, document, value, "Note", 1, {}, "one"))


def test_that_both_models_results_come_in_one_list_that_stays(running: Workspace) -> None:
    found = _searched(running)
    teams = _teams(running)
    assert set(teams.values()) == {1, 2}
    assert [result.rank for result in found] == list(range(1, len(found) + 1))
    assert len({result.document_id for result in found}) == len(found) == 20
    again = [result.document_id for result in _searched(running)]
    assert again == [result.document_id for result in found]


def test_that_a_thumb_decides_and_taking_it_back_undoes_that(running: Workspace) -> None:
    _searched(running)
    loved = _of(_teams(running), 2)
    _thumb(running, loved, 1)
    test = running.bench.get_ab_test(GetAbTest())
    assert test is not None
    assert (test.n_searches, test.n_decided) == (1, 1)
    running.undo(Undo())
    test = running.bench.get_ab_test(GetAbTest())
    assert test is not None
    assert test.n_decided == 0


def test_that_a_thumb_down_debits(running: Workspace) -> None:
    _searched(running)
    _thumb(running, _of(_teams(running), 2), -1)
    assert running.bench.stop_ab_test(StopAbTest()).wins_first == 1
    running.undo(Undo())


def test_that_opening_counts_once_and_who_leads_is_told_only_at_the_end(
    running: Workspace,
) -> None:
    _searched(running)
    opened = _of(_teams(running), 2)
    for _ in range(3):
        running.bench.record_visit(RecordVisit(QUERY, opened, "Note", 1, opened=True))
    test = running.bench.get_ab_test(GetAbTest())
    assert test is not None
    assert (test.n_decided, test.wins_second, test.preference) == (1, 0, 0.5)
    ended = running.bench.stop_ab_test(StopAbTest())
    assert (ended.wins_first, ended.wins_second, ended.preference) == (0, 1, 1.0)
    assert ended.ci[0] < 0.5 < ended.ci[1]
    assert "No clear winner" in ended.verdict


def test_that_unfinished_words_and_keywords_alone_do_not_count(running: Workspace) -> None:
    running.search(Search("drag", mode="dense", prefix=True))
    running.search(Search("drag", mode="lexical"))
    _searched(running)
    _teams(running)
    test = running.bench.get_ab_test(GetAbTest())
    assert test is not None
    assert test.n_searches == 1


def test_that_a_test_waits_until_both_models_know_the_library(
    running: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text("Something new on wings.", "utf-8")
    running.remember([str(tmp_path)])
    assert isinstance(running.wait(running.sync(Sync()).id), Finished)
    n_chunks = len(list(tmp_path.iterdir())) + 40
    for model_id in ("one", "two"):
        served = running._parts.models.opened(model_id)
        assert served is not None
        assert served.dense.health(n_chunks).done == n_chunks


def test_that_a_model_does_not_compete_with_itself_or_with_nobody(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        workspace.bench.start_ab_test(StartAbTest("one", "one"))
    with pytest.raises(NotFound):
        workspace.bench.start_ab_test(StartAbTest("one", "nobody"))
    with pytest.raises(NotFound):
        workspace.bench.stop_ab_test(StopAbTest())


def test_that_removing_a_model_ends_its_test(running: Workspace) -> None:
    _add_model(running, "three", 3)
    running.bench.start_ab_test(StartAbTest("one", "three"))
    _settle(running)
    running._parts.models.remove("three")
    test = running.bench.get_ab_test(GetAbTest())
    assert test is not None
    assert test.ended_at is not None
    assert _searched(running)
