"""Tunes a bi-encoder on what there is to learn from, and has the gate judge what comes of it.

A plan can be kept: with it `carried_out` goes on where a training was interrupted, with the same
examples and the same test.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import mean
from engine.records import GateReport, GateRules
from engine.training import gate
from engine.training.corpus import Corpus
from engine.training.dense_ndcg import dense_ndcg
from engine.training.general_set import Encoder, GeneralSet, general_ndcg
from engine.training.pairs import Example, JudgedQuery
from engine.training.plan import Plan, TuneSpec, findable, planned, require, too_alike
from engine.training.stages import Stages
from engine.training.train import train
from engine.training.train_messages import Trained, TrainOrder

GATE_PASSAGES = 50_000
"""A larger library is represented by a random sample of this size, and all that is relevant."""

_TIMED_QUERIES = 60


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """A model that texts can be encoded with."""

    encoder: Encoder
    size_bytes: int
    """Of its weights as they are searched with."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came of it; the tuned model lies at the order's target, accepted or not."""

    gate: GateReport
    rows: NDArray[np.intp]
    """`(n,)` the corpus's passages that were encoded: all, unless there are very many."""
    vectors: NDArray[np.float32]
    """`(n, dim)` their vectors by the tuned model; they need not be computed again."""
    n_examples: int
    notes: str
    """Which state of the model was kept, and what was left out, in words."""
    seconds: float
    trained: Trained
    before: Mapping[str, float]
    after: Mapping[str, float]
    """nDCG@10 by held-out query's id."""
    general_before: float | None
    general_after: float | None
    query_ms: float
    """Median time to encode a query."""
    size_bytes: int


def tune(
    spec: TuneSpec,
    base: ReadyModel,
    prepare: Callable[[Path], ReadyModel],
    stages: Stages,
) -> Tuned:
    """Tune the model on most of the queries and test it on the rest.

    Args:
        spec: the model, the data and the library.
        base: the model of `spec.weights`, which made the corpus's vectors.
        prepare: makes the tuned model's folder ready.
        stages: told of progress and of what is measured; may stop, hold or end it.

    Raises:
        NotEnoughData: too few queries have a positive, or no stage has pairs.
        ModelRejected: the model's files cannot be tuned.
        WorkerFailed: the trainer ended before it delivered.
    """
    plan = planned(spec, base.encoder, stages)
    return carried_out(plan, spec.corpus, spec.rules, spec.general, base, prepare, stages)


def carried_out(
    plan: Plan,
    corpus: Corpus,
    rules: GateRules,
    general: GeneralSet | None,
    base: ReadyModel,
    prepare: Callable[[Path], ReadyModel],
    stages: Stages,
) -> Tuned:
    """Train as planned, from the last checkpoint where there is one, and test what comes of it.

    Raises as `tune` does; NotEnoughData, too, where what it was to be tested with is gone.
    """
    started = time.monotonic()
    held_out = findable(plan.held_out, set(corpus.documents))
    require(too_alike(rules.min_held_out, len(held_out), rules))
    trained = train(
        plan.order, stages.training(), stages.checkpoint, stages.paused, stages.wraps_up
    )
    stages.begin("Preparing the tuned model")
    tuned = prepare(Path(plan.order.target))
    rows = _gate_rows(corpus, held_out, plan.order.recipe.seed)
    documents = [corpus.documents[row] for row in rows]
    vectors = tuned.encoder.encode_passages(
        [corpus.texts[row] for row in rows],
        stages.begin("Measuring the tuned model", len(rows), "passages"),
    )
    before = _ndcg(held_out, base.encoder, documents, corpus.vectors[rows])
    after = _ndcg(held_out, tuned.encoder, documents, vectors)
    before_ms, after_ms = _query_times([query.text for query in held_out], base, tuned)
    checks = [gate.nothing_seen(chain.from_iterable(_learnt(plan.order)), plan.held_out)]
    known = _general_values(general, base, tuned, stages)
    if known:
        checks.append(gate.general_knowledge(*known, rules))
    checks += [
        gate.speed(before_ms, after_ms, rules),
        gate.size(base.size_bytes, tuned.size_bytes, rules),
    ]
    return Tuned(
        gate=gate.judge(before, after, rules=rules, others=checks),
        rows=rows,
        vectors=vectors,
        n_examples=plan.n_examples,
        notes=" ".join((_notes(trained), *plan.notes)),
        seconds=time.monotonic() - started,
        trained=trained,
        before=before,
        after=after,
        general_before=mean(known[0]) if known else None,
        general_after=mean(known[1]) if known else None,
        query_ms=after_ms,
        size_bytes=tuned.size_bytes,
    )


def _notes(trained: Trained) -> str:
    kept = f"Kept as it was after step {trained.kept_step} of {trained.n_steps}"
    if trained.kept_step == 0:
        kept = "Kept as it came: no step made it better on the validation queries"
    elif trained.kept_share < 1:
        kept = f"{kept}, {trained.kept_share:.0%} of the way there from the model it came from"
    return f"{kept}. {trained.stopped}".strip()


def _learnt(order: TrainOrder) -> Sequence[tuple[Example, ...]]:
    return [*(stage.examples for stage in order.stages), order.general]


def _general_values(
    general: GeneralSet | None, base: ReadyModel, tuned: ReadyModel, stages: Stages
) -> tuple[dict[str, float], dict[str, float]] | None:
    """nDCG@10 of the general set's queries, before and after."""
    if general is None:
        return None
    stages.begin("Checking general knowledge")
    before = general_ndcg(general, base.encoder)
    stages.checkpoint()
    return before, general_ndcg(general, tuned.encoder)


def _query_times(texts: Sequence[str], base: ReadyModel, tuned: ReadyModel) -> tuple[float, float]:
    """Median milliseconds to encode a query, the models taking turns.

    Whichever else keeps the processor busy meanwhile slows both alike.
    """
    took: tuple[list[float], list[float]] = ([], [])
    models = (base.encoder, tuned.encoder)
    for number, text in enumerate(["warm", "up", *texts[:_TIMED_QUERIES]]):
        for which in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter()
            models[which].encode_queries([text])
            if number > 1:
                took[which].append((time.perf_counter() - began) * 1000)
    return statistics.median(took[0]), statistics.median(took[1])


def _gate_rows(corpus: Corpus, held_out: Sequence[JudgedQuery], seed: int) -> NDArray[np.intp]:
    """All passages, or a sample with everything in it that is relevant to a held-out query.

    The sample is drawn without regard to either model's ranking, so it favours neither.
    """
    everything = np.arange(len(corpus.texts))
    if len(everything) <= GATE_PASSAGES:
        return everything
    relevant = {document for query in held_out for document in query.grades}
    needed = [row for row, document in enumerate(corpus.documents) if document in relevant]
    drawn = np.random.default_rng(seed).choice(everything, GATE_PASSAGES, replace=False)
    return np.union1d(needed, drawn).astype(np.intp)


def _ndcg(
    queries: Sequence[JudgedQuery],
    encoder: Encoder,
    documents: Sequence[str],
    vectors: NDArray[np.float32],
) -> dict[str, float]:
    """nDCG@10 of each query by exact dense search."""
    encoded = encoder.encode_queries([query.text for query in queries])
    return dense_ndcg({query.id: query.grades for query in queries}, encoded, documents, vectors)
