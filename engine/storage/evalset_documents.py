"""The documents of evaluation sets: their keys, and their text as it was when it was needed.

A key is a document's id in the set's dataset, else its content hash. What was pooled or imported is
kept with the set, so that it can be judged, and the judgment understood, after the file is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from engine.errors import NotFound
from engine.storage.documents import place
from engine.storage.evalset import EvalSet


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document as it was kept with a set."""

    document: str
    """Its key."""
    title: str
    text: str
    place: str
    """Its path, or its id in a dataset."""


def put(connection: Connection, set_id: int, kept: Iterable[KeptDocument]) -> None:
    """Keep documents; those that are kept already stay as they are."""
    connection.executemany(
        "INSERT OR IGNORE INTO evalset_documents VALUES (?, ?, ?, ?, ?)",
        [(set_id, each.document, each.title, each.text, each.place) for each in kept],
    )


def keep(connection: Connection, evalset: EvalSet, keys: Iterable[str]) -> None:
    """Keep documents of the library by their keys; what is not in it, or kept already, is left."""
    for key in keys:
        if not _is_kept(connection, evalset, key):
            found = present(connection, evalset, key)
            put(connection, evalset.id, [] if found is None else [found])


def present(connection: Connection, evalset: EvalSet, key: str) -> KeptDocument | None:
    """A document as it is in the library; None where it is not there."""
    row = connection.execute(
        "SELECT documents.title, text, kind, roots.path AS root, files.path, inside"
        " FROM files JOIN roots ON roots.id = root_id"
        " JOIN documents ON documents.id = document_id WHERE documents.id = ?"
        " ORDER BY files.id LIMIT 1",
        (id_of(connection, evalset, key),),
    ).fetchone()
    if row is None:
        return None
    return KeptDocument(key, row["title"], row["text"], key if evalset.dataset else place(row))


def require(connection: Connection, evalset: EvalSet, key: str) -> None:
    """Keep a document that is to be judged; raises NotFound where nothing is known of it."""
    keep(connection, evalset, [key])
    if not _is_kept(connection, evalset, key):
        raise NotFound(
            "The document is unknown",
            f"“{key}” is neither among the documents of “{evalset.name}” nor kept with it.",
            "Search again, or pool again.",
        )


def kept(connection: Connection, evalset: EvalSet, key: str, n: int = -1) -> KeptDocument | None:
    """A document as it was kept; of its text the first n characters, or all of it."""
    row = connection.execute(
        "SELECT document, title, iif(:n < 0, text, substr(text, 1, :n)), place"
        " FROM evalset_documents WHERE evalset_id = :set AND document = :key",
        {"set": evalset.id, "key": key, "n": n},
    ).fetchone()
    return None if row is None else KeptDocument(*row)


def kept_keys(connection: Connection, evalset: EvalSet) -> set[str]:
    """Keys of the documents that are kept with a set."""
    rows = connection.execute(
        "SELECT document FROM evalset_documents WHERE evalset_id = ?", (evalset.id,)
    )
    return {key for (key,) in rows}


def title_of(connection: Connection, evalset: EvalSet, key: str) -> str:
    """A kept document's title, else its place, else its key."""
    row = connection.execute(
        "SELECT iif(title = '', place, title) FROM evalset_documents"
        " WHERE evalset_id = ? AND document = ?",
        (evalset.id, key),
    ).fetchone()
    return key if row is None or not row[0] else str(row[0])


def key_of(connection: Connection, evalset: EvalSet, document_id: int) -> str | None:
    """A document's key in a set; None where it is not among its documents."""
    row = connection.execute(
        "SELECT path FROM files WHERE document_id = ? AND root_id = ? ORDER BY id"
        if evalset.dataset
        else "SELECT content_hash FROM documents WHERE id = ?",
        (document_id, evalset.root_id) if evalset.dataset else (document_id,),
    ).fetchone()
    return None if row is None else str(row[0])


def id_of(connection: Connection, evalset: EvalSet, key: str) -> int | None:
    """The library's document of a key; None where it is not there."""
    row = connection.execute(
        "SELECT document_id FROM files WHERE path = ? AND root_id = ?"
        if evalset.dataset
        else "SELECT id FROM documents WHERE content_hash = ?",
        (key, evalset.root_id) if evalset.dataset else (key,),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def names(connection: Connection, evalset: EvalSet) -> dict[int, list[str]]:
    """Keys of every document that may answer a set's queries, by the library's document id."""
    rows = connection.execute(
        "SELECT document_id, path FROM files WHERE root_id = ? AND document_id IS NOT NULL"
        if evalset.dataset
        else "SELECT id, content_hash FROM documents",
        (evalset.root_id,) if evalset.dataset else (),
    )
    found: dict[int, list[str]] = {}
    for document_id, key in rows:
        found.setdefault(document_id, []).append(key)
    return found


def _is_kept(connection: Connection, evalset: EvalSet, key: str) -> bool:
    row = connection.execute(
        "SELECT 1 FROM evalset_documents WHERE evalset_id = ? AND document = ?", (evalset.id, key)
    ).fetchone()
    return row is not None
