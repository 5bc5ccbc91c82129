"""A/B tests of two models: their searches, whose results were whose, and what was used of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection

import msgspec

from engine.records import Team


@dataclass(frozen=True, slots=True)
class StoredTest:
    """A test, running or ended."""

    id: int
    first: str
    second: str
    began_at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class StoredSearch:
    """A query of a test; one that is searched for again is the same."""

    query: str
    """Normalised."""
    teams: dict[int, Team]
    """By document."""
    credits: dict[int, float]
    """By document, for opening and reading."""


def start(connection: Connection, first: str, second: str) -> StoredTest:
    """Begin a test; one that runs is ended."""
    stop(connection)
    connection.execute(
        "INSERT INTO ab_tests (first, second, began_at) VALUES (?, ?, ?)",
        (first, second, time.time()),
    )
    test = last(connection)
    assert test is not None
    return test


def stop(connection: Connection) -> None:
    """End the running test, if there is one."""
    connection.execute("UPDATE ab_tests SET ended_at = ? WHERE ended_at IS NULL", (time.time(),))


def last(connection: Connection) -> StoredTest | None:
    """The running test, else the last one."""
    row = connection.execute(
        "SELECT id, first, second, began_at, ended_at FROM ab_tests ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else StoredTest(*row)


def add_search(connection: Connection, test_id: int, query: str, teams: Mapping[int, Team]) -> None:
    """Keep whose results were whose; what an earlier search for the same showed stays known."""
    row = connection.execute(
        "SELECT teams FROM ab_searches WHERE test_id = ? AND query = ?", (test_id, query)
    ).fetchone()
    known = _teams(row[0]) if row else {}
    connection.execute(
        "INSERT INTO ab_searches (test_id, query, teams, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (test_id, query) DO UPDATE SET teams = excluded.teams",
        (test_id, query, msgspec.json.encode({**known, **teams}).decode(), time.time()),
    )


def add_credit(
    connection: Connection, test_id: int, query: str, document_id: int, amount: float
) -> None:
    """Credit a result once: for the most that was done with it."""
    connection.execute(
        "INSERT INTO ab_credits (test_id, query, document_id, amount) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET amount = max(amount, excluded.amount)",
        (test_id, query, document_id, amount),
    )


def searches(connection: Connection, test_id: int) -> tuple[StoredSearch, ...]:
    """The queries of a test, the first one first."""
    given: dict[str, dict[int, float]] = {}
    for query, document, amount in connection.execute(
        "SELECT query, document_id, amount FROM ab_credits WHERE test_id = ?", (test_id,)
    ):
        given.setdefault(query, {})[document] = amount
    rows = connection.execute(
        "SELECT query, teams FROM ab_searches WHERE test_id = ? ORDER BY id", (test_id,)
    )
    return tuple(StoredSearch(query, _teams(teams), given.get(query, {})) for query, teams in rows)


def _teams(text: str) -> dict[int, Team]:
    return msgspec.json.decode(text, type=dict[int, Team])
