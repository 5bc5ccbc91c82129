"""Runs of systems outside this program, as they came in files with evaluation sets."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from sqlite3 import Connection

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import RunInfo


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as it came."""

    content: bytes
    """Of its file."""
    percent_encoded: bool
    """Whether ids in it are."""


def put(connection: Connection, set_id: int, run: StoredRun, info: RunInfo) -> None:
    """Keep a run with a set; raises InvalidInput where its name cannot be had."""
    if not info.name.strip() or not info.name.isprintable():
        raise InvalidInput("Not a name", "A run needs a name.", "Name it after its system.")
    if any(each.name == info.name for each in every(connection, set_id)):
        raise InvalidInput(
            "The run is there already",
            f"The set holds a run “{info.name}”.",
            "Give this one another name, or remove that one first. Nothing was imported.",
        )
    connection.execute(
        "INSERT INTO evalset_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            set_id,
            info.name,
            info.n_queries,
            info.n_lines,
            info.n_outside,
            time.time(),
            run.percent_encoded,
            zlib.compress(run.content),
        ),
    )


def load(connection: Connection, set_id: int | None, name: str) -> StoredRun:
    """A run of a set; raises NotFound."""
    row = connection.execute(
        "SELECT content, percent_encoded FROM evalset_runs WHERE evalset_id = ? AND name = ?",
        (set_id, name),
    ).fetchone()
    if row is None:
        raise _not_found(name)
    return StoredRun(zlib.decompress(row[0]), bool(row[1]))


def every(connection: Connection, set_id: int) -> tuple[RunInfo, ...]:
    """The runs that a set holds, in the order they came."""
    rows = connection.execute(
        "SELECT name, n_queries, n_lines, n_outside FROM evalset_runs WHERE evalset_id = ?"
        " ORDER BY added_at, name",
        (set_id,),
    )
    return tuple(RunInfo(*row) for row in rows)


def remove(connection: Connection, set_id: int, name: str) -> None:
    """Forget a run; raises NotFound."""
    gone = connection.execute(
        "DELETE FROM evalset_runs WHERE evalset_id = ? AND name = ?", (set_id, name)
    )
    if not gone.rowcount:
        raise _not_found(name)


def _not_found(name: str) -> NotFound:
    return NotFound("No such run", f"The set holds no run “{name}”.", "Import it first.")
