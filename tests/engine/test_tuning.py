"""Tuning through the workspace: real training, a real gate, activation and rolling back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.events import Cancelled, Event, Failed, Finished, Measured
from engine.records import ActivationReport, EvaluationReport, TuneReport
from engine.requests import (
    ActivateModel,
    CancelJob,
    Evaluate,
    Finetune,
    GetStatus,
    ListModels,
    RollBackModel,
)
from engine.training.model_record import TRAINING_SET, read_record
from engine.training_requests import ListInterrupted
from engine.workspace import Workspace
from tests.engine.tiny_library import LONG, SHORT, TINY, make_tiny_library


@pytest.fixture(scope="module")
def tiny_library_made(tmp_path_factory: pytest.TempPathFactory, tiny_weights: Path) -> Path:
    folder = tmp_path_factory.mktemp("made") / "library"
    make_tiny_library(folder, tiny_weights)
    return folder


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def tiny_library(tiny_library_made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_library_made, tmp_path / "tiny library")


@pytest.fixture
def workspace(tiny_library: Path, heard: list[Event]) -> Iterator[Workspace]:
    with Workspace(tiny_library, heard.append) as opened:
        yield opened


def ndcg(workspace: Workspace) -> float:
    end = workspace.wait(workspace.evaluate(Evaluate("check", "train", "dense")).id)
    assert isinstance(end, Finished)
    assert isinstance(end.result, EvaluationReport)
    return end.result.measures["nDCG@10"]


def test_that_a_tuned_model_is_judged_registered_and_used_only_if_accepted(
    workspace: Workspace, tiny_library: Path, heard: list[Event]
) -> None:
    base = workspace.get_status(GetStatus()).active_model
    before = ndcg(workspace)
    end = workspace.wait(workspace.finetune(Finetune("check", "train", recipe=SHORT)).id)
    assert isinstance(end, Finished), end
    report = end.result
    assert isinstance(report, TuneReport)
    assert report.base == base
    series = {event.series for event in heard if isinstance(event, Measured)}
    assert {"loss", "nDCG@10", "validation loss"} <= series
    models = {model.id: model for model in workspace.list_models(ListModels())}
    assert models[report.model].gate == report.gate
    assert models[report.model].base == base
    assert models[report.model].active is report.accepted
    folder = tiny_library / "models" / report.model
    record = read_record(folder)
    assert record is not None and record.recipe == SHORT
    assert record.parents == (TINY, "all-MiniLM-L6-v2")
    assert len(record.changes) == report.gate.n_queries and record.general_before is not None
    assert record.n_pairs == (folder / TRAINING_SET).read_text().count('"role":"learnt"')
    assert not any((tiny_library / "jobs").iterdir())
    names = [check.name for check in report.gate.checks]
    assert len(names) == 5 and "Tested with nothing that it learnt" in names
    if report.accepted:
        assert workspace.roll_back_model(RollBackModel()).id == base
    else:
        with pytest.raises(InvalidInput, match="Not accepted"):
            workspace.activate_model(ActivateModel(report.model))
    assert workspace.get_status(GetStatus()).active_model == base
    assert ndcg(workspace) == before


def test_that_cancelled_tuning_leaves_everything_as_it_was(
    workspace: Workspace, tiny_library: Path, heard: list[Event]
) -> None:
    folders = {path.name for path in (tiny_library / "models").iterdir()}
    models = workspace.list_models(ListModels())
    job = workspace.finetune(Finetune("check", "train", recipe=LONG))
    while not any(isinstance(event, Measured) for event in list(heard)):
        assert not any(isinstance(event, Failed) for event in list(heard)), heard
        time.sleep(0.05)
    workspace.cancel_job(CancelJob(job.id))
    assert isinstance(workspace.wait(job.id), Cancelled)
    assert {path.name for path in (tiny_library / "models").iterdir()} == folders
    assert workspace.list_models(ListModels()) == models
    assert workspace.bench.list_interrupted(ListInterrupted()) == ()
    assert not any((tiny_library / "jobs").iterdir())


def test_that_another_model_is_switched_to_and_taken_back_to_the_digit(
    workspace: Workspace,
) -> None:
    base = workspace.get_status(GetStatus()).active_model
    before = ndcg(workspace)
    end = workspace.wait(workspace.activate_model(ActivateModel("bge-small-en-v1.5")).id)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, ActivationReport)
    assert end.result.encoded == workspace.get_status(GetStatus()).n_chunks
    assert workspace.get_status(GetStatus()).active_model == "bge-small-en-v1.5"
    assert ndcg(workspace) not in (0.0, before)
    refused = workspace.wait(workspace.finetune(Finetune("check", "train")).id)
    assert isinstance(refused, Failed)
    assert "all-MiniLM-L6-v2" in refused.hint  # it comes compressed, for searching only
    assert workspace.roll_back_model(RollBackModel()).id == base
    assert ndcg(workspace) == before


def test_that_too_little_feedback_says_how_much_is_missing(workspace: Workspace) -> None:
    end = workspace.wait(workspace.finetune(Finetune()).id)
    assert isinstance(end, Failed)
    assert "20" in end.message
