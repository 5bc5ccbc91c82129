"""What systems answer to one query of an evaluation set, and what became of its relevant documents.

What is told of a document that was missed is what can be seen: who found it and how deep, what
stands above it, and which of the query's words it has. Why a model thinks texts alike cannot be
seen, and is not guessed at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from engine.evaluation_records import Miss, MissKind, QueryAnswer, QueryExplained
from engine.evaluation_requests import ExplainQuery
from engine.jobs.job import Job
from engine.parts import Parts
from engine.retrieval.analyzer import terms
from engine.retrieval.grouping import NEARLY_THE_SAME
from engine.retrieval.query import parse
from engine.settings import Settings
from engine.storage import evalset_documents, evalset_queries, evalsets, judgments
from engine.storage.evalset import EvalSet
from engine.storage.signature import signature, similarity
from engine.systems import DEPTH, Systems, check_distinct, in_words

_FIRST = 10
_TEXT = 20_000
"""Characters of a document that its words are looked for in."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked at of a document."""

    title: str
    words: frozenset[str]
    """As the keyword index has them."""
    signature: bytes


def explain(parts: Parts, settings: Settings, request: ExplainQuery) -> QueryExplained:
    """Put one query to systems; raises NotFound, InvalidInput."""
    check_distinct(request.systems)
    with parts.library.read() as connection:
        evalset = evalsets.find(connection, request.name)
        query = evalset_queries.text_of(connection, evalset.id, request.query_id)
        names = evalset_documents.names(connection, evalset)
        grades = judgments.grades(connection, evalset.id).get(request.query_id, {})
    job = Job("evaluate", query, lambda _: None)
    systems = Systems(parts, settings, names, job, set_id=evalset.id, exact=False)
    lists = {
        in_words(system): list(
            systems.run(system, {request.query_id: query}).ranks(request.query_id)
        )
        for system in request.systems
    }
    relevant = sorted((key for key in grades if grades[key] > 0), key=lambda key: -grades[key])
    shown = {key for ranked in lists.values() for key in ranked[:_FIRST]}
    with parts.library.read() as connection:
        known = {key: _look(connection, evalset, key) for key in shown | set(relevant)}
        ids = {key: evalset_documents.id_of(connection, evalset, key) for key in known}
    answers = {
        name: tuple(
            QueryAnswer(key, ids[key], known[key].title, rank, grades.get(key))
            for rank, key in enumerate(ranked[:_FIRST], start=1)
        )
        for name, ranked in lists.items()
    }
    wanted = frozenset(parse(query).terms)
    misses = []
    for key in relevant:
        kind, text = _fate(key, lists, grades, known, wanted)
        ranks = {name: ranked.index(key) + 1 for name, ranked in lists.items() if key in ranked}
        misses.append(Miss(key, ids[key], known[key].title, grades[key], kind, ranks, text))
    return QueryExplained(request.query_id, query, answers, tuple(misses))


def _fate(
    key: str,
    lists: Mapping[str, Sequence[str]],
    grades: Mapping[str, int],
    known: Mapping[str, _Known],
    wanted: Collection[str],
) -> tuple[MissKind, str]:
    """What became of a relevant document, and in words."""
    ranks = {name: ranked.index(key) + 1 for name, ranked in lists.items() if key in ranked}
    places = ", ".join(f"{name} at {rank}" for name, rank in ranks.items())
    if ranks and max(ranks.values()) <= _FIRST and len(ranks) == len(lists):
        return "found", f"Every system has it among its first {_FIRST}: {places}."
    above = _above(key, lists)
    for other in above:
        if similarity(known[key].signature, known[other].signature) >= NEARLY_THE_SAME:
            return "duplicate", (
                f"“{known[other].title or other}” says nearly the same and stands above it."
            )
    have = _share(known[key], wanted)
    words = f"It has {have} of the query's {len(wanted)} words" if wanted else ""
    wrong = [other for other in above if grades.get(other) == 0]
    same_words = [other for other in wrong if _share(known[other], wanted) > have]
    if same_words and not (ranks and min(ranks.values()) <= _FIRST):
        first = known[same_words[0]]
        return "wrong sense", (
            f"{words}; {len(same_words)} of the documents above it have more of them and are"
            f" graded not relevant, “{first.title or same_words[0]}” first: the words seem to be"
            " meant otherwise there."
        )
    if not ranks:
        reason = f" {words}." if words else ""
        return "not retrieved", f"No system has it among its first {DEPTH}.{reason}"
    missing = [name for name in lists if name not in ranks]
    lacking = f" {' and '.join(missing)} did not find it." if missing else ""
    reason = f" {words}." if words else ""
    kind: MissKind = "found" if min(ranks.values()) <= _FIRST else "low"
    return kind, f"Found by {places}.{lacking}{reason}"


def _above(key: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """What the systems show first and rank above a document, each once."""
    found: dict[str, None] = {}
    for ranked in lists.values():
        end = ranked.index(key) if key in ranked else len(ranked)
        found |= dict.fromkeys(ranked[: min(end, _FIRST)])
    return list(found)


def _share(document: _Known, wanted: Collection[str]) -> int:
    """How many of the query's words a document has."""
    return len(document.words.intersection(wanted))


def _look(connection: Connection, evalset: EvalSet, key: str) -> _Known:
    """A document as the library has it, else as it was kept with the set, else by its key alone."""
    found = evalset_documents.present(connection, evalset, key)
    if found is None:
        found = evalset_documents.kept(connection, evalset, key)
    if found is None:
        return _Known(key, frozenset(), b"")
    text = f"{found.title}\n{found.text[:_TEXT]}"
    return _Known(found.title or key, frozenset(terms(text)), signature(found.text))
