"""The instant adapter: a linear map of queries, fitted on cached vectors, behind the same gate."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import training_data
from engine.encoders.catalogue import ModelCard, write_card
from engine.encoders.text_adapter import ADAPTER, TextAdapter, write_adapter
from engine.encoders.text_encoder import TextEncoder
from engine.errors import NotEnoughData
from engine.evaluation.metrics import mean
from engine.jobs.job import Job
from engine.parts import Parts
from engine.query_changes import query_changes
from engine.records import GateReport, GateRules, TuneReport
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import labels
from engine.training import gate
from engine.training.adapter import FittedMap, fit_map
from engine.training.corpus import Corpus
from engine.training.dense_ndcg import dense_ndcg
from engine.training.general_set import GeneralSet, read_general_set
from engine.training.locate import locate
from engine.training.model_record import versions, write_record
from engine.training.pairs import Example, JudgedQuery
from engine.training.plan import findable, missing, require, too_alike
from engine.training.split import split_by_query
from engine.training.training_set import TrainingSet
from engine.training_records import ModelRecord
from engine.training_requests import FitAdapter
from engine.tuning import activate, corpus_of, library_of, parents_of

_HELD_OUT_SHARE = 0.3
_SEED = 0
_TIMED = 200
"""Queries that are mapped to see how long that takes."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Judged queries with their vectors, divided; the sides share nothing."""

    train: tuple[JudgedQuery, ...]
    train_vectors: Vectors
    held_out: tuple[JudgedQuery, ...]
    held_out_vectors: Vectors


@dataclass(frozen=True, slots=True)
class _Judged:
    """The gate's verdict, and what it was made of."""

    gate: GateReport
    before: Mapping[str, float]
    after: Mapping[str, float]
    """nDCG@10 by held-out query's id."""
    general_before: float
    general_after: float
    query_ms: float


def fit(parts: Parts, settings: Settings, request: FitAdapter, job: Job) -> TuneReport:
    """Fit an adapter for the active model (for its base, where that is an adapter itself).

    Refused or accepted, it is registered with the gate's verdict; accepted, it is put to work at
    once, since the library's vectors serve as they are. Raises NotEnoughData.
    """
    began = time.monotonic()
    data = training_data.training_set(parts, request.evalset, request.split)
    require(missing(len(data.queries)))
    with parts.library.read() as connection:
        last_event = labels.last_event(connection) if request.evalset is None else 0
    base = parts.models.open_for(job, parts.models.source(parts.models.active_id()))
    library = library_of(parts, request.evalset, request.split)
    corpus = corpus_of(base, library, job)
    if not corpus.texts:
        raise NotEnoughData("Too little to learn from", "The library has no passages.")
    job.progress("Reading the judgments", 0)
    sides = _divided(data, base.encoder, corpus, settings.gate)
    job.progress("Fitting the adapter", 0)
    fitted = fit_map(sides.train, sides.train_vectors, corpus, _SEED)
    fitting_s = time.monotonic() - began
    adapter = TextAdapter(base.encoder.fingerprint, fitted.weights)
    job.progress("Measuring the adapter", 0)
    judged = _judge(adapter, sides, corpus, base, settings.gate, job)
    card = _card(base.card, job, fitted)
    folder = parts.models.folder(card.id)
    try:
        folder.mkdir(parents=True)
        write_adapter(adapter, folder)
        record = _record(parts, card, data, sides, judged, library.names, fitting_s, folder)
        write_record(record, folder)
        write_card(card, folder)
        job.checkpoint()
        parts.models.register(card.id, judged.gate, last_event)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if judged.gate.accepted:
        activate(parts, job, card.id)
    return TuneReport(
        model=card.id,
        base=base.card.id,
        accepted=judged.gate.accepted,
        reason=judged.gate.reason,
        gate=judged.gate,
        seconds=time.monotonic() - began,
    )


def _divided(data: TrainingSet, encoder: TextEncoder, corpus: Corpus, rules: GateRules) -> _Sides:
    vectors = encoder.encode_queries([query.text for query in data.queries])
    located = locate(data.queries, vectors, corpus)
    known = set(corpus.documents)
    queries = findable(located, known)
    require(missing(len(queries)))
    n_held_out = max(rules.min_held_out, round(_HELD_OUT_SHARE * len(queries)))
    split = split_by_query(queries, n_held_out, _SEED)
    require(too_alike(len(split.train), len(split.held_out), rules))
    of_query = {query.id: vector for query, vector in zip(data.queries, vectors, strict=True)}

    def side(some: Sequence[JudgedQuery]) -> Vectors:
        return np.stack([of_query[query.id] for query in some])

    return _Sides(split.train, side(split.train), split.held_out, side(split.held_out))


def _judge(
    adapter: TextAdapter,
    sides: _Sides,
    corpus: Corpus,
    base: ServedModel,
    rules: GateRules,
    job: Job,
) -> _Judged:
    before = _ndcg(sides.held_out, sides.held_out_vectors, corpus)
    after = _ndcg(sides.held_out, adapter.queries(sides.held_out_vectors), corpus)
    job.checkpoint()
    general = _general(adapter, base.encoder, read_general_set())
    encode_ms, map_ms = _times(sides.held_out, base.encoder, adapter)
    report = gate.judge(
        before,
        after,
        rules=rules,
        others=(
            gate.nothing_seen(_examples(sides.train), sides.held_out),
            gate.general_knowledge(*general, rules),
            gate.speed(encode_ms, encode_ms + map_ms, rules),
        ),
    )
    return _Judged(
        report,
        before,
        after,
        mean(general[0]),
        mean(general[1]),
        encode_ms + map_ms,
    )


def _examples(train: Sequence[JudgedQuery]) -> list[Example]:
    """What the regression learnt from."""
    return [
        Example(query.id, query.text, positive.document, positive.text)
        for query in train
        for positive in query.positives
    ]


def _ndcg(queries: Sequence[JudgedQuery], vectors: Vectors, corpus: Corpus) -> dict[str, float]:
    qrels = {query.id: query.grades for query in queries}
    return dense_ndcg(qrels, vectors, corpus.documents, corpus.vectors)


def _general(
    adapter: TextAdapter, encoder: TextEncoder, general: GeneralSet
) -> tuple[dict[str, float], dict[str, float]]:
    """nDCG@10 of the general set's queries before and after; its passages are encoded once."""
    passages = encoder.encode_passages(general.texts)
    vectors = encoder.encode_queries(list(general.queries.values()))

    def values(some: Vectors) -> dict[str, float]:
        return dense_ndcg(general.qrels, some, general.documents, passages)

    return values(vectors), values(adapter.queries(vectors))


def _times(
    queries: Sequence[JudgedQuery], encoder: TextEncoder, adapter: TextAdapter
) -> tuple[float, float]:
    """Median milliseconds to encode a query, and mean milliseconds to map it."""
    took = []
    for query in queries[:20]:
        began = time.perf_counter()
        vector = encoder.encode_queries([query.text])
        took.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    for _ in range(_TIMED):
        adapter.queries(vector)
    return float(np.median(took)), (time.perf_counter() - began) * 1000 / _TIMED


def _card(base: ModelCard, job: Job, fitted: FittedMap) -> ModelCard:
    now = datetime.now()
    if fitted.changes_nothing:
        notes = "It leaves queries as they are: nothing that was tried found more."
    else:
        notes = (
            f"A linear map of queries: {fitted.share:.0%} of what the judged searches ask for, "
            f"with what varies within documents played down (power {fitted.power:.2f})."
        )
    return replace(
        base,
        id=f"adapter-{now:%Y%m%d-%H%M%S}-{job.info.id[:4]}",
        name=f"Adapter of {now.day} {now:%B %Y, %H:%M}",
        origin="tuned",
        base=base.id,
        created_at=now.timestamp(),
        notes=notes,
        adapter=True,
    )


def _record(
    parts: Parts,
    card: ModelCard,
    data: TrainingSet,
    sides: _Sides,
    judged: _Judged,
    names: Mapping[int, str],
    seconds: float,
    folder: Path,
) -> ModelRecord:
    return ModelRecord(
        parents=parents_of(parts, card.base or ""),
        data=data.source,
        data_hash=data.hash,
        n_pairs=sum(len(query.positives) for query in sides.train),
        recipe=None,
        seed=_SEED,
        versions=versions(),
        device="cpu",
        bf16=False,
        seconds=seconds,
        curves=(),
        changes=query_changes(sides.held_out, judged.before, judged.after, names),
        general_before=judged.general_before,
        general_after=judged.general_after,
        query_ms=judged.query_ms,
        size_bytes=(folder / ADAPTER).stat().st_size,
    )
