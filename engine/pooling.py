"""Pooling: what several systems rank first is what is to be judged.

A pool is the union of the systems' first documents of each query (Spärck Jones and van Rijsbergen
1975, Report on the need for and provision of an “ideal” information retrieval test collection).
Each pair is in it once, with its rank by every system that found it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from sqlite3 import Connection

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import PoolEstimate, PoolReport
from engine.evaluation_requests import EstimatePool, Pool
from engine.jobs.job import Job
from engine.parts import Parts
from engine.settings import Settings
from engine.storage import evalset_documents, evalset_queries, evalsets, judgments, pools
from engine.storage.evalset import EvalSet
from engine.storage.pools import Ranks
from engine.systems import Systems, check_distinct

_SECONDS_EACH = 20.0
"""What a judgment takes until it is known."""
_MOST_DEEP = 1000


def estimate(parts: Parts, request: EstimatePool) -> PoolEstimate:
    """What judging a pool would cost; nothing is searched for it.

    How many documents the systems have in common is taken from queries that were pooled from as
    many; before there are any, they are thought to have none, which is the most that it can cost.
    Raises NotFound, InvalidInput.
    """
    _check_depth(request.depth)
    with parts.library.read() as connection:
        evalset = evalsets.find(connection, request.name)
        queries = _wanted(connection, evalset, request.query_ids)
        pooled = pools.load(connection, evalset.id)
        graded = judgments.grades(connection, evalset.id)
        pace = judgments.seconds_each(connection, evalset.id) or _SECONDS_EACH
        n_documents = len(evalset_documents.names(connection, evalset))
    distinct = pools.distinct_share(pooled, request.depth, request.n_systems)
    each = min(round(request.n_systems * request.depth * distinct), n_documents)
    n_known = sum(min(each, len(graded.get(query_id, {}))) for query_id in queries)
    n_new = 0
    left = 0
    for query_id in queries:
        # What the pool has of these ranks is likely what would be found again.
        ranks_of = pooled.get(query_id, {})
        n_within = sum(min(of.values(), default=0) <= request.depth for of in ranks_of.values())
        if n_within:
            left += each - n_within
        else:
            n_new += each
    n_new += max(left, 0)
    return PoolEstimate(n_new, n_known, pace, n_new * pace / 60)


def pool(parts: Parts, settings: Settings, request: Pool, job: Job) -> PoolReport:
    """Add the first documents of systems to a set's pool, all at once at the end.

    Raises NotFound, InvalidInput, JobCancelled.
    """
    began = time.monotonic()
    _check_depth(request.depth)
    check_distinct(request.systems)
    with parts.library.read() as connection:
        evalset = evalsets.find(connection, request.name)
        queries = _wanted(connection, evalset, request.query_ids)
        names = evalset_documents.names(connection, evalset)
        there = {key for keys in names.values() for key in keys}
        there |= evalset_documents.kept_keys(connection, evalset)
    if not names and any(system.run is None for system in request.systems):
        raise NotFound(
            "No documents to pool from",
            f"None of the documents that “{evalset.name}” is about are in the library.",
            "Index some folders, or import the dataset again.",
        )
    systems = Systems(parts, settings, names, job, set_id=evalset.id)
    found: dict[str, dict[str, Ranks]] = {query_id: {} for query_id in queries}
    asked = []
    outside = set()
    for system in request.systems:
        asked.append(systems.name_of(system))
        run = systems.run(system, queries, request.depth)
        for query_id in queries:
            for key, rank in run.ranks(query_id, request.depth).items():
                if key not in there:
                    outside.add((query_id, key))
                    continue
                found[query_id].setdefault(key, {})[asked[-1]] = rank
    job.checkpoint()
    with parts.library.write() as connection:
        known = pools.load(connection, evalset.id)
        graded = judgments.grades(connection, evalset.id)
        new = _within_budget(found, known, request.budget)
        pools.take_ranks(connection, evalset.id, asked, request.depth, found, new)
        evalset_documents.keep(connection, evalset, dict.fromkeys(key for _, key in new))
    return PoolReport(
        set=evalset.name,
        added=len(new),
        known=sum(key in graded.get(query_id, {}) for query_id, of in found.items() for key in of),
        seconds=time.monotonic() - began,
        outside=len(outside),
    )


def _within_budget(
    found: Mapping[str, Mapping[str, Ranks]],
    known: Mapping[str, Collection[str]],
    budget: int | None,
) -> list[tuple[str, str]]:
    """The pairs that are new, evenly over queries, of each query the best ranked first."""
    of_query = []
    for query_id, ranks_of in found.items():
        new = [
            (_standing(ranks), key)
            for key, ranks in ranks_of.items()
            if key not in known.get(query_id, ())
        ]
        of_query.append([(query_id, key) for _, key in sorted(new)])
    in_turn = [pair for round_ in zip_longest(*of_query) for pair in round_ if pair is not None]
    return in_turn if budget is None else in_turn[:budget]


def _standing(ranks: Ranks) -> tuple[int, int, float]:
    """Smaller for what is ranked better: by any system, then by more of them."""
    return min(ranks.values()), -len(ranks), sum(ranks.values()) / len(ranks)


def _wanted(connection: Connection, evalset: EvalSet, query_ids: Sequence[str]) -> dict[str, str]:
    """Text of each query that is to be pooled, by its id; raises NotFound."""
    if query_ids:
        return {
            query_id: evalset_queries.text_of(connection, evalset.id, query_id)
            for query_id in query_ids
        }
    queries = evalset_queries.every(connection, evalset.id)
    if not queries:
        raise NotFound(
            "No queries to pool for", f"“{evalset.name}” has no queries yet.", "Add some first."
        )
    return {query.id: query.text for query in queries}


def _check_depth(depth: int) -> None:
    if not 1 <= depth <= _MOST_DEEP:
        raise InvalidInput(
            "Not a depth", f"A pool takes 1 to {_MOST_DEEP} documents of each system.", "Take 10."
        )
