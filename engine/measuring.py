"""Measuring a workspace's retrieval on evaluation sets, and on the user's own judgments."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine import picture_answers
from engine.answering import retrieval_parts, worded
from engine.errors import NotEnoughData
from engine.evaluation.metrics import mean, parse_measure, per_query, per_query_all
from engine.evaluation.qrels import Qrels
from engine.evaluation.significance import randomisation_p
from engine.jobs.job import Job
from engine.parts import Parts
from engine.picture_encoding import encode_lacking
from engine.records import (
    EvalSetInfo,
    EvaluationReport,
    Kind,
    Label,
    Latency,
    Mode,
    RerankAdvice,
    SplitInfo,
)
from engine.requests import Evaluate
from engine.retrieval import search as retrieval
from engine.retrieval.exact import ExactVectors
from engine.served_pictures import ServedPictures
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import documents, evalsets, labels, model_registry, pictures

JUDGMENTS = "judgments"
"""Name of the set that the user's own judgments make."""

MEASURES = tuple(map(parse_measure, ("nDCG@10", "RR@10", "R@100", "AP", "P@5")))
PICTURE_MEASURES = tuple(map(parse_measure, ("R@1", "R@5", "R@10")))
"""What is usually told of searching pictures by captions, each of which belongs to one picture."""
_DEPTH = 100
_ADVICE_NEEDS = 10


@dataclass(frozen=True, slots=True)
class Topic:
    """What is measured: queries, their qrels, and the documents that may answer."""

    queries: Mapping[str, str]
    """Text by query id."""
    qrels: Qrels
    names: Mapping[int, list[str]]
    """The qrels' ids of each document that may be retrieved."""


def measure(parts: Parts, settings: Settings, request: Evaluate, job: Job) -> EvaluationReport:
    """Run every judged query of a split, and measure the run.

    Vectors are scored exactly, so that equal models give equal figures to the last digit.
    """
    topic = load_topic(parts, request.name, request.split)
    with parts.library.read() as connection:
        kind = model_registry.kind_of(connection, request.model) if request.model else None
    text_model = request.model if kind == "text" else None
    served = parts.models.open_for(job, text_model or parts.models.active_id())
    of_pictures = _of_pictures(parts, topic)
    if of_pictures:
        parts.pictures.ready(job)  # its model may have to be prepared on this machine first
    else:
        parts.pictures.load()
    seen = _seen_by(parts, settings, topic, request.model, job) if kind == "image" else None
    run, latencies = _run(parts, settings, topic, served, request.mode, request.rerank, job, seen)
    measures = MEASURES + PICTURE_MEASURES if of_pictures else MEASURES
    at_work = parts.image_models.active_id() if of_pictures else served.card.id
    return EvaluationReport(
        set=request.name,
        split=request.split,
        mode=request.mode,
        model=request.model or at_work,
        reranked=request.rerank,
        n_queries=len(topic.qrels),
        measures={
            name: mean(values) for name, values in per_query_all(measures, topic.qrels, run).items()
        },
        latency_ms=Latency(*np.percentile(latencies, (50, 95)).round(2).tolist()),
    )


def advise_reranking(parts: Parts, settings: Settings) -> RerankAdvice:
    """Measure on the user's own judgments whether reranking helps; raises NotEnoughData."""
    topic = load_topic(parts, JUDGMENTS, "all")
    if len(topic.qrels) < _ADVICE_NEEDS:
        raise NotEnoughData(
            "Too few judgments",
            f"{len(topic.qrels)} queries have judgments; {_ADVICE_NEEDS} are needed to tell.",
            "Grade a few results of your searches with the keys 0 to 3.",
        )
    job = Job("evaluate", "Whether reranking helps", lambda _: None)
    served = parts.models.open_for(job, parts.models.active_id())
    values = {}
    for rerank in (False, True):
        run, _ = _run(parts, settings, topic, served, "hybrid", rerank, job)
        values[rerank] = per_query(MEASURES[0], topic.qrels, run)
    before = np.array([values[False][query] for query in topic.qrels])
    after = np.array([values[True][query] for query in topic.qrels])
    p = randomisation_p(before, after)
    helps = bool(after.mean() > before.mean() and p < 0.05)
    return RerankAdvice(
        helps=helps,
        before=float(before.mean()),
        after=float(after.mean()),
        n_queries=len(before),
        reason=(
            f"On your {len(before)} judged queries nDCG@10 is {before.mean():.3f} without and "
            f"{after.mean():.3f} with reranking (p = {p:.2f}): "
            + ("it helps." if helps else "no clear gain, so leave it off.")
        ),
    )


def every_set(parts: Parts) -> tuple[EvalSetInfo, ...]:
    """The imported sets, and the one that the user's own judgments make."""
    with parts.library.read() as connection:
        imported = evalsets.every(connection)
        judged = [label for label in labels.in_force(connection) if label.kind == "judgment"]
        n_documents = documents.counts(connection)[1]
    if not judged:
        return imported
    n_queries = len({label.query for label in judged})
    own = EvalSetInfo(JUDGMENTS, None, n_documents, (SplitInfo("all", n_queries, len(judged)),))
    return (own, *imported)


def load_topic(parts: Parts, name: str, split: str) -> Topic:
    """An evaluation set's split, or the user's own judgments; raises NotFound."""
    with parts.library.read() as connection:
        if name == JUDGMENTS:
            return _judgments(
                [label for label in labels.in_force(connection) if label.kind == "judgment"],
                documents.every_id(connection),
            )
        root_id, queries, qrels = evalsets.load_split(connection, name, split)
        return Topic(queries, qrels, documents.of_root(connection, root_id))


def _seen_by(
    parts: Parts, settings: Settings, topic: Topic, model: str | None, job: Job
) -> ServedPictures:
    """The pictures of a topic as a model sees them that need not be active."""
    encoder = parts.image_models.open_for(job, model or parts.image_models.active_id())
    encode_lacking(parts, settings, job, encoder, topic.names)
    with parts.library.read() as connection:
        every = pictures.every_hash(connection)
    seen = ServedPictures(encoder, parts.embeddings)
    seen.refresh({document: key for document, key in every.items() if document in topic.names})
    return seen


def _of_pictures(parts: Parts, topic: Topic) -> bool:
    """Whether all that may answer are pictures."""
    with parts.library.read() as connection:
        return topic.names.keys() <= pictures.every_hash(connection).keys()


def _judgments(given: list[Label], every_id: list[int]) -> Topic:
    qrels: dict[str, dict[str, int]] = {}
    for label in given:
        if label.document_id is not None:
            qrels.setdefault(label.query, {})[str(label.document_id)] = label.value
    return Topic({query: query for query in qrels}, qrels, {n: [str(n)] for n in every_id})


def _run(
    parts: Parts,
    settings: Settings,
    topic: Topic,
    served: ServedModel,
    mode: Mode,
    rerank: bool,
    job: Job,
    seen: ServedPictures | None = None,
) -> tuple[dict[str, list[tuple[str, float]]], list[float]]:
    """The run of every judged query, and each query's latency in ms."""
    with parts.library.read() as connection:
        n_documents = documents.counts(connection)[1]
    allowed = None if n_documents == len(topic.names) else set(topic.names)
    put_to = retrieval_parts(parts, served, job.checkpoint)
    if mode != "lexical":
        with parts.library.read() as connection:
            chunks = list(documents.chunks(connection, topic.names))
        matrix = ExactVectors(served.encoder.dim)
        matrix.append(
            [chunk.id for chunk in chunks],
            [chunk.document_id for chunk in chunks],
            np.stack(served.embed(chunks, job)),
        )
        put_to = replace(put_to, dense=lambda vector, k, _: worded(parts, matrix.search(vector, k)))
    kind: Kind = "image" if _of_pictures(parts, topic) else "both"
    run, latencies = {}, []
    for done, (query_id, text) in enumerate(topic.queries.items(), start=1):
        job.checkpoint()
        began = time.perf_counter()
        options = retrieval.Options(
            query=text,
            k=_DEPTH,
            mode=mode,
            fusion=settings.fusion,
            balance=settings.balance,
            rerank=rerank,
            prefix=False,
            documents=allowed,
        )
        hits = picture_answers.found(
            parts, options, kind, None, lambda wanted: retrieval.search(wanted, put_to), seen
        )
        latencies.append((time.perf_counter() - began) * 1000)
        run[query_id] = [
            (name, hit.score) for hit in hits for name in topic.names.get(hit.document_id, ())
        ]
        job.progress("Searching", done, len(topic.queries), "queries")
    return run, latencies
