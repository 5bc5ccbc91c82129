"""What results say of their documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

import msgspec

from engine.records import Picture
from engine.storage import pictures
from engine.storage.documents import place


@dataclass(frozen=True, slots=True)
class Head:
    """A document without its text."""

    document: str
    """The place of its newest file; within an archive only where it lies nowhere else."""
    also_at: tuple[str, ...]
    """The others."""
    title: str
    media_type: str
    author: str
    language: str
    modified_at: float
    unit: str
    sheets: dict[int, str]
    """Names of sheets by number; empty for what has none."""
    signature: bytes
    picture: Picture | None

    def place_of(self, number: int | None) -> str:
        """A page in words: `page 3`, `sheet Costs`; empty where there are no pages."""
        if number is None:
            return ""
        return f"{self.unit or 'page'} {self.sheets.get(number) or number}"


def heads(connection: Connection, document_ids: Sequence[int]) -> dict[int, Head]:
    """By document id; one that is gone is absent."""
    marks = ",".join("?" * len(document_ids))
    places: dict[int, list[str]] = {}
    modified: dict[int, float] = {}
    for row in connection.execute(
        "SELECT document_id, roots.path AS root, roots.kind, files.path, inside, mtime_ns"
        " FROM files JOIN roots ON roots.id = root_id"
        f" WHERE document_id IN ({marks}) ORDER BY inside != '', mtime_ns DESC, files.id",
        tuple(document_ids),
    ):
        places.setdefault(row["document_id"], []).append(place(row))
        modified.setdefault(row["document_id"], row["mtime_ns"] / 1e9)
    shown = pictures.of(connection, document_ids)
    rows = connection.execute(
        "SELECT id, title, media_type, author, language, unit, signature,"
        f" iif(unit = 'sheet', pages, '[]') AS sheets FROM documents WHERE id IN ({marks})",
        tuple(document_ids),
    )
    return {
        row["id"]: Head(
            document=places[row["id"]][0],
            also_at=tuple(places[row["id"]][1:]),
            title=row["title"],
            media_type=row["media_type"],
            author=row["author"],
            language=row["language"],
            modified_at=modified[row["id"]],
            unit=row["unit"],
            sheets={page[0]: page[3] for page in msgspec.json.decode(row["sheets"])},
            signature=row["signature"],
            picture=shown.get(row["id"]),
        )
        for row in rows
        if row["id"] in places
    }
