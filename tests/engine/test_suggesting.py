"""What is suggested when: by what was judged since the last tuning, and never twice for nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import suggesting
from engine.auto_tuning import AutoTuning
from engine.records import GateReport
from engine.requests import ChangeSettings, GetSettings, Judge, Sync
from engine.storage import labels, model_registry
from engine.training_records import Suggestion
from engine.training_requests import GetSuggestion
from engine.workspace import Workspace

N_TEXTS = 60


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A library of short texts; no model is prepared, so that none is asked."""
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(N_TEXTS):
        (texts / f"{number}.txt").write_text(f"Note {number} on subject {number}.", "utf-8")
    with Workspace(tmp_path / "library", lambda _: None) as opened:
        monkeypatch.setattr(opened._parts.models, "catch_up", lambda _: 0)
        opened.remember([str(texts)])
        opened.wait(opened.sync(Sync()).id)
        yield opened


def judge(workspace: Workspace, first: int, n: int) -> None:
    for number in range(first, first + n):
        text = f"Note {number} on subject {number}."
        workspace.judge(Judge(f"what of {number}", 1 + number % N_TEXTS, 2, text))


def tuned(workspace: Workspace, model_id: str, *, accepted: bool) -> None:
    """Register a model as tuned on all that was judged so far."""
    gate = GateReport("nDCG@10", 0.5, 0.6, (0.0, 0.2), 0.01, 30, accepted, "It was tried.")
    with workspace._parts.library.write() as connection:
        model_registry.register(connection, model_id, gate, labels.last_event(connection))


def suggested(workspace: Workspace) -> Suggestion:
    return workspace.bench.get_suggestion(GetSuggestion())


def test_that_the_adapter_comes_first_once_there_is_enough(workspace: Workspace) -> None:
    judge(workspace, 0, 19)
    assert suggested(workspace).kind == "none"
    judge(workspace, 19, 1)
    found = suggested(workspace)
    assert (found.kind, found.recipe, found.n_new) == ("adapter", "Quick", 20)
    assert "20" in found.reasons[0]


def test_that_twenty_more_judged_searches_are_worth_another(workspace: Workspace) -> None:
    judge(workspace, 0, 30)
    tuned(workspace, "first", accepted=True)
    judge(workspace, 30, 19)
    assert suggested(workspace).kind == "none"
    judge(workspace, 49, 1)
    assert suggested(workspace).kind == "adapter"
    assert suggested(workspace).reasons == ("20 searches were judged since the last tuning.",)


def test_that_many_judged_searches_are_worth_a_tuning(workspace: Workspace) -> None:
    judge(workspace, 0, suggesting.FEW)
    found = suggested(workspace)
    assert (found.kind, found.recipe) == ("tune", "Balanced")


def test_that_after_a_refusal_a_third_more_is_waited_for(workspace: Workspace) -> None:
    judge(workspace, 0, 90)
    tuned(workspace, "refused", accepted=False)
    judge(workspace, 90, 29)
    assert suggested(workspace).kind == "none"
    judge(workspace, 119, 1)
    assert suggested(workspace).kind == "adapter"


def test_that_nothing_is_suggested_where_that_is_not_wanted(workspace: Workspace) -> None:
    judge(workspace, 0, 30)
    settings = replace(workspace.get_settings(GetSettings()), suggest_tuning=False)
    workspace.change_settings(ChangeSettings(settings))
    assert suggested(workspace).kind == "none"


def test_that_it_looks_by_itself_only_where_that_is_wanted_and_may_be() -> None:
    looked, wanted, may = threading.Event(), False, False
    tuning = AutoTuning(lambda: wanted, lambda: may, looked.set, look_every_s=0.01, idle_s=0.01)
    tuning.refresh()
    assert not any(thread.name == "tuning by itself" for thread in threading.enumerate())
    wanted = True
    tuning.refresh()
    assert not looked.wait(0.1)
    may = True
    assert looked.wait(20)
    wanted = False
    tuning.refresh()
    tuning.close()
    assert not any(thread.name == "tuning by itself" for thread in threading.enumerate())


def test_that_a_search_keeps_it_from_looking() -> None:
    looked = threading.Event()
    tuning = AutoTuning(lambda: True, lambda: True, looked.set, look_every_s=0.01, idle_s=3600.0)
    tuning.refresh()
    assert not looked.wait(0.2)
    tuning.close()
