"""What documents are called and known by, of the whole library at once."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Connection


@dataclass(frozen=True, slots=True)
class DocumentName:
    """What a document is called, and what it is known by wherever it lies."""

    content_hash: str
    title: str


def every(connection: Connection) -> dict[int, DocumentName]:
    """By the document's id."""
    rows = connection.execute("SELECT id, content_hash, title FROM documents")
    return {row[0]: DocumentName(row[1], row[2]) for row in rows}
