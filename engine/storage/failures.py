"""Files that could not be indexed: what is told of them, and what the user decides."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Connection

from engine.records import Failure
from engine.storage.documents import absolute


def every(connection: Connection) -> tuple[Failure, ...]:
    """All failures, ignored ones among them, the newest first."""
    rows = connection.execute(
        "SELECT files.id, roots.path AS root, files.path, inside, error_reason, error_hint,"
        " error_at, ignored FROM files JOIN roots ON roots.id = root_id"
        " WHERE error_reason IS NOT NULL ORDER BY error_at DESC, files.id"
    )
    return tuple(
        Failure(
            file_id=row["id"],
            path=absolute(row["root"], row["path"], row["inside"]),
            reason=row["error_reason"],
            hint=row["error_hint"],
            at=row["error_at"],
            ignored=bool(row["ignored"]),
        )
        for row in rows
    )


def ignore(connection: Connection, file_ids: Sequence[int], ignored: bool) -> None:
    """Speak no more of failed files until they change, or speak of them again."""
    connection.executemany(
        "UPDATE files SET ignored = ? WHERE id = ? AND error_reason IS NOT NULL",
        [(ignored, file_id) for file_id in file_ids],
    )


def places(connection: Connection, file_ids: Sequence[int]) -> dict[int, set[str]]:
    """Root id -> paths of the files to read again, for these failures or members that failed."""
    marks = ",".join("?" * len(file_ids))
    found: dict[int, set[str]] = {}
    for root_id, path in connection.execute(
        f"SELECT root_id, path FROM files WHERE id IN ({marks})", tuple(file_ids)
    ):
        found.setdefault(root_id, set()).add(path)
    return found
