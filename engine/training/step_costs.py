"""Tries a few steps of an order, to tell what all of it would cost; imported by the trainer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from engine.training import devices
from engine.training.batches import Step, plan, usable_stages
from engine.training.learner import Learner
from engine.training.probing import encode
from engine.training.train_messages import Estimated, EstimateOrder, StageCost, StageOrder
from engine.training.training_loop import seed_of

_ENCODED = 64
_MEMORY_EVERY_S = 0.05


def measure(order: EstimateOrder) -> Estimated:
    """Take some steps of the first stage and of the last; nothing is written."""
    began = time.monotonic()
    stages = usable_stages(order.stages)
    learner = Learner(Path(order.weights), order.recipe, stages, order.general, order.threads)
    load_s = time.monotonic() - began
    with _watched(learner.device) as peak:
        costs = []
        for number in sorted({0, len(stages) - 1}):
            stage = stages[number]
            steps = plan(stage.stage, stage.examples, order.general, order.recipe, number)
            learner.begin(stage.stage)
            seconds = []
            # The longest texts first: no batch of the stage takes more memory.
            for done, step in enumerate((_longest(stage), *steps[: order.n_steps])):
                start = devices.now(learner.device)
                seed = seed_of(order.recipe.seed, number, done)
                learner.learn(stage.stage, stage.examples, step, seed, stage.stage.learning_rate)
                seconds.append(devices.now(learner.device) - start)
            costs.append(StageCost(median(seconds[1:]), _pairs(steps)))
        texts = [e.positive for e in stages[-1].examples[:_ENCODED]]
        start = devices.now(learner.device)
        encode(learner.model, texts, learner.device, learner.bf16, queries=False)
        rate = len(texts) / (devices.now(learner.device) - start)
    return Estimated(tuple(costs), load_s, rate, max(peak), learner.device, learner.bf16)


def _longest(stage: StageOrder) -> Step:
    """As many pairs as a batch has, those with most to read."""
    lengths = [len(e.query + e.positive) + sum(map(len, e.negatives)) for e in stage.examples]
    rows = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    return Step(0, tuple(rows[: stage.stage.batch_size]))


def _pairs(steps: tuple[Step, ...]) -> float:
    return sum(len(s.rows) + len(s.general) for s in steps) / len(steps)


@contextmanager
def _watched(device: str) -> Iterator[list[int]]:
    """What is held from now on, in MB, read all the time."""
    seen = [devices.memory_mb(device)]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_MEMORY_EVERY_S):
            seen.append(devices.memory_mb(device))

    watcher = threading.Thread(target=watch, name="memory", daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()
