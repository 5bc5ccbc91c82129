"""Tunings that were ended by a kill or by the program's end, and go on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file

from engine.errors import NotFound
from engine.events import Event, Failed, Finished, Measured
from engine.records import TuneReport
from engine.requests import Finetune, GetStatus, ListModels
from engine.storage import model_registry
from engine.storage.library import open_library
from engine.training.model_record import read_record
from engine.training_records import InterruptedTuning
from engine.training_requests import DiscardTuning, ListInterrupted, ResumeTuning
from engine.workspace import Workspace
from tests.engine.tiny_library import LONG, TINY, make_tiny_library

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_weights: Path) -> Path:
    folder = tmp_path_factory.mktemp("made") / "library"
    make_tiny_library(folder, tiny_weights)
    return folder


@pytest.fixture(scope="module")
def killed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose engine and trainer were killed together while a model was being tuned."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("killed") / "library")
    recipe = folder.parent / "recipe.json"
    recipe.write_bytes(msgspec.json.encode(LONG))
    engine = subprocess.Popen(
        [
            *(sys.executable, PROJECT / "main.py", "--workspace", folder, "finetune"),
            *("--evalset", "check", "--recipe", recipe, "--json"),
        ],
        cwd=folder.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list((folder / "jobs").glob("*/reached.json")):
        assert engine.poll() is None
        time.sleep(0.01)
    process = psutil.Process(engine.pid)
    for each in (process, *process.children(recursive=True)):
        each.kill()
    engine.wait()
    return folder


@pytest.fixture
def library(killed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(killed, tmp_path / "library")


def only_one(workspace: Workspace) -> InterruptedTuning:
    (found,) = workspace.bench.list_interrupted(ListInterrupted())
    return found


def tuned(workspace: Workspace, job: str) -> TuneReport:
    end = workspace.wait(job)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, TuneReport)
    return end.result


def test_that_a_killed_tuning_goes_on_to_the_model_that_it_would_have_become(
    library: Path, made: Path, tmp_path: Path
) -> None:
    calm = shutil.copytree(made, tmp_path / "calm")
    with Workspace(calm, lambda _: None) as workspace:
        asked = Finetune("check", "train", recipe=LONG)
        expected = tuned(workspace, workspace.finetune(asked).id)
    heard: list[Event] = []
    with Workspace(library, heard.append) as workspace:
        assert workspace.get_status(GetStatus()).active_model == TINY
        assert len(workspace.list_models(ListModels())) == 4
        kept = only_one(workspace)
        assert 0 < kept.step < kept.n_steps
        assert (kept.recipe, kept.source) == ("Long", "“check”, split “train”")
        found = tuned(workspace, workspace.bench.resume_tuning(ResumeTuning(kept.job)).id)
        assert workspace.bench.list_interrupted(ListInterrupted()) == ()
    assert (found.gate.before, found.gate.after) == (expected.gate.before, expected.gate.after)
    first, second = (
        load_file(folder / "models" / report.model / "weights" / "model.safetensors")
        for folder, report in ((calm, expected), (library, found))
    )
    for name, weight in first.items():
        np.testing.assert_array_equal(weight, second[name])
    losses = [each.step for each in heard if isinstance(each, Measured) and each.series == "loss"]
    record = read_record(library / "models" / found.model)
    assert record is not None
    assert losses == list(range(1, record.n_steps + 1))
    assert not any((library / "jobs").iterdir())


def test_that_closing_the_program_keeps_what_was_learnt(library: Path) -> None:
    heard: list[Event] = []
    with Workspace(library, heard.append) as workspace:
        kept = only_one(workspace)
        workspace.bench.resume_tuning(ResumeTuning(kept.job))
        while not any(isinstance(event, Measured) for event in list(heard)):
            assert not any(isinstance(event, Failed) for event in list(heard)), heard
            time.sleep(0.01)
        assert workspace.bench.list_interrupted(ListInterrupted()) == ()  # it goes on
    with Workspace(library, heard.append) as workspace:
        assert only_one(workspace).job == kept.job
        assert len(workspace.list_models(ListModels())) == 4


def test_that_a_killed_trainer_fails_the_tuning_which_can_go_on(library: Path) -> None:
    heard: list[Event] = []
    with Workspace(library, heard.append) as workspace:
        kept = only_one(workspace)
        job = workspace.bench.resume_tuning(ResumeTuning(kept.job))
        while not any(isinstance(event, Measured) for event in list(heard)):
            assert not any(isinstance(event, Failed) for event in list(heard)), heard
            time.sleep(0.01)
        for child in psutil.Process().children():
            if "engine.training.train_worker" in child.cmdline():
                child.kill()
        assert isinstance(workspace.wait(job.id), Failed)
        assert only_one(workspace).job == kept.job
        assert len(workspace.list_models(ListModels())) == 4


def test_that_a_discarded_tuning_is_gone(library: Path) -> None:
    spec = next((library / "jobs").iterdir()) / "spec.json"
    model = library / "models" / json.loads(spec.read_text("utf-8"))["card"]["id"]
    shutil.copytree(
        library / "models" / TINY, model, dirs_exist_ok=True
    )  # as a kill before its verdict leaves it
    with Workspace(library, lambda _: None) as workspace:
        kept = only_one(workspace)
        workspace.bench.discard_tuning(DiscardTuning(kept.job))
        assert workspace.bench.list_interrupted(ListInterrupted()) == ()
        with pytest.raises(NotFound):
            workspace.bench.discard_tuning(DiscardTuning(kept.job))
    assert not any((library / "jobs").iterdir()) and not model.exists()


def test_that_a_model_that_is_gone_is_told_of(library: Path) -> None:
    connection = open_library(library)
    with connection.write() as writing:
        model_registry.remove(writing, TINY)
    connection.close()
    with Workspace(library, lambda _: None) as workspace:
        kept = only_one(workspace)
        end = workspace.wait(workspace.bench.resume_tuning(ResumeTuning(kept.job)).id)
        assert isinstance(end, Failed)
        assert TINY in end.message
        assert only_one(workspace).job == kept.job


def test_that_a_kill_after_the_verdict_leaves_nothing_to_go_on_with(library: Path) -> None:
    spec = next((library / "jobs").iterdir()) / "spec.json"
    card = json.loads(spec.read_text("utf-8"))["card"]["id"]
    shutil.copytree(library / "models" / TINY, library / "models" / card, dirs_exist_ok=True)
    connection = open_library(library)
    with connection.write() as writing:
        model_registry.register(writing, card)
    connection.close()
    with Workspace(library, lambda _: None) as workspace:
        assert workspace.bench.list_interrupted(ListInterrupted()) == ()
    assert not spec.exists()


def test_that_a_kill_before_the_first_step_leaves_nothing(library: Path) -> None:
    folder = next((library / "jobs").iterdir())
    (folder / "spec.json").unlink()
    with Workspace(library, lambda _: None) as workspace:
        assert workspace.bench.list_interrupted(ListInterrupted()) == ()
        end = workspace.wait(workspace.finetune(Finetune()).id)
        assert isinstance(end, Failed)  # nothing was judged
    assert not folder.exists()
