"""What is known of models, and deleting them, in an open workspace with models that lie there."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine import model_details
from engine.encoders.catalogue import BUNDLED, write_card
from engine.errors import EngineError, InvalidInput, NotFound
from engine.events import Changed, Event, JobResult, Warned
from engine.jobs.job import Job
from engine.parts import Parts
from engine.recipe import BALANCED, QUICK, Recipe, Stage
from engine.records import ActivationReport, GateReport
from engine.requests import ActivateModel, ListModels, RemoveModel
from engine.settings import Settings
from engine.storage import model_registry, runs
from engine.training.kept_tuning import KeptSpec
from engine.training_records import MeasuredOn, ModelRecord
from engine.training_requests import (
    CompareModels,
    DeleteModel,
    GetModelDetails,
    Overrule,
    WriteModelNotes,
)
from engine.workspace import Workspace
from tests.tiny_model import tiny_card

BASE, BGE = (card.id for card in BUNDLED)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def workspace(library_folder: Path, events: list[Event]) -> Iterator[Workspace]:
    with Workspace(library_folder, events.append) as opened:
        yield opened


def parts(workspace: Workspace) -> Parts:
    return workspace._parts


def gate(accepted: bool) -> GateReport:
    return GateReport("nDCG@10", 0.5, 0.6, (0.0, 0.2), 0.04, 20, accepted, "So it is.")


def record(recipe: Recipe, query_ms: float = 3.0) -> ModelRecord:
    return ModelRecord(
        parents=(BASE,),
        data="40 pairs of 20 searches",
        data_hash="ab" * 32,
        n_pairs=40,
        recipe=recipe,
        seed=0,
        versions={"torch": "2.13.0"},
        device="cpu",
        bf16=False,
        seconds=75,
        curves=(),
        changes=(),
        general_before=0.7,
        general_after=0.71,
        query_ms=query_ms,
        size_bytes=4_000_000,
    )


def add(
    workspace: Workspace,
    model_id: str,
    base: str = BASE,
    accepted: bool = True,
    recipe: Recipe | None = None,
    created_at: float = 1.0,
) -> None:
    """A tuned model as it lies there once it was registered."""
    folder = parts(workspace).models.folder(model_id)
    (folder / "weights").mkdir(parents=True)
    (folder / "weights" / "model.safetensors").write_bytes(b"0" * 1_000_000)
    card = replace(tiny_card(model_id), base=base, notes="Tuned.", created_at=created_at)
    write_card(card, folder)
    if recipe is not None:
        (folder / "record.json").write_bytes(msgspec.json.encode(record(recipe)))
    with parts(workspace).library.write() as connection:
        model_registry.register(connection, model_id, gate(accepted))


def ids(workspace: Workspace) -> set[str]:
    return {model.id for model in workspace.list_models(ListModels()) if model.kind == "text"}


def refusal(workspace: Workspace, model_id: str, dependents: bool = False) -> str:
    with pytest.raises(InvalidInput) as refused:
        workspace.bench.delete_model(DeleteModel(model_id, dependents))
    return refused.value.title


def test_that_details_tell_how_a_model_came_about_and_what_it_reached(workspace: Workspace) -> None:
    add(workspace, "one", recipe=BALANCED)
    add(workspace, "two", base="one")
    reached = MeasuredOn("scifact", "test", 1, "dense", False, {"nDCG@10": 0.6}, 5.0)
    with parts(workspace).library.write() as connection:
        runs.put_measured(connection, "one", reached)
    told = workspace.bench.get_model_details(GetModelDetails("one"))
    assert told.record is not None and told.record.recipe == BALANCED
    assert (told.measured, told.dependents, told.vectors_bytes) == ((reached,), ("two",), 0)
    assert workspace.bench.get_model_details(GetModelDetails("two")).record is None
    base = workspace.bench.get_model_details(GetModelDetails(BASE))
    assert set(base.dependents) == {"one", "two"}
    for unknown in ("nothing", "efficientnet-lite2"):
        with pytest.raises(NotFound):
            workspace.bench.get_model_details(GetModelDetails(unknown))


def test_that_a_damaged_record_is_no_record(workspace: Workspace) -> None:
    add(workspace, "one", recipe=QUICK)
    (parts(workspace).models.folder("one") / "record.json").write_text("{")
    assert workspace.bench.get_model_details(GetModelDetails("one")).record is None


def test_that_a_model_is_called_as_the_user_calls_it(
    workspace: Workspace, events: list[Event]
) -> None:
    add(workspace, "one")
    told = workspace.bench.write_model_notes(WriteModelNotes("one", " For wings. ", "My  wings"))
    assert (told.info.name, told.notes) == ("My wings", "For wings.")
    assert Changed("models") in events
    kept = workspace.bench.write_model_notes(WriteModelNotes("one", "For flaps."))
    assert (kept.info.name, kept.notes) == ("My wings", "For flaps.")
    own = workspace.bench.write_model_notes(WriteModelNotes("one", "", ""))
    assert (own.info.name, own.notes) == ("Tiny", "")
    with pytest.raises(InvalidInput):
        workspace.bench.write_model_notes(WriteModelNotes("one", "", "x" * 200))


def test_that_a_comparison_names_what_differs_and_what_both_measured(workspace: Workspace) -> None:
    short = Recipe(name="Short", stages=(Stage(epochs=1),), probes_an_epoch=1)
    long = Recipe(name="Long", stages=(Stage(epochs=2, max_pairs=1500),), probes_an_epoch=2)
    add(workspace, "one", recipe=short)
    add(workspace, "two", recipe=long, accepted=False)
    with parts(workspace).library.write() as connection:
        for model, value, split in (("one", 0.5, "test"), ("two", 0.6, "test"), ("two", 1, "dev")):
            on = MeasuredOn("scifact", split, None, "dense", False, {"nDCG@10": value}, 5.0)
            runs.put_measured(connection, model, on)
    both = workspace.bench.compare_models(CompareModels("one", "two"))
    differ = {each.name: (each.first, each.second) for each in both.fields}
    assert differ == {
        "Recipe": ("Short", "Long"),
        "Probes an epoch": ("1", "2"),
        "Stage 1: Epochs": ("1", "2"),
        "Stage 1: At most": ("0", "1500"),
        "Gate": ("passed", "refused"),
    }
    assert [(m.on, m.measure, m.first, m.second) for m in both.measures] == [
        ("scifact / test, dense", "nDCG@10", 0.5, 0.6)
    ]
    beside = workspace.bench.compare_models(CompareModels(BASE, "one"))
    assert ("–", "Short") in [(each.first, each.second) for each in beside.fields]
    with pytest.raises(InvalidInput):
        workspace.bench.compare_models(CompareModels("one", "one"))


def test_that_what_is_needed_is_not_deleted(workspace: Workspace) -> None:
    assert refusal(workspace, BASE) == refusal(workspace, BGE) == "This model stays"
    add(workspace, "before")
    add(workspace, "now")
    for model in ("before", "now"):
        parts(workspace).models.activate(model)
    assert refusal(workspace, "now") == "This model is at work"
    assert refusal(workspace, "before") == "This model may be needed"
    add(workspace, "tuned further")
    kept = parts(workspace).folder / "jobs" / "4711"
    kept.mkdir(parents=True)
    spec = KeptSpec("4711", None, "", QUICK, "tuned further", tiny_card(), "", "", 1.0, 0)
    (kept / "spec.json").write_bytes(msgspec.json.encode(spec))
    assert refusal(workspace, "tuned further") == "This model is being tuned"
    add(workspace, "tested", base="before")
    with parts(workspace).library.write() as connection:
        connection.execute(
            "INSERT INTO ab_tests (first, second, began_at) VALUES (?, 'tested', 1)", (BASE,)
        )
    assert refusal(workspace, "tested") == "This model is being tested"
    with pytest.raises(NotFound):
        workspace.bench.delete_model(DeleteModel("nothing"))


def test_that_a_model_goes_with_those_made_from_it_only_where_asked(workspace: Workspace) -> None:
    add(workspace, "one")
    add(workspace, "two", base="one")
    add(workspace, "three", base="two")
    assert refusal(workspace, "one") == "This model is needed"
    parts(workspace).models.activate("three")
    assert refusal(workspace, "one", dependents=True) == "This model is at work"
    assert ids(workspace) == {BASE, BGE, "one", "two", "three"}, "all or none"
    parts(workspace).models.activate(BASE)
    parts(workspace).models.activate(BGE)
    workspace.bench.delete_model(DeleteModel("one", dependents=True))
    assert ids(workspace) == {BASE, BGE}
    assert not any(parts(workspace).models.folder(name).exists() for name in ("one", "two"))


def test_that_vectors_stay_while_a_model_that_was_tuned_alike_needs_them(
    workspace: Workspace,
) -> None:
    models = parts(workspace).models
    prepared = models.prepared(BASE)
    assert prepared is not None
    for name in ("one", "two"):
        add(workspace, name)
        shutil.copytree(models.folder(BASE) / "onnx", models.folder(name) / "onnx")
    embeddings = parts(workspace).embeddings
    embeddings.put(prepared.fingerprint, [b"a" * 32], np.ones((1, 384), np.float32))
    workspace.bench.delete_model(DeleteModel("one"))
    assert embeddings.count(prepared.fingerprint) == 1
    assert not models.folder("one").exists()


def test_that_nothing_is_deleted_while_something_may_need_it(workspace: Workspace) -> None:
    add(workspace, "one")
    go_on = threading.Event()

    def wait(job: Job) -> JobResult:
        assert go_on.wait(60)
        return ActivationReport("one", 0, 0.0)

    job = workspace._start("evaluate", "Waiting", wait)
    assert refusal(workspace, "one") == "Models are in use"
    go_on.set()
    workspace.wait(job.id)
    workspace.remove_model(RemoveModel("one"))
    assert "one" not in ids(workspace)


def test_that_a_refused_model_needs_a_reason_to_be_put_to_work(workspace: Workspace) -> None:
    add(workspace, "refused", accepted=False)
    add(workspace, "passed")
    with pytest.raises(InvalidInput, match="So it is"):
        workspace.activate_model(ActivateModel("refused"))
    for reason in ("", "  because  "):
        with pytest.raises(InvalidInput, match="why it is put to work"):
            workspace.bench.overrule(Overrule("refused", reason))
    with pytest.raises(InvalidInput, match="not refused"):
        workspace.bench.overrule(Overrule("passed", "I like it more"))
    job = workspace.bench.overrule(Overrule("refused", "I like  it more"))
    workspace.wait(job.id)  # it has no real weights: switching to it fails
    told = workspace.bench.get_model_details(GetModelDetails("refused")).info
    assert told.overruled == "I like it more"
    workspace.wait(workspace.activate_model(ActivateModel("refused")).id)


def test_that_too_many_models_are_warned_of_and_none_goes(
    workspace: Workspace, events: list[Event]
) -> None:
    add(workspace, "newer", accepted=False, created_at=3)
    add(workspace, "older", accepted=False, created_at=2)
    add(workspace, "passed")
    for model, name in (("newer", "Newer"), ("older", "Older")):
        workspace.bench.write_model_notes(WriteModelNotes(model, "", name))
    job = Job("finetune", "Tuning", events.append)
    model_details.warn_of_budget(parts(workspace), Settings(models_budget_mb=5000), job)
    assert [event for event in events if isinstance(event, Warned)] == []
    used = sum(file.stat().st_size for file in parts(workspace).folder.glob("models/**/*.*"))
    almost = Settings(models_budget_mb=int(used / 1e6))
    model_details.warn_of_budget(parts(workspace), almost, job)
    model_details.warn_of_budget(parts(workspace), Settings(models_budget_mb=1), job)
    first, second = (event for event in events if isinstance(event, Warned))
    assert "Older (1 MB)" in first.hint and "Newer" not in first.hint
    assert second.hint.index("Older") < second.hint.index("Newer")
    assert {"newer", "older"} <= ids(workspace)


def test_that_errors_carry_a_hint(workspace: Workspace) -> None:
    for model in (BASE, BGE):
        with pytest.raises(EngineError) as refused:
            workspace.bench.delete_model(DeleteModel(model))
        assert refused.value.hint
