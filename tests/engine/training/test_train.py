"""The trainer process, for real: what it delivers, and that its end is never a hang."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file

from engine.encoders.torchvision_ops import define_missing
from engine.errors import JobCancelled, ModelRejected, WorkerFailed
from engine.training.pairs import Example
from engine.recipe import Recipe
from engine.training.train import train
from engine.training.train_messages import Probe, Probed, Stepped, Trained, TrainOrder

WORDS = [f"word{number}" for number in range(24)]
EXAMPLES = tuple(
    Example(f"q{n}", f"what is {word}", f"d{n}", f"{word} is this", (f"{WORDS[n - 1]} is that",))
    for n, word in enumerate(WORDS)
)
PROBE = Probe(
    {example.query_id: example.query for example in EXAMPLES},
    tuple(example.document for example in EXAMPLES),
    tuple(example.positive for example in EXAMPLES),
    {example.query_id: {example.document: 1} for example in EXAMPLES},
)


def order(weights: Path, target: Path, epochs: int = 2) -> TrainOrder:
    recipe = Recipe(epochs=epochs, batch_size=8, learning_rate=1e-3)
    return TrainOrder(str(weights), str(target), recipe, EXAMPLES, PROBE, False, threads=1)


def nothing() -> None:
    pass


@pytest.fixture(scope="module")
def trained(
    tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Stepped | Probed]]:
    """A model that was tuned, and what was heard meanwhile."""
    heard: list[Stepped | Probed] = []
    target = tmp_path_factory.mktemp("tuned") / "weights"
    result = train(order(tiny_weights, target), heard.append, nothing)
    assert result.n_steps == 6
    return target, heard


def test_that_every_step_and_probe_is_heard(trained: tuple[Path, list[Stepped | Probed]]) -> None:
    steps = [message for message in trained[1] if isinstance(message, Stepped)]
    probes = [message for message in trained[1] if isinstance(message, Probed)]
    assert [(step.step, step.n_steps) for step in steps] == [(n, 6) for n in range(1, 7)]
    assert all(step.loss > 0 for step in steps)
    assert probes[0].step == 0
    assert probes[-1].step == 6
    assert len(probes) >= 1 + 2 * 2
    assert all(0 <= probe.ndcg <= 1 for probe in probes)


def test_that_only_the_weights_are_new(
    trained: tuple[Path, list[Stepped | Probed]], tiny_weights: Path
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
    assert os.listdir(target.parent) == [target.name]


def test_that_the_same_seed_gives_the_same_weights(
    trained: tuple[Path, list[Stepped | Probed]], tiny_weights: Path, tmp_path: Path
) -> None:
    train(order(tiny_weights, tmp_path / "again"), lambda message: None, nothing)
    first = load_file(trained[0] / "model.safetensors")
    again = load_file(tmp_path / "again" / "model.safetensors")
    assert all((first[name] == again[name]).all() for name in first)


def test_that_a_killed_trainer_is_a_failure_not_a_hang(tiny_weights: Path, tmp_path: Path) -> None:
    def kill(message: Stepped | Probed) -> None:
        if isinstance(message, Stepped):
            for child in psutil.Process().children():
                if "engine.training.train_worker" in child.cmdline():
                    child.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    with pytest.raises(WorkerFailed):
        train(order(tiny_weights, tmp_path / "tuned", epochs=200), kill, nothing)
    assert os.listdir(tmp_path) == []


def test_that_cancelling_ends_the_trainer_and_leaves_nothing(
    tiny_weights: Path, tmp_path: Path
) -> None:
    stepping = False

    def hear(message: Stepped | Probed) -> None:
        nonlocal stepping
        stepping = stepping or isinstance(message, Stepped)

    def cancel() -> None:
        if stepping:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        train(order(tiny_weights, tmp_path / "tuned", epochs=200), hear, cancel)
    assert os.listdir(tmp_path) == []
    assert not [
        child
        for child in psutil.Process().children()
        if "engine.training.train_worker" in child.cmdline()
    ]


@pytest.mark.parametrize(
    ("name", "problem"), [("pytorch_model.bin", "Unsafe"), ("model.onnx", "cannot be tuned")]
)
def test_that_a_model_without_safetensors_is_refused(
    tiny_weights: Path, tmp_path: Path, name: str, problem: str
) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    if name == "model.onnx":
        os.link(tiny_weights / "tokenizer.json", weights / "tokenizer.json")
    (weights / name).write_bytes(b"")
    with pytest.raises(ModelRejected, match=problem):
        train(order(weights, tmp_path / "tuned"), lambda message: None, nothing)
    assert os.listdir(tmp_path) == ["weights"]


def kept(weights: Path, target: Path, recipe: Recipe, *, best: bool) -> Trained:
    asked = TrainOrder(str(weights), str(target), recipe, EXAMPLES, PROBE, best, threads=1)
    return train(asked, lambda message: None, nothing)


def test_that_the_best_state_is_kept_where_it_may_be_chosen(
    tiny_weights: Path, tmp_path: Path
) -> None:
    # A rate that overshoots, so that the model is better in between than at the end.
    recipe = Recipe(epochs=3, batch_size=8, learning_rate=5e-2, warmup_share=0.5, probes_an_epoch=3)
    last = kept(tiny_weights, tmp_path / "last", recipe, best=False)
    assert (last.kept_step, last.kept_share) == (last.n_steps, 1.0)
    best = kept(tiny_weights, tmp_path / "best", recipe, best=True)
    assert (best.kept_step, best.kept_share) != (best.n_steps, 1.0)
    assert loss(tmp_path / "best") < loss(tmp_path / "last")
    assert loss(tmp_path / "best") <= loss(tiny_weights)


def loss(weights: Path) -> float:
    """InfoNCE of the examples, written down anew."""
    define_missing()
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(weights), device="cpu", local_files_only=True)
    queries = model.encode([e.query for e in EXAMPLES], normalize_embeddings=True)
    passages = model.encode([e.positive for e in EXAMPLES], normalize_embeddings=True)
    logits = 20 * queries.astype(np.float64) @ passages.T
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - np.diag(logits)))
