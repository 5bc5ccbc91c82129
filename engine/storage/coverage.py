"""How well an evaluation set is judged."""

from __future__ import annotations

from collections import Counter
from sqlite3 import Connection

import msgspec

from engine.evaluation_records import SetOverview, SetQuery
from engine.storage import evalset_queries, evalset_runs, evalset_versions, judgments
from engine.storage.evalset import EvalSet

_FIRST = 10


def overview(connection: Connection, evalset: EvalSet) -> SetOverview:
    """A set with its queries, versions and coverage."""
    graded = judgments.grades(connection, evalset.id)
    pooled = _pooled(connection, evalset.id)
    flagged = Counter(
        each.query_id for each in judgments.in_force(connection, evalset.id) if each.flagged
    )
    queries = tuple(
        SetQuery(
            id=query.id,
            text=query.text,
            split=", ".join(query.splits),
            origin=query.origin,
            n_pooled=len(pooled.get(query.id, ())),
            n_judged=len(of := graded.get(query.id, {})),
            n_relevant=sum(grade > 0 for grade in of.values()),
            n_flagged=flagged[query.id],
            judged_at_10=_judged_at(pooled.get(query.id, {}), of),
        )
        for query in evalset_queries.every(connection, evalset.id)
    )
    versions = evalset_versions.every(connection, evalset.id)
    newest = versions[-1].number if versions else None
    return SetOverview(
        name=evalset.name,
        root_id=evalset.root_id,
        guideline=evalset.guideline,
        scale=evalset.scale,
        queries=queries,
        versions=versions,
        changed=newest is None or evalset_versions.unchanged_since(connection, evalset) != newest,
        grades=dict(sorted(Counter(g for of in graded.values() for g in of.values()).items())),
        raters=tuple(judgments.raters(connection, evalset.id)),
        n_without_relevant=sum(query.n_judged > 0 and not query.n_relevant for query in queries),
        n_holes=sum(
            document not in graded.get(query_id, {})
            for query_id, documents in pooled.items()
            for document in documents
        ),
        runs=evalset_runs.every(connection, evalset.id),
    )


def _pooled(connection: Connection, set_id: int) -> dict[str, dict[str, dict[str, int]]]:
    """Ranks by system, by query id and document."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    decode = msgspec.json.Decoder(dict[str, int]).decode
    for query_id, document, ranks in connection.execute(
        "SELECT query_id, document, ranks FROM pool WHERE evalset_id = ?", (set_id,)
    ):
        found.setdefault(query_id, {})[document] = decode(ranks)
    return found


def _judged_at(pooled: dict[str, dict[str, int]], graded: dict[str, int]) -> float | None:
    """The least share, of any system, of its first documents that have a grade."""
    judged: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for document, ranks in pooled.items():
        for system, rank in ranks.items():
            if rank <= _FIRST:
                seen[system] += 1
                judged[system] += document in graded
    return min((judged[system] / n for system, n in seen.items()), default=None)
