"""The queries of evaluation sets, in the order they came, and their splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import QueryOrigin


@dataclass(frozen=True, slots=True)
class NewQuery:
    """A query that is about to be stored, or as it is stored."""

    id: str
    text: str
    splits: tuple[str, ...]
    origin: QueryOrigin


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query of a file."""

    line: int
    """From 1."""
    text: str
    id: str = ""
    """Empty where the file gives none."""
    split: str = ""
    """Empty where the file gives none."""


def same_text(text: str) -> str:
    """What two queries share that are the same but for case and blanks."""
    return " ".join(text.casefold().split())


def put(connection: Connection, set_id: int, queries: Sequence[NewQuery]) -> None:
    """Store queries behind those that are there; their ids are new to the set."""
    (last,) = connection.execute(
        "SELECT ifnull(max(ordinal), 0) FROM evalset_queries WHERE evalset_id = ?", (set_id,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO evalset_queries (evalset_id, query_id, text, origin, ordinal)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (set_id, query.id, query.text, query.origin, ordinal)
            for ordinal, query in enumerate(queries, start=last + 1)
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO evalset_splits VALUES (?, ?, ?)",
        [(set_id, query.id, split) for query in queries for split in query.splits],
    )


def add_texts(
    connection: Connection, set_id: int, texts: Sequence[str], split: str, origin: QueryOrigin
) -> list[str]:
    """Add queries with ids of their own; those that are there already are left out.

    Returns the id of each text's query, new or not, empty texts left out. Raises InvalidInput.
    """
    wanted = sound_split(split)
    present = every(connection, set_id)
    ids = {query.id for query in present}
    by_text = {same_text(query.text): query.id for query in present}
    found, new = [], []
    number = len(ids) + 1
    for text in texts:
        same = same_text(text)
        if not same:
            continue
        if same not in by_text:
            while f"q{number}" in ids:
                number += 1
            by_text[same] = f"q{number}"
            ids.add(by_text[same])
            new.append(NewQuery(by_text[same], " ".join(text.split()), (wanted,), origin))
        found.append(by_text[same])
    put(connection, set_id, new)
    return found


def add_read(connection: Connection, set_id: int, read: Sequence[ReadQuery], split: str) -> None:
    """Add queries of a file; those that are there already are left out.

    `split` is for those of which the file does not say. Raises InvalidInput where an id stands for
    another query in the set.
    """
    default = sound_split(split)
    present = every(connection, set_id)
    by_id = {query.id: same_text(query.text) for query in present}
    texts = set(by_id.values())
    new, number = [], len(by_id) + 1
    named = {query.id for query in read}
    for query in read:
        same = same_text(query.text)
        if query.id and by_id.get(query.id, same) != same:
            raise InvalidInput(
                "An id is taken",
                f"Line {query.line}: the set has another query with the id “{query.id}”.",
                "Change the file's ids, or leave them out. Nothing was added.",
            )
        if same in texts:
            continue
        while not query.id and (f"q{number}" in by_id or f"q{number}" in named):
            number += 1
        query_id = query.id or f"q{number}"
        by_id[query_id] = same
        texts.add(same)
        wanted = sound_split(query.split) if query.split else default
        new.append(NewQuery(query_id, query.text, (wanted,), "imported"))
    put(connection, set_id, new)


def every(connection: Connection, set_id: int) -> list[NewQuery]:
    """A set's queries in order."""
    splits: dict[str, list[str]] = {}
    for query_id, split in connection.execute(
        "SELECT query_id, split FROM evalset_splits WHERE evalset_id = ? ORDER BY split", (set_id,)
    ):
        splits.setdefault(query_id, []).append(split)
    return [
        NewQuery(query_id, text, tuple(splits.get(query_id, ())), origin)
        for query_id, text, origin in connection.execute(
            "SELECT query_id, text, origin FROM evalset_queries WHERE evalset_id = ?"
            " ORDER BY ordinal, query_id",
            (set_id,),
        )
    ]


def text_of(connection: Connection, set_id: int, query_id: str) -> str:
    """A query's text; raises NotFound."""
    row = connection.execute(
        "SELECT text FROM evalset_queries WHERE evalset_id = ? AND query_id = ?",
        (set_id, query_id),
    ).fetchone()
    if row is None:
        raise NotFound(
            "No such query", f"The set has no query “{query_id}”.", "It may have been removed."
        )
    return str(row[0])


def move(connection: Connection, set_id: int, query_ids: Sequence[str], split: str) -> None:
    """Put queries into one split, out of any other; the grades they came with go along."""
    wanted = sound_split(split)
    for query_id in query_ids:
        text_of(connection, set_id, query_id)
        connection.execute(
            "DELETE FROM evalset_splits WHERE evalset_id = ? AND query_id = ?", (set_id, query_id)
        )
        connection.execute(
            "INSERT INTO evalset_splits VALUES (?, ?, ?)", (set_id, query_id, wanted)
        )
        connection.execute(
            "UPDATE OR IGNORE qrels SET split = ? WHERE evalset_id = ? AND query_id = ?",
            (wanted, set_id, query_id),
        )
        connection.execute(
            "DELETE FROM qrels WHERE evalset_id = ? AND query_id = ? AND split != ?",
            (set_id, query_id, wanted),
        )


def remove(connection: Connection, set_id: int, query_ids: Sequence[str]) -> None:
    """Take queries out of a set with all that refers to them; what is not there is passed over."""
    for table in (
        "evalset_queries",
        "evalset_splits",
        "qrels",
        "pool",
        "assignments",
        "judgment_events",
    ):
        connection.executemany(
            f"DELETE FROM {table} WHERE evalset_id = ? AND query_id = ?",
            [(set_id, query_id) for query_id in query_ids],
        )


def assign(connection: Connection, set_id: int, assigned: Sequence[tuple[str, str]]) -> None:
    """Say anew which queries are whose: (query id, rater)."""
    connection.execute("DELETE FROM assignments WHERE evalset_id = ?", (set_id,))
    connection.executemany(
        "INSERT INTO assignments VALUES (?, ?, ?)",
        [(set_id, query_id, rater) for query_id, rater in assigned],
    )


def for_rater(connection: Connection, set_id: int, rater: str) -> list[str]:
    """Ids of the queries that a rater is to judge, in order.

    Those that are assigned to the rater or to nobody; all, where none is assigned to the rater.
    """
    rows = connection.execute(
        "SELECT query_id FROM evalset_queries AS query WHERE evalset_id = :set AND ("
        " NOT EXISTS (SELECT 1 FROM assignments WHERE evalset_id = :set AND rater = :rater)"
        " OR NOT EXISTS (SELECT 1 FROM assignments"
        "  WHERE evalset_id = :set AND query_id = query.query_id)"
        " OR EXISTS (SELECT 1 FROM assignments"
        "  WHERE evalset_id = :set AND query_id = query.query_id AND rater = :rater)"
        ") ORDER BY ordinal, query_id",
        {"set": set_id, "rater": rater},
    )
    return [row[0] for row in rows]


def sound_split(split: str) -> str:
    """A split's name; raises InvalidInput where it is none."""
    wanted = split.strip()
    if not wanted or not wanted.isprintable():
        raise InvalidInput("Not a split", "A split needs a name.", "Call it test, dev or train.")
    return wanted
