"""Builds of derived indexes: which folder is in use, and up to which change it has come."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Connection
from typing import Literal

Kind = Literal["lexical", "vectors"]


@dataclass(frozen=True, slots=True)
class Generation:
    """One build of a derived index, in a folder of its own."""

    id: int
    kind: Kind
    fingerprint: str
    """Of the encoder whose vectors it holds, or the analyser's version."""
    change_number: int
    """The last change that is in it."""
    n_chunks: int
    """Chunks that it holds at that change."""
    dirty: bool
    """Being written, or its writer died."""

    @property
    def folder(self) -> str:
        """Its folder's name below `index/`."""
        return f"{self.kind}-{self.id}"


def newest(connection: Connection, kind: Kind, fingerprint: str) -> Generation | None:
    """The generation to use, if there is one."""
    row = connection.execute(
        "SELECT * FROM generations WHERE kind = ? AND fingerprint = ? ORDER BY id DESC LIMIT 1",
        (kind, fingerprint),
    ).fetchone()
    return None if row is None else _generation(row)


def every(connection: Connection) -> list[Generation]:
    """All generations."""
    return [_generation(row) for row in connection.execute("SELECT * FROM generations")]


def begin(connection: Connection, kind: Kind, fingerprint: str) -> Generation:
    """A new, empty generation."""
    cursor = connection.execute(
        "INSERT INTO generations (kind, fingerprint, change_number, n_chunks, dirty)"
        " VALUES (?, ?, 0, 0, 0)",
        (kind, fingerprint),
    )
    return Generation(int(cursor.lastrowid or 0), kind, fingerprint, 0, 0, dirty=False)


def mark_dirty(connection: Connection, generation_id: int) -> None:
    """Say, before writing, that it is being written."""
    connection.execute("UPDATE generations SET dirty = 1 WHERE id = ?", (generation_id,))


def reached(connection: Connection, generation_id: int, change_number: int, n_chunks: int) -> None:
    """Say, after writing, how far it has come."""
    connection.execute(
        "UPDATE generations SET change_number = ?, n_chunks = ?, dirty = 0 WHERE id = ?",
        (change_number, n_chunks, generation_id),
    )


def forget(connection: Connection, generation_id: int) -> None:
    """Forget a generation whose folder is gone or useless."""
    connection.execute("DELETE FROM generations WHERE id = ?", (generation_id,))


def _generation(row: tuple[int, Kind, str, int, int, int]) -> Generation:
    number, kind, fingerprint, change_number, n_chunks, dirty = row
    return Generation(number, kind, fingerprint, change_number, n_chunks, bool(dirty))
