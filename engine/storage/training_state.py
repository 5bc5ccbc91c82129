"""Tells whether what could be trained on is still what it was, without reading it."""

from __future__ import annotations

from sqlite3 import Connection

_EACH = (
    # An event that is undone or redone stays where it is: which ones are undone counts too.
    "SELECT count(*), max(id), sum(id * undone) FROM relevance_events",
    "SELECT count(*), max(id), sum(id * undone) FROM judgment_events",
    "SELECT count(*), max(id), sum(id * undone) FROM caption_events",
    "SELECT count(*), max(id), sum(seconds) FROM visits",
    "SELECT count(*), max(id), max(at) FROM made_pairs",
    "SELECT count(*), max(id), sum(id * (1 + ifnull(answers, -1))) FROM mined_negatives",
    "SELECT count(*), max(at) FROM mined_queries",
    "SELECT max(number) FROM changes",
    "SELECT count(*), max(id) FROM files",
    "SELECT count(*), max(id), group_concat(name) FROM evalsets",
    "SELECT count(*), max(ordinal) FROM evalset_queries",
    "SELECT count(*) FROM evalset_splits",
    "SELECT count(*) FROM qrels",
    "SELECT count(*), max(number) FROM evalset_versions",
)

State = tuple[object, ...]


def state(connection: Connection) -> State:
    """Equal as long as nothing has changed."""
    return tuple(value for query in _EACH for value in tuple(connection.execute(query).fetchone()))
