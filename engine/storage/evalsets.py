"""Evaluation sets: each with its guideline and scale, over a dataset's documents or the library."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from sqlite3 import Connection

import msgspec

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import BINARY, GRADED, JUDGMENTS
from engine.records import EvalSetInfo, SplitInfo
from engine.storage import evalset_documents, evalset_queries
from engine.storage.evalset import EvalSet
from engine.storage.evalset_queries import NewQuery

_MOST_GRADES = 10
"""As many as there are keys for them."""


def create(
    connection: Connection, name: str, guideline: str, scale: Sequence[str], root_id: int | None
) -> EvalSet:
    """Make an empty set; raises InvalidInput, NotFound where there is no such dataset."""
    if root_id is not None:
        root = connection.execute("SELECT kind FROM roots WHERE id = ?", (root_id,)).fetchone()
        if root is None or root[0] != "dataset":
            raise NotFound(
                "No such dataset", "It was removed, or it is a folder.", "Choose another."
            )
    return _insert(connection, name, guideline, scale, root_id, dataset=root_id is not None)


def create_detached(
    connection: Connection, name: str, guideline: str, scale: Sequence[str]
) -> EvalSet:
    """Make an empty set whose documents have ids of their own and are kept with it alone."""
    return _insert(connection, name, guideline, scale, None, dataset=True)


def add(
    connection: Connection,
    name: str,
    root_id: int,
    queries: Mapping[str, str],
    splits: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> EvalSet:
    """Store an imported set whole; raises InvalidInput where its name cannot be had."""
    highest = max(
        (grade for qrels in splits.values() for of in qrels.values() for grade in of.values()),
        default=0,
    )
    made = _insert(connection, name, "", scale_up_to(highest), root_id, dataset=True)
    evalset_queries.put(
        connection,
        made.id,
        [
            NewQuery(
                query_id,
                text,
                tuple(split for split, qrels in splits.items() if query_id in qrels),
                "imported",
            )
            for query_id, text in queries.items()
        ],
    )
    put_qrels(connection, made.id, splits)
    return made


def put_qrels(
    connection: Connection,
    set_id: int,
    splits: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> None:
    """Store grades that came with a set: by split, query id and document."""
    connection.executemany(
        "INSERT INTO qrels VALUES (?, ?, ?, ?, ?)",
        [
            (set_id, split, query_id, document, grade)
            for split, qrels in splits.items()
            for query_id, judged in qrels.items()
            for document, grade in judged.items()
        ],
    )


def scale_up_to(grade: int) -> tuple[str, ...]:
    """The usual scale that has a grade as high as this."""
    if grade < len(BINARY):
        return BINARY
    return GRADED + tuple(f"Grade {n}" for n in range(len(GRADED), grade + 1))


def change(
    connection: Connection,
    evalset: EvalSet,
    new_name: str | None,
    guideline: str | None,
    scale: Sequence[str] | None,
) -> EvalSet:
    """Rename a set, change its guideline or scale; raises InvalidInput."""
    name = evalset.name if new_name is None else _free_name(connection, new_name, evalset.id)
    if scale is not None and tuple(scale) != evalset.scale and _judged(connection, evalset.id):
        raise InvalidInput(
            "The scale is in use",
            f"“{evalset.name}” holds judgments, whose grades another scale would change.",
            "Make a new set with the other scale.",
        )
    names = evalset.scale if scale is None else _sound_scale(scale)
    connection.execute(
        "UPDATE evalsets SET name = ?, guideline = ?, scale = ? WHERE id = ?",
        (
            name,
            evalset.guideline if guideline is None else guideline,
            msgspec.json.encode(names).decode(),
            evalset.id,
        ),
    )
    return find(connection, name)


def remove(connection: Connection, evalset: EvalSet) -> None:
    """Delete a set with all that is in it."""
    connection.execute("DELETE FROM evalsets WHERE id = ?", (evalset.id,))


def let_root_go(connection: Connection, root_id: int) -> None:
    """Before a dataset is removed: sets that no rater judged go with it.

    The others keep their documents' text.
    """
    rows = connection.execute("SELECT name FROM evalsets WHERE root_id = ?", (root_id,)).fetchall()
    for (name,) in rows:
        evalset = find(connection, name)
        if not connection.execute(
            "SELECT 1 FROM judgment_events WHERE evalset_id = ? AND undone = 0", (evalset.id,)
        ).fetchone():
            remove(connection, evalset)
            continue
        named = connection.execute(
            "SELECT document FROM pool WHERE evalset_id = :set"
            " UNION SELECT document FROM qrels WHERE evalset_id = :set",
            {"set": evalset.id},
        ).fetchall()
        evalset_documents.keep(connection, evalset, [key for (key,) in named])


def find(connection: Connection, name: str) -> EvalSet:
    """The set of this name; raises NotFound."""
    row = connection.execute("SELECT * FROM evalsets WHERE name = ?", (name,)).fetchone()
    if row is None:
        names = connection.execute("SELECT name FROM evalsets ORDER BY id").fetchall()
        known = ", ".join(other for (other,) in names) or "none yet"
        raise NotFound(
            "No such evaluation set",
            f"There is no evaluation set “{name}”; there are: {known}.",
            "Import one with `evalset import`, or make one with `evalset create`.",
        )
    return EvalSet(
        id=row["id"],
        name=row["name"],
        root_id=row["root_id"],
        dataset=bool(row["dataset"]),
        guideline=row["guideline"],
        scale=msgspec.json.decode(row["scale"], type=tuple[str, ...]),
    )


def created_at(connection: Connection, name: str) -> float:
    """When a set was made or imported; 0 where there is none of this name."""
    row = connection.execute("SELECT created_at FROM evalsets WHERE name = ?", (name,)).fetchone()
    return 0.0 if row is None else float(row[0])


def every(connection: Connection) -> tuple[EvalSetInfo, ...]:
    """All sets, oldest first."""
    found = []
    for number, name, root_id, dataset in connection.execute(
        "SELECT id, name, root_id, dataset FROM evalsets ORDER BY id"
    ).fetchall():
        splits = connection.execute(
            "SELECT split, count(DISTINCT query_id), count(document) FROM ("
            " SELECT split, query_id, NULL AS document FROM evalset_splits WHERE evalset_id = :set"
            " UNION SELECT split, query_id, document FROM qrels WHERE evalset_id = :set"
            " UNION SELECT split, query_id, document FROM judgments"
            "  JOIN evalset_splits USING (evalset_id, query_id)"
            "  WHERE evalset_id = :set AND grade IS NOT NULL"
            ") GROUP BY split ORDER BY split",
            {"set": number},
        ).fetchall()
        n_documents, n_read, n_pictures = connection.execute(
            "SELECT count(*), count(document_id), count(pictures.document_id)"
            " FROM files LEFT JOIN pictures USING (document_id) WHERE root_id = ?"
            if dataset
            else "SELECT count(*), count(*), 0 FROM documents WHERE ? IS NULL",
            (root_id,),
        ).fetchone()
        found.append(
            EvalSetInfo(
                name,
                root_id,
                n_documents,
                tuple(SplitInfo(*row) for row in splits),
                of_pictures=0 < n_read == n_pictures,
            )
        )
    return tuple(found)


def _insert(
    connection: Connection,
    name: str,
    guideline: str,
    scale: Sequence[str],
    root_id: int | None,
    *,
    dataset: bool,
) -> EvalSet:
    free = _free_name(connection, name, None)
    connection.execute(
        "INSERT INTO evalsets (name, root_id, dataset, guideline, scale, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            free,
            root_id,
            dataset,
            guideline,
            msgspec.json.encode(_sound_scale(scale)).decode(),
            time.time(),
        ),
    )
    return find(connection, free)


def _free_name(connection: Connection, name: str, own_id: int | None) -> str:
    wanted = name.strip()
    if not wanted or "@" in wanted or not wanted.isprintable():
        raise InvalidInput(
            "Not a name for a set",
            "A name has at least one letter, and no “@”, which stands before a version's number.",
            "Choose another name.",
        )
    taken = connection.execute("SELECT id FROM evalsets WHERE name = ?", (wanted,)).fetchone()
    if wanted == JUDGMENTS or (taken is not None and taken[0] != own_id):
        raise InvalidInput(
            "The name is taken",
            f"There is an evaluation set “{wanted}” already.",
            "Choose another name.",
        )
    return wanted


def _sound_scale(scale: Sequence[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in scale)
    if not 2 <= len(names) <= _MOST_GRADES or "" in names or len(set(names)) < len(names):
        raise InvalidInput(
            "Not a scale",
            f"A scale has 2 to {_MOST_GRADES} grades, each with a name of its own.",
            "Name the grades from not relevant upwards.",
        )
    return names


def _judged(connection: Connection, set_id: int) -> bool:
    found = connection.execute(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM qrels WHERE evalset_id = :set)"
        " OR EXISTS (SELECT 1 FROM judgments WHERE evalset_id = :set AND grade IS NOT NULL)",
        {"set": set_id},
    )
    return found.fetchone() is not None
