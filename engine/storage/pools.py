"""The pools of evaluation sets: the pairs that are to be judged, with their ranks by system."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from sqlite3 import Connection

import msgspec

Ranks = dict[str, int]
"""A document's rank, from 1, by the name of each system that found it."""

_decode = msgspec.json.Decoder(Ranks).decode


def load(connection: Connection, set_id: int) -> dict[str, dict[str, Ranks]]:
    """The pool by query id and document; one that no system found has no ranks."""
    found: dict[str, dict[str, Ranks]] = {}
    for query_id, document, ranks in connection.execute(
        "SELECT query_id, document, ranks FROM pool WHERE evalset_id = ?"
        " ORDER BY query_id, document",
        (set_id,),
    ):
        found.setdefault(query_id, {})[document] = _decode(ranks)
    return found


def take_ranks(
    connection: Connection,
    set_id: int,
    systems: Collection[str],
    depth: int,
    found: Mapping[str, Mapping[str, Ranks]],
    new: Sequence[tuple[str, str]],
) -> None:
    """Add new pairs to a pool, and tell of all of it how the systems rank it now.

    A rank of theirs up to `depth` that is no longer so goes; a pair that was pooled stays.

    Args:
        connection: writes.
        set_id: of the set.
        systems: names of those that were asked.
        depth: how many documents of each query they were asked for.
        found: what they found, by query id and document; pairs that are neither pooled nor new are
            left out.
        new: pairs that are not pooled.
    """
    before = load(connection, set_id)
    rows = []
    for query_id, ranks_of in found.items():
        for document, ranks in before.get(query_id, {}).items():
            kept = {
                system: rank
                for system, rank in ranks.items()
                if system not in systems or rank > depth
            }
            now = kept | ranks_of.get(document, {})
            if now != ranks:
                rows.append((msgspec.json.encode(now).decode(), set_id, query_id, document))
    connection.executemany(
        "UPDATE pool SET ranks = ? WHERE evalset_id = ? AND query_id = ? AND document = ?", rows
    )
    at = time.time()
    connection.executemany(
        "INSERT INTO pool VALUES (?, ?, ?, ?, ?)",
        [
            (
                set_id,
                query_id,
                document,
                msgspec.json.encode(found[query_id][document]).decode(),
                at,
            )
            for query_id, document in new
        ],
    )


def distinct_share(pooled: Mapping[str, Mapping[str, Ranks]], depth: int, n_systems: int) -> float:
    """Which share of the first documents of so many systems are different ones.

    Measured on queries that were pooled from as many; 1 where there are none.
    """
    n_found = n_distinct = 0
    for ranks_of in pooled.values():
        systems = sorted({system for ranks in ranks_of.values() for system in ranks})[:n_systems]
        if len(systems) < n_systems:
            continue
        for ranks in ranks_of.values():
            n = sum(ranks.get(system, depth + 1) <= depth for system in systems)
            n_found += n
            n_distinct += n > 0
    return n_distinct / n_found if n_found else 1.0
