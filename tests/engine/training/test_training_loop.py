"""Training in this process: what the recipe's settings do, and that nothing depends on luck."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from engine.errors import InvalidInput, ModelRejected
from engine.recipe import Recipe, Stage
from engine.training.pairs import Example
from engine.training.train_messages import (
    EstimateOrder,
    Heard,
    Probed,
    Resumed,
    Saved,
    StageOrder,
    Stepped,
    Trained,
    TrainOrder,
)
from tests.engine.training.training_order import EXAMPLES, order, weighted

STAGE = Stage(batch_size=8, learning_rate=1e-3)
PLAIN = Recipe(stages=(STAGE,))


class Interrupted(Exception):
    """As a kill, but in this process."""


class Script:
    """A parent that follows what is written down."""

    def __init__(self, finish_after: int = 1_000, hold_before: int = -1) -> None:
        self.heard: list[Heard] = []
        self._finish_after = finish_after
        self._hold_before = hold_before

    def held(self) -> bool:
        return self._steps() == self._hold_before

    def finishing(self) -> bool:
        return self._steps() >= self._finish_after

    def _steps(self) -> int:
        return sum(isinstance(message, Stepped) for message in self.heard)

    def steps(self) -> list[Stepped]:
        return [message for message in self.heard if isinstance(message, Stepped)]


def run(asked: TrainOrder, script: Script | None = None) -> tuple[Trained, Script]:
    from engine.training.training_loop import TrainingLoop

    script = script or Script()
    return TrainingLoop(asked, script.heard.append, script).run(), script


def weights_of(folder: str | Path) -> dict[str, NDArray[np.float32]]:
    return load_file(Path(folder) / "model.safetensors")


def same(first: str | Path, second: str | Path) -> bool:
    one, other = weights_of(first), weights_of(second)
    return one.keys() == other.keys() and all(np.array_equal(one[n], other[n]) for n in one)


def interrupted(asked: TrainOrder, after: int) -> None:
    """Train until just after a checkpoint, then stop dead."""
    from engine.training.training_loop import TrainingLoop

    script = Script()

    def hear(message: Heard) -> None:
        script.heard.append(message)
        if isinstance(message, Saved) and message.step >= after:
            raise Interrupted

    with pytest.raises(Interrupted):
        TrainingLoop(asked, hear, script).run()
    assert not Path(asked.target).exists()


EVERYTHING = Recipe(
    stages=(
        Stage(loss="mnrl", epochs=1, batch_size=8, learning_rate=1e-3, curriculum=True),
        Stage(loss="cosent", epochs=2, batch_size=8, learning_rate=1e-3, weight_decay=0.01),
    ),
    lora_rank=4,
    anchor="ewc",
    anchor_weight=0.1,
    hubness_weight=1.0,
    matryoshka=(16,),
    general_share=0.25,
)


@pytest.mark.parametrize("recipe", [PLAIN, EVERYTHING])
@pytest.mark.parametrize("after", [2, 5])
def test_that_an_interrupted_training_ends_in_the_same_weights(
    tiny_weights: Path, tmp_path: Path, recipe: Recipe, after: int
) -> None:
    best, general = recipe is EVERYTHING, EXAMPLES[:6] if recipe.general_share else ()
    whole = order(tiny_weights, tmp_path / "whole", recipe, keeps_best=best, general=general)
    result, script = run(whole)
    parted = order(tiny_weights, tmp_path / "parted", recipe, keeps_best=best, general=general)
    interrupted(parted, after)
    again, later = run(parted)
    assert same(whole.target, parted.target)
    assert not same(whole.target, tiny_weights)
    assert (again.n_steps, again.kept_step) == (result.n_steps, result.kept_step)
    resumed = later.heard[0]
    assert isinstance(resumed, Resumed)
    assert resumed.step >= after
    told = [m for m in (*resumed.curve, *later.heard) if isinstance(m, Probed)]
    assert told == [m for m in script.heard if isinstance(m, Probed)]
    losses = [m.loss for m in (*resumed.curve, *later.heard) if isinstance(m, Stepped)]
    assert losses == [step.loss for step in script.steps()]


@pytest.mark.parametrize("change", ["recipe", "examples", "weights"])
def test_that_a_checkpoint_of_another_order_is_refused(
    tiny_weights: Path, tmp_path: Path, change: str
) -> None:
    asked = order(tiny_weights, tmp_path / "tuned", PLAIN)
    interrupted(asked, 2)
    if change == "recipe":
        other = msgspec.structs.replace(asked, recipe=msgspec.structs.replace(PLAIN, seed=1))
    elif change == "examples":
        other = order(tiny_weights, tmp_path / "tuned", PLAIN, examples=EXAMPLES[1:])
    else:
        from tests.tiny_model import write_tiny_model

        write_tiny_model(tmp_path / "another", seed=1)
        other = msgspec.structs.replace(asked, weights=str(tmp_path / "another"))
    with pytest.raises(ModelRejected, match="another recipe"):
        run(other)


@pytest.mark.parametrize("change", [{"stage": 3}, {"stage_step": 99}])
def test_that_a_checkpoint_beyond_the_plan_is_refused(
    tiny_weights: Path, tmp_path: Path, change: dict[str, int]
) -> None:
    from engine.training import checkpoint

    asked = order(tiny_weights, tmp_path / "tuned", PLAIN)
    interrupted(asked, 2)
    folder = Path(asked.checkpoints)
    state = checkpoint.newest_state(folder)
    assert state is not None
    found = checkpoint.newest(folder, state.order)
    assert found is not None
    state = msgspec.structs.replace(state, step=50, **change)
    checkpoint.write(folder, replace(found, state=state))
    with pytest.raises(ModelRejected, match="does not fit"):
        run(asked)


LOSSES = ("mnrl", "cached_mnrl", "triplet", "margin_mse", "kl", "cosent")


@pytest.mark.parametrize("loss", LOSSES)
def test_that_a_loss_becomes_smaller(tiny_weights: Path, tmp_path: Path, loss: str) -> None:
    stage = msgspec.convert(
        {"loss": loss, "batch_size": 8, "epochs": 8, "learning_rate": 3e-3}, Stage
    )
    recipe = Recipe(stages=(stage,), probes_an_epoch=1)
    _, script = run(order(tiny_weights, tmp_path / "tuned", recipe))
    losses = [step.loss for step in script.steps()]
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])


def test_that_running_a_batch_in_pieces_gives_the_same_steps(
    tiny_weights: Path, tmp_path: Path
) -> None:
    found = {}
    for loss in ("mnrl", "cached_mnrl"):
        stage = msgspec.structs.replace(STAGE, loss=loss, batch_size=24, epochs=1)
        _, script = run(order(tiny_weights, tmp_path / loss, Recipe(stages=(stage,))))
        found[loss] = [step.loss for step in script.steps()]
    assert found["mnrl"] == found["cached_mnrl"]
    one, other = weights_of(tmp_path / "mnrl"), weights_of(tmp_path / "cached_mnrl")
    # Sums in another order; the first step of AdamW takes any gradient to the learning rate.
    assert np.mean([np.mean(np.abs(one[n] - other[n]) < 1e-4) for n in one]) > 0.95


def test_that_weights_of_pairs_matter(tiny_weights: Path, tmp_path: Path) -> None:
    for name, weights in (("equal", (1.0,)), ("halved", (0.5,)), ("uneven", (1.0, 0.1))):
        run(order(tiny_weights, tmp_path / name, PLAIN, examples=weighted(weights)))
    assert same(tmp_path / "equal", tmp_path / "halved")  # a mean, so only what differs counts
    assert not same(tmp_path / "equal", tmp_path / "uneven")


def test_that_lora_trains_few_weights_and_leaves_the_layout(
    tiny_weights: Path, tmp_path: Path
) -> None:
    recipe = msgspec.structs.replace(PLAIN, lora_rank=2)
    asked = order(tiny_weights, tmp_path / "tuned", recipe)
    run(asked)
    base, tuned = weights_of(tiny_weights), weights_of(asked.target)
    assert {n: w.shape for n, w in base.items()} == {n: w.shape for n, w in tuned.items()}
    changed = {name for name in base if not np.array_equal(base[name], tuned[name])}
    assert changed
    assert all(name.endswith("weight") and "embedding" not in name.lower() for name in changed)
    for name in changed:
        assert np.linalg.matrix_rank(tuned[name] - base[name], tol=1e-6) <= 2
    kept = next(Path(asked.checkpoints).glob("step-*")) / "weights.safetensors"
    whole = (tiny_weights / "model.safetensors").stat().st_size
    assert kept.stat().st_size < whole / 10


@pytest.mark.parametrize("anchor", ["l2", "ewc"])
def test_that_an_anchor_holds_the_weights(tiny_weights: Path, tmp_path: Path, anchor: str) -> None:
    far = {}
    for weight in (0.0, 100.0):
        recipe = msgspec.structs.replace(PLAIN, anchor=anchor, anchor_weight=weight)
        target = tmp_path / str(weight)
        run(order(tiny_weights, target, recipe))
        base, tuned = weights_of(tiny_weights), weights_of(target)
        far[weight] = math.sqrt(sum(float(((tuned[n] - base[n]) ** 2).sum()) for n in base))
    assert far[100.0] < 0.9 * far[0.0]


def test_that_a_curriculum_begins_with_what_the_model_knows(
    tiny_weights: Path, tmp_path: Path
) -> None:
    known = tuple(
        Example(f"k{n}", e.positive, f"k{n}", e.positive + " .", (e.negatives[0],))
        for n, e in enumerate(EXAMPLES[:8])
    )
    stage = msgspec.structs.replace(STAGE, epochs=1, curriculum=True, learning_rate=1e-9)
    asked = order(
        tiny_weights, tmp_path / "t", Recipe(stages=(stage,)), examples=(*EXAMPLES[8:], *known)
    )
    _, script = run(asked)
    losses = [step.loss for step in script.steps()]
    assert losses[0] == min(losses)


def test_that_patience_ends_a_stage(tiny_weights: Path, tmp_path: Path) -> None:
    stage = Stage(batch_size=8, epochs=20, learning_rate=1e-2)  # it overshoots
    recipe = Recipe(stages=(stage, STAGE), patience=2)
    asked = order(tiny_weights, tmp_path / "t", recipe, keeps_best=True)
    result, script = run(asked)
    assert "Stage 1 ended early" in result.stopped
    assert result.n_steps < 60
    steps = script.steps()
    assert [step.step for step in steps] == list(range(1, result.n_steps + 1))
    assert steps[0].n_steps == 66
    second = next(step for step in steps if step.stage == "stage 2 of 2")
    assert second.n_steps == second.step - 1 + 6
    patient, _ = run(order(tiny_weights, tmp_path / "u", Recipe(stages=(STAGE,), patience=2)))
    assert patient.stopped == ""


def test_that_a_model_that_has_not_learnt_the_last_stage_is_not_chosen(
    tiny_weights: Path, tmp_path: Path
) -> None:
    learns = Stage(batch_size=24, epochs=40, learning_rate=5e-3, negatives=0)
    overshoots = Stage(batch_size=24, epochs=1, learning_rate=1e-2, negatives=0)
    asked = order(
        tiny_weights,
        tmp_path / "t",
        Recipe(stages=(learns, overshoots), probes_an_epoch=1),
        keeps_best=True,
        examples=tuple(replace(example, negatives=()) for example in EXAMPLES),
    )
    result, script = run(asked)
    losses = {m.step: m.loss for m in script.heard if isinstance(m, Probed)}
    n_first = sum(step.stage == "stage 1 of 2" for step in script.steps())
    assert min(losses, key=lambda step: losses[step]) in range(1, n_first + 1)
    assert result.kept_step == 0 or result.kept_step > n_first


def test_that_finishing_here_keeps_what_there_is(tiny_weights: Path, tmp_path: Path) -> None:
    asked = order(tiny_weights, tmp_path / "t", PLAIN)
    result, _ = run(asked, Script(finish_after=4))
    assert (result.n_steps, result.kept_step) == (4, 4)
    assert result.stopped == "Stopped by hand."
    assert not same(asked.target, tiny_weights)


def test_that_holding_puts_a_checkpoint_on_the_disk(tiny_weights: Path, tmp_path: Path) -> None:
    asked = order(tiny_weights, tmp_path / "t", PLAIN)
    script = Script(hold_before=4)
    run(asked, script)
    # Probes are after the steps 2, 3, 5 and 6.
    assert [m.step for m in script.heard if isinstance(m, Saved)] == [2, 3, 4, 5, 6]


def test_that_a_device_that_is_not_there_is_refused(tiny_weights: Path, tmp_path: Path) -> None:
    import torch

    missing = "mps" if torch.cuda.is_available() else "cuda"
    recipe = msgspec.structs.replace(PLAIN, device=missing)
    with pytest.raises(InvalidInput, match=missing):
        run(order(tiny_weights, tmp_path / "t", recipe))


def test_that_the_best_state_is_kept_where_it_may_be_chosen(
    tiny_weights: Path, tmp_path: Path
) -> None:
    # A rate that overshoots, so that the model is better in between than at the end.
    stage = Stage(batch_size=8, epochs=3, learning_rate=5e-2, warmup_share=0.5)
    recipe = Recipe(stages=(stage,), probes_an_epoch=3)
    last, _ = run(order(tiny_weights, tmp_path / "last", recipe))
    assert (last.kept_step, last.kept_share) == (last.n_steps, 1.0)
    best, _ = run(order(tiny_weights, tmp_path / "best", recipe, keeps_best=True))
    assert (best.kept_step, best.kept_share) != (best.n_steps, 1.0)
    assert loss(tmp_path / "best") < loss(tmp_path / "last")
    assert loss(tmp_path / "best") <= loss(tiny_weights)


def loss(weights: Path) -> float:
    """InfoNCE of the examples, written down anew."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(weights), device="cpu", local_files_only=True)
    queries = model.encode([e.query for e in EXAMPLES], normalize_embeddings=True)
    passages = model.encode([e.positive for e in EXAMPLES], normalize_embeddings=True)
    logits = 20 * queries.astype(np.float64) @ passages.T
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - np.diag(logits)))


def test_that_a_learning_rate_rises_and_falls() -> None:
    from engine.training.training_loop import rate_at

    assert [rate_at(step, 6, 1.0, 1 / 3) for step in range(6)] == [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]


def test_that_costs_are_measured_and_nothing_is_written(tiny_weights: Path) -> None:
    from engine.training.step_costs import measure

    before = sorted(tiny_weights.rglob("*"))
    stages = (STAGE, msgspec.structs.replace(STAGE, loss="cached_mnrl"))
    given = tuple(StageOrder(stage, EXAMPLES) for stage in stages)
    found = measure(EstimateOrder(str(tiny_weights), Recipe(stages=stages), given, (), 1))
    assert len(found.costs) == 2
    assert all(cost.step_s > 0 and cost.pairs_a_step == 8 for cost in found.costs)
    assert found.passages_a_second > 0
    assert found.memory_mb > 50
    assert sorted(tiny_weights.rglob("*")) == before
    assert os.listdir(tiny_weights.parent) == [tiny_weights.name]
