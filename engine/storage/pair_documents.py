"""The documents that training pairs are about, found by content hash or by id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

import msgspec

from engine.storage.documents import place

_BEGINNING = 2000


@dataclass(frozen=True, slots=True)
class PairDocument:
    """A document of the library, as far as a pair shows it."""

    id: int
    content_hash: str
    title: str
    place: str
    """Where it lies, or its id in a dataset."""
    beginning: str
    """Of its text, for pairs that are about it as a whole."""


def by_hash(connection: Connection, hashes: Iterable[str]) -> dict[str, PairDocument]:
    """By content hash; one that is not in the library is absent."""
    return {each.content_hash: each for each in _found(connection, "content_hash", set(hashes))}


def by_id(connection: Connection, document_ids: Iterable[int]) -> dict[int, PairDocument]:
    """By id; one that is not in the library is absent."""
    return {each.id: each for each in _found(connection, "id", set(document_ids))}


def content_hashes(connection: Connection) -> dict[int, str]:
    """Of the document of each label in force, by the label's id."""
    return dict(connection.execute("SELECT id, content_hash FROM labels").fetchall())


def holding(connection: Connection, path: str, passage: str) -> int | None:
    """The document that a file holds now, if the passage still stands in it.

    So what was said of a document outlives its being edited elsewhere. The path is relative to its
    root, the passage as it was shown.
    """
    row = connection.execute(
        "SELECT min(documents.id) FROM files JOIN documents ON documents.id = document_id"
        " WHERE path = ? AND instr(text, ?)",
        (path, passage),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _found(connection: Connection, column: str, wanted: set[str] | set[int]) -> list[PairDocument]:
    rows = connection.execute(
        "SELECT documents.id, documents.content_hash, title, substr(text, 1, ?) AS beginning,"
        " kind, roots.path AS root, files.path, inside FROM documents"
        " LEFT JOIN files ON files.id ="
        " (SELECT min(id) FROM files WHERE document_id = documents.id)"
        " LEFT JOIN roots ON roots.id = root_id"
        f" WHERE documents.{column} IN (SELECT value FROM json_each(?))",
        (_BEGINNING, msgspec.json.encode(sorted(wanted)).decode()),
    )
    return [
        PairDocument(
            row["id"],
            row["content_hash"],
            row["title"],
            place(row) if row["path"] is not None else "",
            row["beginning"],
        )
        for row in rows
    ]
