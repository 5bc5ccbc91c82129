"""Training pairs that were made without anybody's judgment.

A pair names its document by content hash, so it outlives moving, re-chunking and deleting.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

import msgspec

from engine.recipe import Origin


@dataclass(frozen=True, slots=True)
class MadePair:
    """A query that was made, or labelled, by a program, with a passage that answers it."""

    origin: Origin
    query: str
    content_hash: str
    """Of the positive's document."""
    text: str
    """The positive passage as it is encoded."""
    negatives: tuple[str, ...] = ()
    """Passages as they are encoded."""
    scores: tuple[float, ...] = ()
    """The cross-encoder's, of the positive, then of each negative; empty where it was not asked."""
    detail: Mapping[str, str] = field(default_factory=dict)
    """What made it: the model, the prompt."""
    at: float = 0.0
    """When it was made; `add` fills it in."""


def add(connection: Connection, pairs: Iterable[MadePair]) -> None:
    """Keep pairs; one of the same origin, query and document takes the place of the older."""
    now = time.time()
    connection.executemany(
        "INSERT INTO made_pairs (origin, query, content_hash, text, negatives, scores, detail, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (origin, query, content_hash) DO UPDATE SET"
        " text = excluded.text, negatives = excluded.negatives, scores = excluded.scores,"
        " detail = excluded.detail, at = excluded.at",
        [
            (
                pair.origin,
                pair.query,
                pair.content_hash,
                pair.text,
                _json(pair.negatives),
                _json(pair.scores),
                _json(pair.detail),
                pair.at or now,
            )
            for pair in pairs
        ],
    )


def every(connection: Connection) -> tuple[MadePair, ...]:
    """All pairs, the oldest first."""
    rows = connection.execute("SELECT * FROM made_pairs ORDER BY id")
    return tuple(
        MadePair(
            origin=row["origin"],
            query=row["query"],
            content_hash=row["content_hash"],
            text=row["text"],
            negatives=msgspec.json.decode(row["negatives"], type=tuple[str, ...]),
            scores=msgspec.json.decode(row["scores"], type=tuple[float, ...]),
            detail=msgspec.json.decode(row["detail"], type=dict[str, str]),
            at=row["at"],
        )
        for row in rows
    )


def forget(connection: Connection, origins: Collection[str]) -> None:
    """Throw away the pairs of some origins."""
    connection.execute(
        "DELETE FROM made_pairs WHERE origin IN (SELECT value FROM json_each(?))",
        (_json(list(origins)),),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
