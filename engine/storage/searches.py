"""The user's own searches: where queries that are really asked can be drawn from."""

from __future__ import annotations

import random
from sqlite3 import Connection

from engine.storage.evalset_queries import same_text

_KEPT = 20_000
_AGAIN_S = 60.0
"""The same query within this time is the same search."""


def add(connection: Connection, query: str, at: float) -> None:
    """Remember a search; the oldest are forgotten where there are too many."""
    last = connection.execute("SELECT query, at FROM searches ORDER BY id DESC LIMIT 1").fetchone()
    if last and same_text(last[0]) == same_text(query) and abs(at - last[1]) < _AGAIN_S:
        return
    cursor = connection.execute("INSERT INTO searches (query, at) VALUES (?, ?)", (query, at))
    connection.execute("DELETE FROM searches WHERE id <= ?", ((cursor.lastrowid or 0) - _KEPT,))


def forget(connection: Connection) -> None:
    """Forget them all."""
    connection.execute("DELETE FROM searches")


def distinct(connection: Connection, limit: int, *, sample: bool) -> tuple[str, ...]:
    """Different queries, the newest first, or a random sample of as many."""
    found: dict[str, str] = {}
    for (query,) in connection.execute("SELECT query FROM searches ORDER BY id DESC"):
        found.setdefault(same_text(query), query)
    queries = list(found.values())
    if sample:
        random.shuffle(queries)
    return tuple(queries[: max(limit, 0)])


def between(connection: Connection, after: float, until: float, limit: int) -> tuple[str, ...]:
    """The last different queries that were searched for after a time and until another."""
    found: dict[str, str] = {}
    rows = connection.execute(
        "SELECT query FROM searches WHERE at > ? AND at <= ? ORDER BY id DESC", (after, until)
    )
    for (query,) in rows:
        found.setdefault(same_text(query), query)
        if len(found) == limit:
            break
    return tuple(found.values())
