"""The folders and datasets that the library is made of."""

from __future__ import annotations

import time
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Literal

from engine.errors import InvalidInput, NotFound
from engine.records import Root
from engine.storage import documents, evalsets

_SELECT = (
    "SELECT roots.*, count(files.id) AS n_files, count(DISTINCT document_id) AS n_documents,"
    " count(CASE WHEN error_reason IS NOT NULL AND NOT ignored THEN 1 END) AS n_failed"
    " FROM roots LEFT JOIN files ON root_id = roots.id"
)


def add(connection: Connection, path: Path, kind: Literal["folder", "dataset"]) -> Root:
    """Remember a root; adding it again changes nothing.

    Raises InvalidInput where it lies inside another root, or another one inside it.
    """
    for other in every(connection):
        if other.path == str(path):
            return other
        if kind == "dataset" or other.kind == "dataset":
            continue
        if path.is_relative_to(other.path):
            raise InvalidInput(
                "Already in the library", f"{path} lies inside {other.path}, which is indexed."
            )
        if Path(other.path).is_relative_to(path):
            raise InvalidInput(
                "Overlapping folders",
                f"{other.path}, which is indexed, lies inside {path}.",
                f"Remove {other.path} from the library first, then add {path}.",
            )
    connection.execute(
        "INSERT INTO roots (path, kind, added_at) VALUES (?, ?, ?)", (str(path), kind, time.time())
    )
    return _root(connection.execute(f"{_SELECT} WHERE roots.path = ?", (str(path),)).fetchone())


def every(connection: Connection) -> tuple[Root, ...]:
    """All roots, oldest first."""
    rows = connection.execute(f"{_SELECT} GROUP BY roots.id ORDER BY roots.id")
    return tuple(_root(row) for row in rows)


def remove(connection: Connection, root_id: int) -> None:
    """Forget a root, its files and the documents that only it held.

    A dataset's evaluation sets that nobody judged go with it.
    """
    evalsets.let_root_go(connection, root_id)
    if not connection.execute("DELETE FROM roots WHERE id = ?", (root_id,)).rowcount:
        raise NotFound("No such folder", "It was removed from the library already.")
    documents.remove_orphans(connection)


def _root(row: Row) -> Root:
    return Root(
        id=row["id"],
        path=row["path"],
        kind=row["kind"],
        added_at=row["added_at"],
        n_files=row["n_files"],
        n_documents=row["n_documents"],
        n_failed=row["n_failed"],
        available=row["kind"] == "dataset" or Path(row["path"]).exists(),
    )
