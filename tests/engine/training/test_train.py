"""The trainer process, for real: what it delivers, and that its end is never a hang."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import psutil
import pytest
from safetensors.numpy import load_file

from engine.errors import JobCancelled, ModelRejected, NotEnoughData, WorkerFailed
from engine.events import Event
from engine.jobs.job import Job
from engine.recipe import Recipe, Stage
from engine.training import train as training
from engine.training.train import train
from engine.training.train_messages import Heard, Probed, Resumed, Saved, Stepped
from tests.engine.training.training_order import order

RECIPE = Recipe(stages=(Stage(batch_size=8, learning_rate=1e-3),))
LONG = Recipe(stages=(Stage(epochs=50, batch_size=2),), probes_an_epoch=1)


def nothing() -> None:
    pass


def trainers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if "engine.training.train_worker" in child.cmdline()
    ]


@pytest.fixture(scope="module")
def trained(
    tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Heard]]:
    """A model that was tuned, and what was heard meanwhile."""
    heard: list[Heard] = []
    target = tmp_path_factory.mktemp("tuned") / "weights"
    result = train(order(tiny_weights, target, RECIPE), heard.append, nothing)
    assert (result.n_steps, result.kept_step, result.stopped) == (6, 6, "")
    return target, heard


def test_that_every_step_probe_and_checkpoint_is_heard(trained: tuple[Path, list[Heard]]) -> None:
    steps = [message for message in trained[1] if isinstance(message, Stepped)]
    probes = [message for message in trained[1] if isinstance(message, Probed)]
    saved = [message.step for message in trained[1] if isinstance(message, Saved)]
    assert [(step.step, step.n_steps) for step in steps] == [(n, 6) for n in range(1, 7)]
    assert all(step.loss > 0 and step.pairs_a_second > 0 for step in steps)
    assert all(step.memory_mb > 50 and step.stage == "stage 1 of 1" for step in steps)
    assert [probe.step for probe in probes] == [0, 2, 3, 5, 6]
    assert all(0 <= probe.ndcg <= 1 and probe.loss > 0 for probe in probes)
    assert saved == [2, 3, 5, 6]


def test_that_only_the_weights_are_new(
    trained: tuple[Path, list[Heard]], tiny_weights: Path
) -> None:
    target, _ = trained
    files = sorted(f.relative_to(tiny_weights) for f in tiny_weights.rglob("*") if f.is_file())
    assert sorted(f.relative_to(target) for f in target.rglob("*") if f.is_file()) == files
    for file in files:
        same = (target / file).read_bytes() == (tiny_weights / file).read_bytes()
        assert same == (file.suffix != ".safetensors"), file
    before = load_file(tiny_weights / "model.safetensors")
    after = load_file(target / "model.safetensors")
    assert {name: tensor.shape for name, tensor in after.items()} == {
        name: before[name].shape for name in after
    }
    assert sorted(os.listdir(target.parent)) == ["weights", "weights-checkpoints"]


def test_that_a_killed_trainer_fails_and_goes_on_to_the_same_weights(
    trained: tuple[Path, list[Heard]], tiny_weights: Path, tmp_path: Path
) -> None:
    asked = order(tiny_weights, tmp_path / "tuned", RECIPE)

    def kill(message: Heard) -> None:
        if isinstance(message, Saved):
            for trainer in trainers():
                trainer.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    with pytest.raises(WorkerFailed):
        train(asked, kill, nothing)
    assert os.listdir(tmp_path) == ["tuned-checkpoints"]
    heard: list[Heard] = []
    train(asked, heard.append, nothing)
    assert isinstance(heard[0], Resumed)
    file = "model.safetensors"
    assert (tmp_path / "tuned" / file).read_bytes() == (trained[0] / file).read_bytes()


def test_that_cancelling_ends_the_trainer_and_leaves_nothing(
    tiny_weights: Path, tmp_path: Path
) -> None:
    stepping = False

    def hear(message: Heard) -> None:
        nonlocal stepping
        stepping = stepping or isinstance(message, Stepped)

    def cancel() -> None:
        if stepping:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        train(order(tiny_weights, tmp_path / "tuned", LONG), hear, cancel)
    assert os.listdir(tmp_path) == ["tuned-checkpoints"]
    assert not trainers()


class Told(Job):
    """A job that goes on by itself once it is paused and its trainer rests."""

    def __init__(self) -> None:
        def ignore(_: Event) -> None:
            pass

        super().__init__("finetune", "Tuning", ignore)
        self.n_steps = 0
        self.rested = False

    def checkpoint(self) -> None:
        if self.paused:
            (trainer,) = trainers()
            while (before := trainer.cpu_times()) is not None:
                try:
                    trainer.wait(timeout=0.5)
                except psutil.TimeoutExpired:
                    # What it does in half a second of waiting is next to nothing.
                    if sum(trainer.cpu_times()[:2]) - sum(before[:2]) < 0.1:
                        break
            self.rested = True
            self.resume()
        super().checkpoint()

    def hear(self, message: Heard) -> None:
        self.n_steps += isinstance(message, Stepped)
        if self.n_steps == 2 and not self.rested:
            self.pause()
        if self.n_steps >= 6:
            self.wrap_up()


def test_that_it_rests_while_paused_and_keeps_what_there_is_where_it_is_to_finish(
    tiny_weights: Path, tmp_path: Path
) -> None:
    job = Told()
    asked = order(tiny_weights, tmp_path / "tuned", LONG)
    result = train(asked, job.hear, job.checkpoint, lambda: job.paused, lambda: job.wraps_up)
    assert job.rested
    assert 6 <= result.n_steps < 600
    assert result.n_steps == result.kept_step == job.n_steps
    assert result.stopped == "Stopped by hand."
    assert (tmp_path / "tuned" / "model.safetensors").is_file()


def test_that_a_silent_trainer_is_a_failure(
    tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SILENCE_S", 0.3)  # less than it takes to load
    with pytest.raises(WorkerFailed, match="not been heard of"):
        train(order(tiny_weights, tmp_path / "tuned", RECIPE), lambda _: None, nothing)
    assert not trainers()


@pytest.mark.parametrize(
    ("name", "problem"), [("pytorch_model.bin", "Unsafe"), ("model.onnx", "cannot be tuned")]
)
def test_that_a_model_without_safetensors_is_refused(
    tiny_weights: Path, tmp_path: Path, name: str, problem: str
) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    if name == "model.onnx":
        shutil.copyfile(tiny_weights / "tokenizer.json", weights / "tokenizer.json")
    (weights / name).write_bytes(b"")
    with pytest.raises(ModelRejected, match=problem):
        train(order(weights, tmp_path / "tuned", RECIPE), lambda _: None, nothing)
    assert not (tmp_path / "tuned").exists()


def test_that_stages_without_anything_to_learn_are_refused(
    tiny_weights: Path, tmp_path: Path
) -> None:
    asked = order(tiny_weights, tmp_path / "tuned", RECIPE, examples=())
    with pytest.raises(NotEnoughData):
        train(asked, lambda _: None, nothing)
