"""What a recipe would cost on this machine, from a probe of some steps."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from engine.errors import NotEnoughData
from engine.jobs.job import Job
from engine.making_pairs import maker
from engine.parts import Parts
from engine.recipe import Recipe
from engine.serving import ServedModel
from engine.settings import Settings
from engine.training import batches, gate
from engine.training.corpus import Corpus
from engine.training.general_set import read_general_set
from engine.training.plan import Plan, TuneSpec, missing, planned
from engine.training.stages import Stages
from engine.training.train import MEMORY_MB, measure_costs
from engine.training.train_messages import (
    Estimated,
    EstimateOrder,
    StageCost,
    TrainOrder,
)
from engine.training.tune import GATE_PASSAGES
from engine.training_data import training_set
from engine.training_records import EstimateReport, TuningEstimate
from engine.training_requests import EstimateTuning
from engine.tuning import corpus_of, library_of, tunable

_TIMED_PASSAGES = 48
_TIMED_SCORES = 8
_PREPARED_AS_PASSAGES = 750
"""Making a tuned model ready to search takes about as long as encoding so many passages with it:
measured for MiniLM on two busy cores, 39 s beside 19 passages/s."""
_ROOM = 0.8
"""Share of a limit from which on it is worth a word."""
_LONG_S = 3600.0


def estimate(parts: Parts, settings: Settings, request: EstimateTuning, job: Job) -> EstimateReport:
    """Plan the tuning as it would be planned, try some of its steps, and reckon the rest from them.

    Only the cross-encoder's scores are not asked for: one query is timed. Nothing is kept.

    Raises:
        NotEnoughData: it could not be tuned.
        ModelRejected: the model's files cannot be tuned.
        WorkerFailed: the trainer ended, as it would where it needs too much memory.
    """
    began = time.monotonic()
    base_id = parts.models.active_id()
    weights = tunable(parts, base_id)
    data = training_set(parts, request.evalset, request.split)
    if lack := missing(len(data.queries)):
        raise NotEnoughData("Too little to learn from", lack)
    served = parts.models.open_for(job, base_id)
    corpus = corpus_of(served, library_of(parts, request.evalset, request.split), job)
    unscored = _Unscored()
    with tempfile.TemporaryDirectory() as nowhere:
        spec = TuneSpec(
            weights,
            Path(nowhere) / "never",
            Path(nowhere),
            data,
            corpus,
            request.recipe,
            settings.gate,
            read_general_set(),
            maker(parts, request.evalset, request.split),
            unscored,
        )
        stages = Stages(job.info.id, gate.MEASURE, job.tell, job.checkpoint)
        plan = planned(spec, served.encoder, stages)
        stages.begin("Trying some steps")
        order = plan.order
        costs = measure_costs(
            EstimateOrder(order.weights, order.recipe, order.stages, order.general, order.threads),
            job.checkpoint,
        )
    scoring_s = unscored.seconds(parts) if unscored.texts else 0.0
    around_s = time.monotonic() - began - costs.load_s + scoring_s
    return EstimateReport(
        _whole(plan, costs, around_s + _verdict_s(served, corpus), request.recipe)
    )


@dataclass(slots=True)
class _Unscored:
    """Stands in for the cross-encoder while a tuning is only planned, and counts what it is asked.

    Any score will do: which examples a stage has does not depend on it.
    """

    query: str = ""
    texts: list[str] = field(default_factory=list)
    """The first that were asked for."""
    n: int = 0

    def __call__(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        if len(self.texts) < _TIMED_SCORES:
            self.query = query
            self.texts += texts
        self.n += len(texts)
        return [0.0] * len(texts)

    def seconds(self, parts: Parts) -> float:
        """That the cross-encoder would take for all."""
        encoder = parts.models.cross_encoder()
        encoder.score(self.query, self.texts[:1])  # it is loaded by now
        began = time.monotonic()
        encoder.score(self.query, self.texts)
        return (time.monotonic() - began) / len(self.texts) * self.n


def _verdict_s(served: ServedModel, corpus: Corpus) -> float:
    """Seconds to make the tuned model ready and to encode what it is tested on."""
    texts = corpus.texts[:: max(1, len(corpus.texts) // _TIMED_PASSAGES)][:_TIMED_PASSAGES]
    began = time.monotonic()
    served.encoder.encode_passages(texts)
    rate = len(texts) / (time.monotonic() - began)
    return (_PREPARED_AS_PASSAGES + min(GATE_PASSAGES, len(corpus.texts))) / rate


def _whole(plan: Plan, costs: Estimated, around_s: float, recipe: Recipe) -> TuningEstimate:
    """The estimate, from what was measured; `around_s` is all but loading, steps and probes."""
    numbers = steps_of(plan.order)
    training_s = costs.load_s + sum(
        n_steps * step_s(costs, number, len(numbers), pairs)
        for number, (n_steps, pairs) in enumerate(numbers)
    )
    probes_s = _n_probes(plan.order) * _probe_s(plan.order, costs)
    n_steps = sum(n for n, _ in numbers)
    seconds = around_s + training_s + probes_s
    return TuningEstimate(
        seconds=seconds,
        training_s=training_s + probes_s,
        memory_mb=costs.memory_mb,
        n_steps=n_steps,
        n_pairs=plan.n_examples,
        device=costs.device,
        bf16=costs.bf16,
        notes=(*_notes(costs, seconds, recipe), *plan.notes),
    )


def steps_of(order: TrainOrder) -> list[tuple[int, float]]:
    """Of each stage that has anything to learn from: its steps, and its pairs a step."""
    found = []
    for number, stage in enumerate(batches.usable_stages(order.stages)):
        steps = batches.plan(stage.stage, stage.examples, order.general, order.recipe, number)
        pairs = sum(len(step.rows) + len(step.general) for step in steps)
        found.append((len(steps), pairs / len(steps)))
    return found


def step_s(costs: Estimated, number: int, n_stages: int, pairs: float) -> float:
    """Seconds of a stage's step; one that was not tried costs by its pairs as the dearer one."""
    if number == 0:
        return costs.costs[0].step_s
    if number == n_stages - 1:
        return costs.costs[-1].step_s
    return pairs * max(_pair_s(cost) for cost in costs.costs)


def _pair_s(cost: StageCost) -> float:
    return cost.step_s / cost.pairs_a_step


def _n_probes(order: TrainOrder) -> int:
    """Before the first step, within each epoch, and of the mixes."""
    epochs = sum(stage.stage.epochs for stage in batches.usable_stages(order.stages))
    mixes = len(order.recipe.mixes) if order.keeps_best else 0
    return 1 + epochs * order.recipe.probes_an_epoch + mixes


def _probe_s(order: TrainOrder, costs: Estimated) -> float:
    return (len(order.probe.passages) + len(order.probe.queries)) / costs.passages_a_second


def _notes(costs: Estimated, seconds: float, recipe: Recipe) -> list[str]:
    """What is worth knowing before starting, in words."""
    notes = []
    free_mb = psutil.virtual_memory().available >> 20
    least = "A smaller batch, shorter texts or the cached loss take less."
    if costs.device == "cpu" and costs.memory_mb > _ROOM * min(free_mb, MEMORY_MB):
        limit = (
            f"the trainer may use {MEMORY_MB / 1024:.0f} GB"
            if free_mb > MEMORY_MB
            else f"other programs leave {free_mb / 1024:.1f} GB"
        )
        notes.append(f"Memory may run short: {limit}. {least}")
    if seconds > _LONG_S:
        hours = math.ceil(seconds / _LONG_S)
        notes.append(
            f"It may take up to {hours} hours. It can be paused, and goes on after a restart."
        )
    if not costs.bf16 and costs.device == "cpu":
        notes.append("This processor has no fast arithmetic for tuning; fewer pairs take less.")
    if recipe.patience:
        notes.append("It may end sooner: it stops where nothing gets better any more.")
    return notes
