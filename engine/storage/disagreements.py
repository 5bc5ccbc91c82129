"""Pairs that raters of an evaluation set graded differently."""

from __future__ import annotations

from sqlite3 import Connection

from engine.evaluation_records import ADJUDICATED, Disagreement, GivenJudgment
from engine.storage import evalset_documents, evalset_queries, judgments
from engine.storage.evalset import EvalSet

Pair = tuple[str, str]
"""Query id and document."""


def grades_of_raters(connection: Connection, set_id: int) -> dict[str, dict[Pair, int]]:
    """What each rater graded, by rater; adjudicated and imported grades are nobody's."""
    found: dict[str, dict[Pair, int]] = {}
    for given in judgments.in_force(connection, set_id):
        if given.grade is not None and given.rater != ADJUDICATED:
            found.setdefault(given.rater, {})[given.query_id, given.document] = given.grade
    return found


def disagreements(connection: Connection, evalset: EvalSet) -> tuple[Disagreement, ...]:
    """The pairs that raters graded differently, the furthest apart first, settled ones last."""
    by_pair: dict[Pair, list[GivenJudgment]] = {}
    for given in judgments.in_force(connection, evalset.id):
        if given.grade is not None:
            by_pair.setdefault((given.query_id, given.document), []).append(given)
    texts = {query.id: query.text for query in evalset_queries.every(connection, evalset.id)}
    found: list[tuple[bool, int, Disagreement]] = []
    for (query_id, document), given_by_all in by_pair.items():
        of_raters = [given for given in given_by_all if given.rater != ADJUDICATED]
        grades = [given.grade for given in of_raters if given.grade is not None]
        if len(set(grades)) < 2:
            continue
        settled = [given.grade for given in given_by_all if given.rater == ADJUDICATED]
        disagreement = Disagreement(
            query_id=query_id,
            query=texts.get(query_id, ""),
            document=document,
            document_id=evalset_documents.id_of(connection, evalset, document),
            title=evalset_documents.title_of(connection, evalset, document),
            judgments=tuple(of_raters),
            settled=settled[0] if settled else None,
        )
        found.append((bool(settled), min(grades) - max(grades), disagreement))
    found.sort(key=lambda each: (each[0], each[1], each[2].query_id, each[2].document))
    return tuple(disagreement for _, _, disagreement in found)
