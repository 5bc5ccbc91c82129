"""Tunes a bi-encoder on judged queries and has the gate judge it: from labels to a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import NotEnoughData
from engine.evaluation.metrics import per_query
from engine.events import Measured, Progress
from engine.recipe import Recipe
from engine.records import GateReport
from engine.training import gate
from engine.training.corpus import Corpus, dense_run
from engine.training.hard_negatives import mine
from engine.training.locate import locate
from engine.training.pairs import Example, JudgedQuery
from engine.training.split import split_by_query
from engine.training.stages import Stages
from engine.training.train import threads, train
from engine.training.train_messages import Probe, Trained, TrainOrder

MIN_QUERIES = 20
"""Queries with a positive that tuning takes at least: half of them train, half of them test."""

HELD_OUT_SHARE = 0.3

GATE_PASSAGES = 50_000
"""A larger library is represented by a random sample of this size, and all that is relevant."""

MIN_VALIDATION = 10
"""With fewer queries the choice of a checkpoint would be luck: then all are trained on, and the
model is kept as it is after the last step."""

_PROBE_QUERIES = 100
_PROBE_NEGATIVES = 5
"""Hard negatives a query."""
_PROBE_RANDOM_PASSAGES = 200


class Encoder(Protocol):
    """A bi-encoder that is ready: a prepared one, on any runtime."""

    def encode_queries(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """`(n, dim)` float32, L2-normalised."""
        ...

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None, /
    ) -> NDArray[np.float32]:
        """`(n, dim)` float32, L2-normalised; `on_batch` hears how many are done, may raise."""
        ...


@dataclass(frozen=True, slots=True)
class TuneSpec:
    """What to tune on what."""

    job: str
    weights: Path
    """Folder of the model to tune, in sentence-transformers layout."""
    target: Path
    """Folder to be made for the tuned model, in the same layout; its parent exists."""
    queries: tuple[JudgedQuery, ...]
    corpus: Corpus
    recipe: Recipe = field(default_factory=Recipe)


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came of it; the tuned model lies at the spec's target, accepted or not."""

    gate: GateReport
    rows: NDArray[np.intp]
    """`(n,)` the corpus's passages that were encoded: all, unless there are very many."""
    vectors: NDArray[np.float32]
    """`(n, dim)` their vectors by the tuned model; they need not be computed again."""
    n_examples: int
    notes: str
    """Which state of the model was kept, in words."""
    seconds: float


def missing(n_queries: int) -> str:
    """What is missing before tuning is allowed, in words; empty where there is enough.

    Args:
        n_queries: queries with at least one positive.
    """
    more = MIN_QUERIES - n_queries
    if more <= 0:
        return ""
    return (
        f"Tuning needs {MIN_QUERIES} searches with at least one result that you marked as "
        f"relevant; there are {n_queries}, so {more} more to go."
    )


def tune(
    spec: TuneSpec,
    base: Encoder,
    prepare: Callable[[Path], Encoder],
    report: Callable[[Progress | Measured], None],
    checkpoint: Callable[[], None],
) -> Tuned:
    """Tune the model on most of the queries and test it on the rest.

    Args:
        spec: the model, the labels and the library.
        base: the encoder of `spec.weights`, which made the corpus's vectors.
        prepare: turns the tuned model's folder into an encoder.
        report: told of progress, of the loss, and of nDCG@10 as it develops.
        checkpoint: called often; may raise (JobCancelled) to give up.

    Raises:
        NotEnoughData: too few queries have a positive.
        ModelRejected: the model's files cannot be tuned.
        WorkerFailed: the trainer ended before it delivered.
    """
    started = time.monotonic()
    stages = Stages(spec.job, gate.MEASURE, report, checkpoint)
    _require(missing(len(spec.queries)))
    data = _divide(spec, base, stages)
    trained = train(_order(spec, data), stages.training(), checkpoint)
    stages.begin("Preparing the tuned model")
    tuned = prepare(spec.target)
    rows = _gate_rows(spec.corpus, data.held_out, spec.recipe.seed)
    documents = [spec.corpus.documents[row] for row in rows]
    vectors = tuned.encode_passages(
        [spec.corpus.texts[row] for row in rows],
        stages.begin("Measuring the tuned model", len(rows), "passages"),
    )
    before = _ndcg(data.held_out, base, documents, spec.corpus.vectors[rows])
    after = _ndcg(data.held_out, tuned, documents, vectors)
    verdict = gate.judge(before, after)
    return Tuned(
        verdict, rows, vectors, len(data.examples), _notes(trained), time.monotonic() - started
    )


def _notes(trained: Trained) -> str:
    kept = f"Kept as it was after step {trained.kept_step} of {trained.n_steps}"
    if trained.kept_step == 0:
        return "Kept as it came: no step made it better on the validation queries."
    if trained.kept_share < 1:
        return f"{kept}, {trained.kept_share:.0%} of the way there from the model it came from."
    return f"{kept}."


@dataclass(frozen=True, slots=True)
class _Data:
    """What is learnt from, chosen by and tested with; they share nothing."""

    examples: tuple[Example, ...]
    validation: tuple[JudgedQuery, ...]
    """What the best checkpoint is chosen by; may be empty."""
    watched: tuple[Example, ...]
    """The same with hard negatives; of held-out queries where nothing is chosen."""
    held_out: tuple[JudgedQuery, ...]


def _divide(spec: TuneSpec, base: Encoder, stages: Stages) -> _Data:
    """Find the labelled passages, split by query, and mine negatives for the training side."""
    stages.begin("Reading the judgments")
    vectors = base.encode_queries([query.text for query in spec.queries])
    located = locate(spec.queries, vectors, spec.corpus)
    rows = [row for row, query in enumerate(located) if query.positives]
    queries = [located[row] for row in rows]
    _require(missing(len(queries)))
    of_query = {located[row].id: vectors[row] for row in rows}
    n_held_out = max(gate.MIN_HELD_OUT, round(HELD_OUT_SHARE * len(queries)))
    split = split_by_query(queries, n_held_out, spec.recipe.seed)
    held_out = _findable(split.held_out, set(spec.corpus.documents))
    _require(_too_alike(len(split.train), len(held_out)))
    learnt, validation = _keep_back(split.train, spec)
    watched = (validation or held_out)[:_PROBE_QUERIES]
    advance = stages.begin("Looking for hard negatives", len(learnt) + len(watched), "searches")

    def examples(
        side: Sequence[JudgedQuery], hidden: Sequence[JudgedQuery], n: int, done: int
    ) -> tuple[Example, ...]:
        mined = mine(
            side,
            np.stack([of_query[query.id] for query in side]),
            _positive_vectors(side, spec.corpus, base),
            spec.corpus,
            {document for query in hidden for document in query.grades},
            n,
            spec.recipe.seed,
            lambda number: advance(done + number),
        )
        return tuple(mined)

    return _Data(
        examples(learnt, (*split.held_out, *validation), spec.recipe.negatives, 0),
        validation,
        examples(watched, (), _PROBE_NEGATIVES, len(learnt)),
        held_out,
    )


def _keep_back(
    train_side: tuple[JudgedQuery, ...], spec: TuneSpec
) -> tuple[tuple[JudgedQuery, ...], tuple[JudgedQuery, ...]]:
    """The queries to learn from, and those to choose the best checkpoint by."""
    n_validation = round(spec.recipe.validation_share * len(train_side))
    if n_validation < MIN_VALIDATION:
        return train_side, ()
    split = split_by_query(train_side, n_validation, spec.recipe.seed)
    validation = _findable(split.held_out, set(spec.corpus.documents))
    if len(validation) < MIN_VALIDATION or len(split.train) < len(train_side) / 2:
        return train_side, ()
    return split.train, validation


def _findable(queries: Sequence[JudgedQuery], documents: Set[str]) -> tuple[JudgedQuery, ...]:
    """The queries with those labels that the library still holds: only they can test a model."""
    kept = (
        replace(
            query,
            positives=tuple(p for p in query.positives if p.document in documents),
            undecided=tuple(key for key in query.undecided if key in documents),
        )
        for query in queries
    )
    return tuple(query for query in kept if query.positives)


def _require(lack: str) -> None:
    if lack:
        raise NotEnoughData(
            "Too little to learn from",
            lack,
            "Search for what you usually look for, and mark the results that help you.",
        )


def _too_alike(n_train: int, n_held_out: int) -> str:
    least = gate.MIN_HELD_OUT
    if n_train >= least and n_held_out >= least:
        return ""
    return (
        "Too many of the judged searches have the same results. Those that have none in common "
        f"leave {n_train} to learn from and {n_held_out} to test with; {least} each are needed."
    )


def _positive_vectors(
    queries: Sequence[JudgedQuery], corpus: Corpus, base: Encoder
) -> NDArray[np.float32]:
    """`(n_positives, dim)` of all positives in order; only what the corpus lacks is encoded."""
    texts = [passage.text for query in queries for passage in query.positives]
    wanted = set(texts)
    known = {text: corpus.vectors[row] for row, text in enumerate(corpus.texts) if text in wanted}
    others = sorted(wanted - known.keys())
    if others:
        known.update(zip(others, base.encode_passages(others), strict=True))
    return np.stack([known[text] for text in texts])


def _order(spec: TuneSpec, data: _Data) -> TrainOrder:
    return TrainOrder(
        weights=str(spec.weights),
        target=str(spec.target),
        recipe=spec.recipe,
        examples=data.examples,
        probe=_probe(spec, data),
        keeps_best=bool(data.validation),
        threads=threads(),
    )


def _probe(spec: TuneSpec, data: _Data) -> Probe:
    """The watched queries over their own passages, hard negatives and random ones."""
    generator = np.random.default_rng(spec.recipe.seed)
    corpus = spec.corpus
    n_random = min(_PROBE_RANDOM_PASSAGES, len(corpus.texts))
    hard = {text for example in data.watched for text in example.negatives}
    rows = {row for row, text in enumerate(corpus.texts) if text in hard}
    rows.update(map(int, generator.choice(len(corpus.texts), n_random, replace=False)))
    pairs = dict.fromkeys((example.document, example.positive) for example in data.watched)
    pairs.update(dict.fromkeys((corpus.documents[row], corpus.texts[row]) for row in sorted(rows)))
    wanted = {example.query_id for example in data.watched}
    queries = [query for query in data.validation or data.held_out if query.id in wanted]
    return Probe(
        {query.id: query.text for query in queries},
        tuple(document for document, _ in pairs),
        tuple(text for _, text in pairs),
        {query.id: query.grades for query in queries},
    )


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
    by_id = {query.id: vector for query, vector in zip(queries, encoded, strict=True)}
    run = dense_run(by_id, documents, vectors, k=gate.MEASURE.cutoff or len(documents))
    return per_query(gate.MEASURE, {query.id: query.grades for query in queries}, run)
