"""Training pairs that the user does not want to be learnt, by their ids."""

from __future__ import annotations

import time
from collections.abc import Iterable
from sqlite3 import Connection


def add(connection: Connection, pairs: Iterable[str]) -> None:
    """Leave pairs out of training."""
    now = time.time()
    connection.executemany(
        "INSERT OR IGNORE INTO excluded_pairs VALUES (?, ?)", [(pair, now) for pair in pairs]
    )


def remove(connection: Connection, pairs: Iterable[str]) -> None:
    """Take pairs in again."""
    connection.executemany("DELETE FROM excluded_pairs WHERE pair = ?", [(p,) for p in pairs])


def every(connection: Connection) -> frozenset[str]:
    """Ids of the pairs that are left out."""
    return frozenset(pair for (pair,) in connection.execute("SELECT pair FROM excluded_pairs"))
