"""Evaluation sets: queries with graded judgments over the documents of one dataset root."""

from __future__ import annotations

import time
from collections.abc import Mapping
from sqlite3 import Connection

import msgspec

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import GRADED
from engine.records import EvalSetInfo, SplitInfo


def add(
    connection: Connection,
    name: str,
    root_id: int,
    queries: Mapping[str, str],
    splits: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> None:
    """Store a set whole; raises InvalidInput where the name is taken."""
    if connection.execute("SELECT 1 FROM evalsets WHERE name = ?", (name,)).fetchone():
        raise InvalidInput(
            "The name is taken",
            f"There is an evaluation set “{name}” already.",
            "Choose another name.",
        )
    cursor = connection.execute(
        "INSERT INTO evalsets (name, root_id, dataset, scale, created_at) VALUES (?, ?, 1, ?, ?)",
        (name, root_id, msgspec.json.encode(GRADED).decode(), time.time()),
    )
    number = cursor.lastrowid
    connection.executemany(
        "INSERT INTO evalset_queries (evalset_id, query_id, text) VALUES (?, ?, ?)",
        [(number, query_id, text) for query_id, text in queries.items()],
    )
    connection.executemany(
        "INSERT INTO evalset_splits VALUES (?, ?, ?)",
        [(number, query_id, split) for split, qrels in splits.items() for query_id in qrels],
    )
    connection.executemany(
        "INSERT INTO qrels VALUES (?, ?, ?, ?, ?)",
        [
            (number, split, query_id, document, grade)
            for split, qrels in splits.items()
            for query_id, judged in qrels.items()
            for document, grade in judged.items()
        ],
    )


def every(connection: Connection) -> tuple[EvalSetInfo, ...]:
    """All sets, oldest first."""
    found = []
    for number, name, root_id in connection.execute(
        "SELECT id, name, root_id FROM evalsets ORDER BY id"
    ).fetchall():
        splits = connection.execute(
            "SELECT split, count(DISTINCT query_id), count(*) FROM qrels WHERE evalset_id = ?"
            " GROUP BY split ORDER BY split",
            (number,),
        )
        (n_documents,) = connection.execute(
            "SELECT count(*) FROM files WHERE root_id = ?", (root_id,)
        ).fetchone()
        found.append(
            EvalSetInfo(name, root_id, n_documents, tuple(SplitInfo(*row) for row in splits))
        )
    return tuple(found)


def load_split(
    connection: Connection, name: str, split: str
) -> tuple[int, dict[str, str], dict[str, dict[str, int]]]:
    """Root id, judged queries' texts and qrels of a split; raises NotFound."""
    row = connection.execute("SELECT id, root_id FROM evalsets WHERE name = ?", (name,)).fetchone()
    if row is None:
        known = ", ".join(info.name for info in every(connection)) or "none yet"
        raise NotFound(
            "No such evaluation set",
            f"There is no evaluation set “{name}”; there are: {known}.",
            "Import one with `evalset import DIR --name NAME`.",
        )
    number, root_id = row
    qrels: dict[str, dict[str, int]] = {}
    for query_id, document, grade in connection.execute(
        "SELECT query_id, document, grade FROM qrels WHERE evalset_id = ? AND split = ?",
        (number, split),
    ):
        qrels.setdefault(query_id, {})[document] = grade
    if not qrels:
        splits = next(info.splits for info in every(connection) if info.name == name)
        raise NotFound(
            "No such split",
            f"“{name}” has no split “{split}”; it has: {', '.join(s.name for s in splits)}.",
        )
    texts = dict(
        connection.execute(
            "SELECT query_id, text FROM evalset_queries WHERE evalset_id = ?", (number,)
        ).fetchall()
    )
    return root_id, {query_id: texts[query_id] for query_id in qrels}, qrels
