"""Results that were opened or read, each once for a query, document, way and day.

A visit names its document by content hash, so it outlives moving, re-chunking and deleting.
"""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Connection

from engine.storage.evalset_queries import same_text

_KEPT = 20_000
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Visit:
    """A result that somebody looked at after a search."""

    query: str
    content_hash: str
    """Of its document."""
    document: str
    """Where it lay."""
    title: str
    text: str
    """The passage that was shown."""
    rank: int
    """From 1."""
    opened: bool
    """In another program; else it was read in the preview."""
    seconds: float
    """For how long it was read."""
    model: str
    """Which was at work."""
    at: float


def add(connection: Connection, visit: Visit) -> None:
    """Remember a visit; the oldest are forgotten where there are too many.

    A second one on the same day only makes the time longer, and does not add to it: somebody who
    comes back often is no stronger sign than one who stays.
    """
    same = same_text(visit.query)
    day = int(visit.at // _DAY_S)
    for number, query, at in connection.execute(
        "SELECT id, query, at FROM visits WHERE content_hash = ? AND opened = ?",
        (visit.content_hash, visit.opened),
    ).fetchall():
        if same_text(query) == same and int(at // _DAY_S) == day:
            connection.execute(
                "UPDATE visits SET seconds = max(seconds, ?) WHERE id = ?", (visit.seconds, number)
            )
            return
    cursor = connection.execute(
        "INSERT INTO visits (query, content_hash, document, title, text, rank, opened, seconds,"
        " model, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            visit.query,
            visit.content_hash,
            visit.document,
            visit.title,
            visit.text,
            visit.rank,
            visit.opened,
            visit.seconds,
            visit.model,
            visit.at,
        ),
    )
    connection.execute("DELETE FROM visits WHERE id <= ?", ((cursor.lastrowid or 0) - _KEPT,))


def every(connection: Connection) -> tuple[Visit, ...]:
    """All visits, the oldest first."""
    rows = connection.execute(
        "SELECT query, content_hash, document, title, text, rank, opened, seconds, model, at"
        " FROM visits ORDER BY id"
    )
    return tuple(
        Visit(
            row["query"],
            row["content_hash"],
            row["document"],
            row["title"],
            row["text"],
            row["rank"],
            bool(row["opened"]),
            row["seconds"],
            row["model"],
            row["at"],
        )
        for row in rows
    )


def forget(connection: Connection) -> None:
    """Forget them all."""
    connection.execute("DELETE FROM visits")
