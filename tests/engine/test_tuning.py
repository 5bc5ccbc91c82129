"""Tuning through the workspace: real training, a real gate, activation and rolling back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.events import Cancelled, Event, Failed, Finished, Measured
from engine.places import CHECK_SET
from engine.records import ActivationReport, EvaluationReport, TuneReport
from engine.requests import (
    ActivateModel,
    CancelJob,
    Evaluate,
    Finetune,
    GetStatus,
    ImportEvalSet,
    ListModels,
    RollBackModel,
)
from engine.workspace import Workspace


@pytest.fixture(scope="module")
def check_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's own check set as a BEIR folder."""
    folder = tmp_path_factory.mktemp("beir")
    shutil.copy(CHECK_SET / "corpus.jsonl", folder)
    shutil.copy(CHECK_SET / "queries.jsonl", folder)
    (folder / "qrels").mkdir()
    shutil.copy(CHECK_SET / "qrels.tsv", folder / "qrels" / "train.tsv")
    return folder


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def workspace(library_folder: Path, check_set: Path, heard: list[Event]) -> Iterator[Workspace]:
    with Workspace(library_folder, heard.append) as opened:
        job = opened.import_eval_set(ImportEvalSet(str(check_set), "check"))
        assert isinstance(opened.wait(job.id), Finished)
        yield opened


def ndcg(workspace: Workspace) -> float:
    end = workspace.wait(workspace.evaluate(Evaluate("check", "train", "dense")).id)
    assert isinstance(end, Finished)
    assert isinstance(end.result, EvaluationReport)
    return end.result.measures["nDCG@10"]


def test_that_a_tuned_model_is_judged_registered_and_used_only_if_accepted(
    workspace: Workspace, heard: list[Event]
) -> None:
    base = workspace.get_status(GetStatus()).active_model
    before = ndcg(workspace)
    end = workspace.wait(workspace.finetune(Finetune("check", "train")).id)
    assert isinstance(end, Finished), end
    report = end.result
    assert isinstance(report, TuneReport)
    assert report.base == base
    series = {event.series for event in heard if isinstance(event, Measured)}
    assert series == {"loss", "nDCG@10"}
    models = {model.id: model for model in workspace.list_models(ListModels())}
    assert models[report.model].gate == report.gate
    assert models[report.model].base == base
    assert models[report.model].active is report.accepted
    if report.accepted:
        assert workspace.roll_back_model(RollBackModel()).id == base
    else:
        with pytest.raises(InvalidInput, match="Not accepted"):
            workspace.activate_model(ActivateModel(report.model))
    assert workspace.get_status(GetStatus()).active_model == base
    assert ndcg(workspace) == before


def test_that_cancelled_tuning_leaves_everything_as_it_was(
    workspace: Workspace, library_folder: Path, heard: list[Event]
) -> None:
    folders = {path.name for path in (library_folder / "models").iterdir()}
    models = workspace.list_models(ListModels())
    job = workspace.finetune(Finetune("check", "train"))
    while not any(isinstance(event, Measured) for event in list(heard)):
        assert not any(isinstance(event, Failed) for event in list(heard)), heard
        time.sleep(0.05)
    workspace.cancel_job(CancelJob(job.id))
    assert isinstance(workspace.wait(job.id), Cancelled)
    assert {path.name for path in (library_folder / "models").iterdir()} == folders
    assert workspace.list_models(ListModels()) == models


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
