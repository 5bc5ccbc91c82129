"""Passages that look right for a judged query, and what the cross-encoder and the user say of them.

One names its document by content hash, so it outlives moving, re-chunking and deleting.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from engine.errors import NotFound
from engine.storage import pair_documents
from engine.training_records import DoubtfulNegative, NegativeSource, NegativeState


@dataclass(frozen=True, slots=True)
class MinedNegative:
    """A passage that was compared with a query's positive."""

    positive: str
    """The passage that it was compared with."""
    content_hash: str
    """Of its document."""
    text: str
    """As it is encoded."""
    source: NegativeSource
    margin: float
    """The cross-encoder's score of the positive less its own."""
    state: NegativeState


def is_mined(connection: Connection, query: str, made_of: str) -> bool:
    """Whether negatives were looked for already, with the same positives and in the same way."""
    row = connection.execute(
        "SELECT 1 FROM mined_queries WHERE query = ? AND made_of = ?", (query, made_of)
    ).fetchone()
    return row is not None


def replace(
    connection: Connection, query: str, made_of: str, found: Iterable[MinedNegative]
) -> None:
    """Keep what was found for a normalised query in place of what was; reviews stay."""
    now = time.time()
    connection.execute("DELETE FROM mined_negatives WHERE query = ? AND answers IS NULL", (query,))
    connection.executemany(
        "INSERT INTO mined_negatives"
        " (query, positive, content_hash, text, source, margin, state, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (query, content_hash, text) DO UPDATE SET"
        " positive = excluded.positive, source = excluded.source, margin = excluded.margin,"
        " state = excluded.state, at = excluded.at",
        [
            (
                query,
                each.positive,
                each.content_hash,
                each.text,
                each.source,
                each.margin,
                each.state,
                now,
            )
            for each in found
        ],
    )
    connection.execute(
        "INSERT OR REPLACE INTO mined_queries VALUES (?, ?, ?)", (query, made_of, now)
    )


def learnable(connection: Connection) -> dict[str, tuple[MinedNegative, ...]]:
    """What may be learnt from, by normalised query, the hardest first.

    Those are the hard ones, and any of which the user said that it does not answer; never one of
    which the user said that it does.
    """
    rows = connection.execute(
        "SELECT query, positive, content_hash, text, margin, state,"
        " iif(answers IS NULL, source, 'reviewed') AS source FROM mined_negatives"
        " WHERE answers = 0 OR (answers IS NULL AND state = 'hard') ORDER BY query, margin, id"
    )
    found: dict[str, list[MinedNegative]] = {}
    for row in rows:
        found.setdefault(row["query"], []).append(
            MinedNegative(
                row["positive"],
                row["content_hash"],
                row["text"],
                row["source"],
                row["margin"],
                row["state"],
            )
        )
    return {query: tuple(each) for query, each in found.items()}


def doubtful(connection: Connection, limit: int) -> tuple[DoubtfulNegative, ...]:
    """Those that wait for somebody to look at them and are in the library, the best first."""
    rows = connection.execute(
        "SELECT * FROM mined_negatives WHERE state = 'doubtful' AND answers IS NULL"
        " AND content_hash IN (SELECT content_hash FROM documents) ORDER BY margin, id LIMIT ?",
        (max(limit, 0),),
    ).fetchall()
    present = pair_documents.by_hash(connection, (row["content_hash"] for row in rows))
    return tuple(
        DoubtfulNegative(
            id=row["id"],
            query=row["query"],
            positive=row["positive"],
            title=present[row["content_hash"]].title,
            document=present[row["content_hash"]].place,
            text=row["text"],
            source=row["source"],
            margin=row["margin"],
        )
        for row in rows
    )


def n_doubtful(connection: Connection) -> int:
    """How many wait for somebody to look at them."""
    return int(
        connection.execute(
            "SELECT count(*) FROM mined_negatives WHERE state = 'doubtful' AND answers IS NULL"
            " AND content_hash IN (SELECT content_hash FROM documents)"
        ).fetchone()[0]
    )


def review(connection: Connection, number: int, answers: bool | None) -> None:
    """Keep whether one answers its query; None takes that back. Raises NotFound."""
    cursor = connection.execute(
        "UPDATE mined_negatives SET answers = ? WHERE id = ?", (answers, number)
    )
    if not cursor.rowcount:
        raise NotFound(
            "The passage is gone",
            "It is no longer among the mined negatives.",
            "Negatives were looked for again, or thrown away; see the list as it is now.",
        )


def forget(connection: Connection) -> None:
    """Throw them all away, reviews with them."""
    connection.execute("DELETE FROM mined_negatives")
    connection.execute("DELETE FROM mined_queries")
