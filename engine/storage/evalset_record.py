"""All that there is of an evaluation set, as it is written to files and read from them.

Versions are not part of it: each is frozen where it was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from sqlite3 import Connection

import msgspec

from engine.evaluation_records import GivenJudgment, SetImport
from engine.storage import evalset_documents, evalset_queries, evalsets, judgments
from engine.storage.evalset import EvalSet
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_versions import Content

_CONTENT_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PooledPair:
    """A pair that is to be judged."""

    query_id: str
    document: str
    ranks: Mapping[str, int]
    """By system's name."""
    at: float


@dataclass(frozen=True, slots=True)
class CameGrade:
    """A grade that came with a set, without a rater."""

    split: str
    query_id: str
    document: str
    grade: int


@dataclass(frozen=True, slots=True)
class SetRecord:
    """A set as a whole, in the order in which it is written."""

    name: str
    guideline: str
    scale: tuple[str, ...]
    """Empty where the files do not say."""
    dataset: bool | None
    """Whether documents are named by ids of their own; None where the files do not say."""
    version: int | None
    queries: tuple[NewQuery, ...]
    documents: tuple[KeptDocument, ...]
    """By key."""
    grades: tuple[CameGrade, ...]
    """By query, document and split."""
    judgments: tuple[GivenJudgment, ...] = ()
    """Each rater's newest on each pair, also what takes a grade away; by query, document, rater."""
    pool: tuple[PooledPair, ...] = ()
    """By query and document."""
    assignments: tuple[tuple[str, str], ...] = ()
    """(query id, rater)."""
    query_lines: Mapping[str, int] = field(default_factory=dict)
    """By query id, the line that it was read from."""
    judgment_lines: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    """By query id, document and rater."""


def whole(connection: Connection, evalset: EvalSet) -> SetRecord:
    """A set with everything that was said in it."""
    queries = tuple(evalset_queries.every(connection, evalset.id))
    place = {query.id: n for n, query in enumerate(queries)}
    of_set = (evalset.id,)
    ranks = msgspec.json.Decoder(dict[str, int]).decode
    grades = [
        CameGrade(*row)
        for row in connection.execute(
            "SELECT split, query_id, document, grade FROM qrels WHERE evalset_id = ?", of_set
        )
    ]
    pool = [
        PooledPair(query_id, document, ranks(ranked), at)
        for query_id, document, ranked, at in connection.execute(
            "SELECT query_id, document, ranks, added_at FROM pool WHERE evalset_id = ?", of_set
        )
    ]
    given = newest(connection, evalset.id)
    shared = connection.execute(
        "SELECT query_id, rater FROM assignments WHERE evalset_id = ?", of_set
    ).fetchall()
    named = {g.document for g in grades} | {p.document for p in pool} | {g.document for g in given}
    return SetRecord(
        name=evalset.name,
        guideline=evalset.guideline,
        scale=_with_names_for(evalset.scale, (each.grade for each in grades)),
        dataset=evalset.dataset,
        version=None,
        queries=queries,
        documents=_documents(connection, evalset, named),
        grades=tuple(sorted(grades, key=lambda g: (place[g.query_id], g.document, g.split))),
        judgments=tuple(sorted(given, key=lambda g: (place[g.query_id], g.document, g.rater))),
        pool=tuple(sorted(pool, key=lambda p: (place[p.query_id], p.document))),
        assignments=tuple(
            sorted((tuple(row) for row in shared), key=lambda a: (place[a[0]], a[1]))
        ),
    )


def of_rater(record: SetRecord, assigned: Iterable[str], rater: str) -> SetRecord:
    """What one rater is to judge, and what they said: without anything of the others."""
    wanted = set(assigned)
    pool = tuple(pair for pair in record.pool if pair.query_id in wanted)
    given = tuple(each for each in record.judgments if each.rater == rater)
    wanted |= {each.query_id for each in given}
    named = {pair.document for pair in pool} | {each.document for each in given}
    return replace(
        record,
        queries=tuple(query for query in record.queries if query.id in wanted),
        documents=tuple(each for each in record.documents if each.document in named),
        grades=(),
        judgments=given,
        pool=pool,
        assignments=tuple(pair for pair in record.assignments if pair[1] == rater),
    )


def frozen(record: SetRecord, content: Content, version: int | None) -> SetRecord:
    """A set with the grades in force of a version, or of what it is now, and without raters."""
    origins = {query.id: query.origin for query in record.queries}
    splits: dict[str, list[str]] = {}
    for split in sorted(content.splits):
        for query_id in content.splits[split]:
            splits.setdefault(query_id, []).append(split)
    grades = tuple(
        CameGrade(split, query_id, document, grade)
        for query_id in content.queries
        for document, split, grade in sorted(
            (document, split, grade)
            for split, qrels in content.qrels.items()
            for document, grade in qrels.get(query_id, {}).items()
        )
    )
    kept = {each.document: each for each in record.documents}
    for grade in grades:
        kept.setdefault(grade.document, KeptDocument(grade.document, "", "", grade.document))
    return replace(
        record,
        scale=_with_names_for(content.scale, (each.grade for each in grades)),
        version=version,
        queries=tuple(
            NewQuery(id, text, tuple(splits.get(id, ())), origins.get(id, "imported"))
            for id, text in content.queries.items()
        ),
        documents=tuple(kept[key] for key in sorted(kept)),
        grades=grades,
        judgments=(),
        pool=(),
        assignments=(),
    )


def graded_by_raters(record: SetRecord) -> SetRecord:
    """The grades of raters' judgments as ones without a rater, in each split of their query."""
    splits = {query.id: query.splits for query in record.queries}
    grades = tuple(
        CameGrade(split, each.query_id, each.document, each.grade)
        for each in record.judgments
        if each.grade is not None
        for split in splits[each.query_id]
    )
    return replace(record, grades=grades, judgments=(), pool=(), assignments=())


def newest(connection: Connection, set_id: int) -> list[GivenJudgment]:
    """Every rater's newest word on every pair, also where it takes a grade away."""
    rows = connection.execute(
        "SELECT *, max(id) FROM judgment_events WHERE evalset_id = ? AND undone = 0"
        " GROUP BY query_id, document, rater",
        (set_id,),
    )
    return [judgments.given(row) for row in rows]


def store(connection: Connection, record: SetRecord, name: str) -> SetImport:
    """Make a set of what was read; raises InvalidInput where its name cannot be had.

    Where a dataset of the library has all its documents, the set is over that, and can be measured.
    """
    dataset = record.dataset
    if dataset is None:
        keys = [each.document for each in record.documents]
        dataset = not keys or not all(_CONTENT_HASH.fullmatch(key) for key in keys)
    root_id = _same_dataset(connection, record.documents) if dataset else None
    made = (
        evalsets.create_detached(connection, name, record.guideline, record.scale)
        if dataset and root_id is None
        else evalsets.create(connection, name, record.guideline, record.scale, root_id)
    )
    evalset_queries.put(connection, made.id, record.queries)
    qrels: dict[str, dict[str, dict[str, int]]] = {}
    for each in record.grades:
        qrels.setdefault(each.split, {}).setdefault(each.query_id, {})[each.document] = each.grade
    evalsets.put_qrels(connection, made.id, qrels)
    evalset_documents.put(connection, made.id, record.documents)
    put_pool(connection, made.id, record.pool)
    record_events(connection, made.id, record.judgments)
    evalset_queries.assign(connection, made.id, record.assignments)
    return SetImport(
        set=made.name,
        n_queries=len(record.queries),
        n_judgments=len(record.grades) + len(record.judgments),
        n_documents=sum(each.text != "" for each in record.documents),
        n_outside=n_outside(connection, made, record.documents),
    )


def put_pool(connection: Connection, set_id: int, pool: Iterable[PooledPair]) -> None:
    """Add pairs to what is to be judged; those that are there already stay as they are."""
    connection.executemany(
        "INSERT OR IGNORE INTO pool VALUES (?, ?, ?, ?, ?)",
        [
            (set_id, p.query_id, p.document, msgspec.json.encode(p.ranks).decode(), p.at)
            for p in pool
        ],
    )


def record_events(connection: Connection, set_id: int, given: Iterable[GivenJudgment]) -> None:
    """Record judgments that were given elsewhere, at their own times; 0 is a time not known."""
    for each in given:
        event = judgments.record(connection, set_id, each, "merged")
        if not each.at:
            connection.execute("UPDATE judgment_events SET at = 0 WHERE id = ?", (event,))


def n_outside(connection: Connection, evalset: EvalSet, documents: Iterable[KeptDocument]) -> int:
    """How many of these are not in the library."""
    return sum(
        evalset_documents.id_of(connection, evalset, each.document) is None for each in documents
    )


def _same_dataset(connection: Connection, documents: Iterable[KeptDocument]) -> int | None:
    """The dataset that has all these documents by id, with the same title and text if given.

    Ids alone say nothing: many datasets count from 1.
    """
    wanted = {each.document: (each.title, each.text) for each in documents}
    if not any(title or text for title, text in wanted.values()):
        return None
    for (root_id,) in connection.execute(
        "SELECT id FROM roots WHERE kind = 'dataset' ORDER BY id"
    ).fetchall():
        rows = connection.execute(
            "SELECT path, title, text FROM files JOIN documents ON documents.id = document_id"
            " WHERE root_id = ?",
            (root_id,),
        )
        n_same = 0
        for key, title, text in rows:
            given = wanted.get(key)
            n_same += given is not None and given[0] in ("", title) and given[1] in ("", text)
        if n_same == len(wanted):
            return int(root_id)
    return None


def _with_names_for(scale: tuple[str, ...], grades: Iterable[int]) -> tuple[str, ...]:
    """A scale with names for grades beyond it, which sets of older versions may have."""
    highest = max(grades, default=0)
    return scale + tuple(f"Grade {n}" for n in range(len(scale), highest + 1))


def _documents(
    connection: Connection, evalset: EvalSet, named: Iterable[str]
) -> tuple[KeptDocument, ...]:
    """A set's documents: as they were kept, else as they are in its dataset or the library."""
    found = {
        row[0]: KeptDocument(*row)
        for row in connection.execute(
            "SELECT document, title, text, place FROM evalset_documents WHERE evalset_id = ?",
            (evalset.id,),
        )
    }
    wanted = set(named)
    if evalset.root_id is not None:
        rows = connection.execute(
            "SELECT path FROM files WHERE root_id = ? AND document_id IS NOT NULL",
            (evalset.root_id,),
        )
        wanted |= {row[0] for row in rows}
    for key in wanted - found.keys():
        present = evalset_documents.present(connection, evalset, key)
        found[key] = present or KeptDocument(key, "", "", key)
    return tuple(found[key] for key in sorted(found))
