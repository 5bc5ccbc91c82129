"""Measuring a workspace's retrieval on evaluation sets, and on the user's own judgments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.errors import NotEnoughData, NotFound
from engine.evaluation.metrics import mean, parse_measure, per_query, per_query_all
from engine.evaluation.qrels import Qrels
from engine.evaluation.significance import randomisation_p
from engine.evaluation_records import JUDGMENTS, System
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import (
    EvalSetInfo,
    EvaluationReport,
    Label,
    Latency,
    RerankAdvice,
    SplitInfo,
)
from engine.requests import Evaluate
from engine.settings import Settings
from engine.storage import (
    documents,
    evalset_documents,
    evalset_versions,
    evalsets,
    labels,
)
from engine.storage.evalset import EvalSet
from engine.systems import Systems

MEASURES = tuple(map(parse_measure, ("nDCG@10", "RR@10", "R@100", "AP", "P@5")))
PICTURE_MEASURES = tuple(map(parse_measure, ("R@1", "R@5", "R@10")))
"""What is usually told of searching pictures by captions, each of which belongs to one picture."""
_ADVICE_NEEDS = 10


@dataclass(frozen=True, slots=True)
class Topic:
    """What is measured: queries, their qrels, and the documents that may answer."""

    set: str
    """Its name, without a version."""
    queries: Mapping[str, str]
    """Text by query id."""
    qrels: Qrels
    names: Mapping[int, list[str]]
    """The qrels' ids of each document that may be retrieved."""
    set_id: int | None = None
    """None of the user's own judgments, which are no set of their own."""
    version: int | None = None
    """Of the set that this is; None where it changed since it was frozen, or never was."""


def measure(parts: Parts, settings: Settings, request: Evaluate, job: Job) -> EvaluationReport:
    """Run every judged query of a split, and measure the run.

    Vectors are scored exactly, so that equal models give equal figures to the last digit.
    """
    topic = load_topic(parts, request.name, request.split)
    systems = Systems(parts, settings, topic.names, job)
    system = System(request.mode, request.model, request.rerank)
    run = systems.run(system, topic.queries)
    measures = MEASURES + PICTURE_MEASURES if systems.of_pictures else MEASURES
    return EvaluationReport(
        set=topic.set,
        split=request.split,
        mode=request.mode,
        model=systems.model_of(system),
        reranked=request.rerank,
        n_queries=len(topic.qrels),
        measures={
            name: mean(values)
            for name, values in per_query_all(measures, topic.qrels, run.lists).items()
        },
        latency_ms=Latency(*np.percentile(run.latencies_ms, (50, 95)).round(2).tolist()),
        version=topic.version,
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
    systems = Systems(parts, settings, topic.names, job)
    values = {}
    for rerank in (False, True):
        run = systems.run(System("hybrid", rerank=rerank), topic.queries)
        values[rerank] = per_query(MEASURES[0], topic.qrels, run.lists)
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


def load_topic(parts: Parts, name: str, split: str, *, searched: bool = True) -> Topic:
    """An evaluation set's split, or the user's own judgments.

    `name@3` is version 3 of the set. Documents are needed only where they are to be searched.
    Raises NotFound, NotEnoughData where nothing is judged.
    """
    with parts.library.read() as connection:
        if name == JUDGMENTS:
            return _judgments(
                [label for label in labels.in_force(connection) if label.kind == "judgment"],
                documents.every_id(connection),
            )
        evalset, version = evalset_versions.named(connection, name)
        content = (
            evalset_versions.content(connection, evalset)
            if version is None
            else evalset_versions.load(connection, evalset, version)
        )
        names = evalset_documents.names(connection, evalset)
        if version is None:
            version = evalset_versions.unchanged_since(connection, evalset)
    qrels = _require_judged(evalset, content, split)
    if searched and not names:
        raise NotFound(
            "The documents are gone",
            f"The dataset that “{evalset.name}” is about was removed from the library.",
            "Import it again to measure on it.",
        )
    return Topic(
        evalset.name,
        {query: content.queries[query] for query in qrels},
        qrels,
        names,
        evalset.id,
        version,
    )


def _require_judged(evalset: EvalSet, content: evalset_versions.Content, split: str) -> Qrels:
    """The qrels of a split; raises NotFound, NotEnoughData where they are none."""
    if split not in content.splits:
        raise NotFound(
            "No such split",
            f"“{evalset.name}” has no split “{split}”; it has:"
            f" {', '.join(content.splits) or 'none yet'}.",
        )
    qrels = content.qrels.get(split)
    if not qrels:
        raise NotEnoughData(
            "Nothing is judged",
            f"No query of the split “{split}” of “{evalset.name}” has a judgment yet.",
            "Judge some results of its queries first.",
        )
    return qrels


def _judgments(given: list[Label], every_id: list[int]) -> Topic:
    qrels: dict[str, dict[str, int]] = {}
    for label in given:
        if label.document_id is not None:
            qrels.setdefault(label.query, {})[str(label.document_id)] = label.value
    names = {n: [str(n)] for n in every_id}
    return Topic(JUDGMENTS, {query: query for query in qrels}, qrels, names)
