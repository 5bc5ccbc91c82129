"""The instant adapter through the workspace: fitted, judged, at work and taken back at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.encoders.text_adapter import ADAPTER
from engine.errors import InvalidInput, ModelRejected
from engine.events import Cancelled, Failed, Finished
from engine.places import CHECK_SET
from engine.records import TuneReport
from engine.requests import (
    CancelJob,
    GetStatus,
    ImportEvalSet,
    ListModels,
    RemoveModel,
    RollBackModel,
    Search,
)
from engine.training.model_record import read_record
from engine.training_requests import FitAdapter
from engine.workspace import Workspace

MINILM = "all-MiniLM-L6-v2"


@pytest.fixture(scope="module")
def check_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's own check set as a BEIR folder."""
    folder = tmp_path_factory.mktemp("beir")
    shutil.copy(CHECK_SET / "corpus.jsonl", folder)
    shutil.copy(CHECK_SET / "queries.jsonl", folder)
    (folder / "qrels").mkdir()
    shutil.copy(CHECK_SET / "qrels.tsv", folder / "qrels" / "train.tsv")
    return folder


@pytest.fixture(scope="module")
def workspace(
    tmp_path_factory: pytest.TempPathFactory, prepared_minilm: Path, check_set: Path
) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(prepared_minilm, folder / "models" / MINILM)
    with Workspace(folder, lambda _: None) as opened:
        job = opened.import_eval_set(ImportEvalSet(str(check_set), "check"))
        assert isinstance(opened.wait(job.id), Finished)
        yield opened


@pytest.fixture(scope="module")
def report(workspace: Workspace) -> TuneReport:
    """Of an adapter that was fitted once for all tests."""
    return fitted(workspace)


@pytest.fixture(autouse=True)
def with_the_base(workspace: Workspace, report: TuneReport) -> None:
    """Every test begins with the base at work."""
    while active(workspace) != MINILM:
        workspace.roll_back_model(RollBackModel())


def fitted(workspace: Workspace) -> TuneReport:
    end = workspace.wait(workspace.bench.fit_adapter(FitAdapter("check", "train")).id)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, TuneReport)
    return end.result


def activated(workspace: Workspace, model: str) -> None:
    workspace._parts.models.activate(model)
    workspace.load()


def active(workspace: Workspace) -> str:
    return workspace.get_status(GetStatus()).active_model


def test_that_a_fitted_adapter_is_judged_and_told_of(
    workspace: Workspace, report: TuneReport
) -> None:
    assert report.base == MINILM
    info = {model.id: model for model in workspace.list_models(ListModels())}[report.model]
    assert info.adapter
    assert info.gate == report.gate
    assert {check.name for check in report.gate.checks} == {
        "Held-out searches",
        "Tested with nothing that it learnt",
        "General knowledge",
        "Speed",
    }
    record = read_record(workspace._parts.models.folder(report.model))
    assert record is not None
    assert record.parents == (MINILM,)
    assert record.recipe is None
    assert len(record.changes) == report.gate.n_queries


def test_that_an_adapter_shares_its_bases_vectors_and_maps_queries_alone(
    workspace: Workspace, report: TuneReport
) -> None:
    models = workspace._parts.models
    base = models.open(MINILM, lambda: None)
    adapted = models.open(report.model, lambda: None)
    assert adapted.dense is base.dense
    first, second = base.encoder, adapted.encoder
    assert second.fingerprint == first.fingerprint
    assert (second.encode_passages(["lift"]) == first.encode_passages(["lift"])).all()
    mapped = second.encode_queries(["what holds a wing up"])
    assert np.linalg.norm(mapped) == pytest.approx(1.0, abs=1e-5)
    counted = {model.id: model.encoded for model in workspace.list_models(ListModels())}
    assert counted[report.model] == counted[MINILM] > 0
    assert models.weights(report.model) == models.weights(MINILM)


def test_that_switching_to_an_adapter_and_back_encodes_nothing(
    workspace: Workspace, report: TuneReport
) -> None:
    activated(workspace, report.model)
    embeddings = workspace._parts.embeddings
    before = embeddings.count(workspace._parts.models.open(MINILM, lambda: None).dense.fingerprint)
    found = workspace.search(Search("supersonic wing", mode="dense"))
    assert found.model == report.model
    assert found.results
    assert workspace.roll_back_model(RollBackModel()).id == MINILM
    assert workspace.search(Search("supersonic wing", mode="dense")).results
    after = embeddings.count(workspace._parts.models.open(MINILM, lambda: None).dense.fingerprint)
    assert after == before


def test_that_an_adapter_is_fitted_to_the_base_of_the_active_one_and_goes_without_a_trace(
    workspace: Workspace, report: TuneReport
) -> None:
    activated(workspace, report.model)
    second = fitted(workspace)
    assert active(workspace) == (second.model if second.accepted else report.model)
    assert second.base == MINILM
    assert second.gate.before == report.gate.before
    models = workspace._parts.models
    fingerprint = models.open(second.model, lambda: None).dense.fingerprint
    had = workspace._parts.embeddings.count(fingerprint)
    while active(workspace) != MINILM:
        workspace.roll_back_model(RollBackModel())
    workspace.remove_model(RemoveModel(second.model))
    assert not models.folder(second.model).exists()
    assert workspace._parts.embeddings.count(fingerprint) == had > 0
    assert workspace.search(Search("supersonic wing", mode="dense")).results


def test_that_a_base_stays_while_an_adapter_needs_it(
    workspace: Workspace, report: TuneReport
) -> None:
    models = workspace._parts.models
    assert models.source(report.model) == MINILM
    activated(workspace, report.model)
    with pytest.raises(InvalidInput):
        workspace.remove_model(RemoveModel(MINILM))


def test_that_a_cancelled_fit_leaves_nothing(workspace: Workspace) -> None:
    folder = workspace._parts.folder / "models"
    folders = {path.name for path in folder.iterdir()}
    models = workspace.list_models(ListModels())
    job = workspace.bench.fit_adapter(FitAdapter("check", "train"))
    workspace.cancel_job(CancelJob(job.id))
    assert isinstance(workspace.wait(job.id), Cancelled)
    assert {path.name for path in folder.iterdir()} == folders
    assert workspace.list_models(ListModels()) == models


def test_that_too_little_feedback_says_how_much_is_missing(workspace: Workspace) -> None:
    end = workspace.wait(workspace.bench.fit_adapter(FitAdapter()).id)
    assert isinstance(end, Failed)
    assert "20" in end.message


def test_that_a_damaged_adapter_is_refused_and_the_base_goes_on(
    workspace: Workspace, report: TuneReport
) -> None:
    models = workspace._parts.models
    models._opened.pop(report.model, None)
    file = models.folder(report.model) / ADAPTER
    sound = file.read_bytes()
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelRejected, match="missing or damaged"):
        models.open(report.model, lambda: None)
    assert models.open(MINILM, lambda: None).encode_query("wing").shape == (384,)
    file.write_bytes(sound)
