"""Comparing systems on a split of an evaluation set: each measured, every two told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from engine.errors import InvalidInput
from engine.evaluation.metrics import mean, parse_measure, per_query_all
from engine.evaluation.significance import (
    bootstrap_interval,
    effect_size,
    holm,
    randomisation_p,
)
from engine.evaluation_records import ComparisonReport, Difference, SystemFigures
from engine.evaluation_requests import Compare
from engine.jobs.job import Job
from engine.measuring import load_topic
from engine.parts import Parts
from engine.settings import Settings
from engine.systems import Systems, check_distinct, in_words

_SAME = 1e-12
"""Values of a query that differ by less are equal but for rounding."""


def compare(parts: Parts, settings: Settings, request: Compare, job: Job) -> ComparisonReport:
    """Run every judged query of a split with each system; raises NotFound, InvalidInput."""
    check_distinct(request.systems)
    measures = [parse_measure(notation) for notation in dict.fromkeys(request.measures)]
    if not measures:
        raise InvalidInput("No measure", "Nothing is to be measured.", "Ask for nDCG@10.")
    name = request.name if request.version is None else f"{request.name}@{request.version}"
    searched = any(system.run is None for system in request.systems)
    topic = load_topic(parts, name, request.split, searched=searched)
    systems = Systems(parts, settings, topic.names, job, set_id=topic.set_id)
    figures = []
    for system in request.systems:
        run = systems.run(system, topic.queries)
        values = per_query_all(measures, topic.qrels, run.lists)
        p50, p95 = (
            np.percentile(run.latencies_ms, (50, 95)).round(2).tolist()
            if run.latencies_ms
            else (None, None)
        )
        figures.append(
            SystemFigures(
                system=system,
                name=in_words(system),
                measures={notation: mean(of) for notation, of in values.items()},
                per_query=values,
                latency_p50_ms=p50,
                latency_p95_ms=p95,
            )
        )
    return ComparisonReport(
        set=topic.set,
        version=topic.version,
        split=request.split,
        n_queries=len(topic.qrels),
        systems=tuple(figures),
        differences=tuple(
            difference
            for number, measure in enumerate(measures, start=1)
            for difference in _differences(str(measure), figures, job, number, len(measures))
        ),
        queries=dict(topic.queries),
    )


def _differences(
    measure: str, figures: Sequence[SystemFigures], job: Job, number: int, n_measures: int
) -> list[Difference]:
    """Every two systems on one measure."""
    found = []
    for first, second in combinations(range(len(figures)), 2):
        job.checkpoint()
        queries = figures[first].per_query[measure]
        before = np.array(list(queries.values()))
        after = np.array([figures[second].per_query[measure][query] for query in queries])
        gains = after - before
        found.append(
            Difference(
                measure=measure,
                first=first,
                second=second,
                gain=float(gains.mean()),
                ci=bootstrap_interval(before, after),
                p=randomisation_p(before, after),
                p_holm=1.0,
                effect=effect_size(before, after),
                wins=int(np.count_nonzero(gains > _SAME)),
                ties=int(np.count_nonzero(np.abs(gains) <= _SAME)),
                losses=int(np.count_nonzero(gains < -_SAME)),
            )
        )
    job.progress("Comparing", number, n_measures, "measures")
    corrected = holm([difference.p for difference in found])
    return [replace(each, p_holm=p) for each, p in zip(found, corrected, strict=True)]
