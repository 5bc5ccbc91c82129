"""Pictures that lie inside documents: which documents were not searched for them yet.

`files.looked_inside` is the content hash that a file had when the pictures in it were looked at, so
that a file that changes, or is new, is due by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from sqlite3 import Connection

from engine.records import INSIDE
from engine.storage.documents import FileState


def due(
    connection: Connection, root_id: int, endings: Collection[str]
) -> dict[FileState, set[str]]:
    """Files of these endings to be searched for pictures, or what holds them within a file.

    The path within is empty for the file itself. `endings` are lower case, with three letters or
    four, without the dot.
    """
    marks = ",".join("?" * len(endings))
    name = (
        "lower(iif(files.inside != '', files.inside,"
        " iif(files.path = '.', roots.path, files.path)))"
    )
    rows = connection.execute(
        "SELECT outer.path, outer.size, outer.mtime_ns, outer.content_hash, files.inside"
        " FROM files JOIN files AS outer ON outer.root_id = files.root_id"
        " AND outer.path = files.path AND outer.inside = ''"
        " JOIN roots ON roots.id = files.root_id"
        " WHERE files.root_id = ? AND files.looked_inside != files.content_hash"
        f" AND (substr({name}, -4) IN ({marks}) OR substr({name}, -5) IN ({marks}))"
        " ORDER BY files.id",
        (root_id, *(f".{ending}" for ending in (*endings, *endings))),
    )
    found: dict[FileState, set[str]] = {}
    for *file, inside in rows:
        found.setdefault(FileState(*file), set()).add(inside)
    return found


def looked(
    connection: Connection, root_id: int, path: str, holder: str, pictures: Collection[str]
) -> None:
    """Note that the pictures in a document were looked at; it holds no others but these.

    `holder` is the document's own path within the file, empty for the file itself.
    """
    within = f"{holder}{INSIDE}" if holder else ""
    held = connection.execute(
        "SELECT inside FROM files WHERE root_id = ? AND path = ? AND inside != ''"
        " AND substr(inside, 1, ?) = ?",
        (root_id, path, len(within), within),
    ).fetchall()
    connection.executemany(
        "DELETE FROM files WHERE root_id = ? AND path = ? AND inside = ?",
        [(root_id, path, inside) for (inside,) in held if inside not in pictures],
    )
    connection.execute(
        "UPDATE files SET looked_inside = content_hash"
        " WHERE root_id = ? AND path = ? AND inside = ?",
        (root_id, path, holder),
    )


def holder_of(inside: str) -> str:
    """The path of what a member lies in directly; empty for the file itself."""
    return inside.rpartition(INSIDE)[0]
