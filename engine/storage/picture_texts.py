"""What is said of the user's own pictures in words: by themselves, their files, their judgments.

Pictures of evaluation sets are left out, also where they lie in a folder of the user's as well:
what is fitted to the library must not have seen what it is measured with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import Literal

import msgspec

from engine.storage import labels
from engine.storage.camera_names import says_something
from engine.storage.picture_passage import FROM_FILE

Source = Literal["caption", "tags", "title", "search"]

_IN_A = (
    "EXISTS (SELECT 1 FROM files JOIN roots ON roots.id = root_id"
    " WHERE files.document_id = documents.id AND kind = ?)"
)
_OWN = f"{_IN_A} AND NOT {_IN_A}"


@dataclass(frozen=True, slots=True)
class PictureText:
    """A text and a picture that it describes, or does not."""

    document_id: int
    text: str
    source: Source
    """`search` are queries that the picture was judged for."""
    fits: bool = True
    """False where it was judged not to answer the query."""
    at: float = 0.0
    """When the user gave it; 0 where it came with the file."""


def own_pictures(connection: Connection) -> dict[int, str]:
    """Content hash by document id of the pictures in the user's folders."""
    rows = connection.execute(
        f"SELECT id, content_hash FROM pictures JOIN documents ON id = document_id WHERE {_OWN}",
        ("folder", "dataset"),
    )
    return {row[0]: row[1] for row in rows}


def of_library(connection: Connection) -> list[PictureText]:
    """All that is said of the pictures in the user's folders."""
    rows = connection.execute(
        "SELECT documents.id, title, details, caption, tags, captions.at FROM pictures"
        " JOIN documents ON documents.id = pictures.document_id"
        " LEFT JOIN captions ON captions.content_hash = documents.content_hash"
        f" WHERE {_OWN} ORDER BY documents.id",
        ("folder", "dataset"),
    ).fetchall()
    pictures = {row["id"] for row in rows}
    return [text for row in rows for text in _said(row)] + [
        PictureText(label.document_id, label.query, "search", label.value > 0, label.at)
        for label in labels.in_force(connection)
        if label.document_id is not None and label.document_id in pictures
    ]


def _said(row: Row) -> Iterator[PictureText]:
    number, at = row["id"], row["at"] or 0.0
    if row["caption"]:
        yield PictureText(number, row["caption"], "caption", at=at)
    if tags := msgspec.json.decode(row["tags"] or "[]", type=list[str]):
        yield PictureText(number, ", ".join(tags), "tags", at=at)
    details = msgspec.json.decode(row["details"], type=dict[str, str])
    of_file: tuple[Source, Source] = ("caption", "tags")
    for name, source in zip(FROM_FILE, of_file, strict=True):
        if said := details.get(name, "").strip():
            yield PictureText(number, said, source)
    if says_something(row["title"]):
        yield PictureText(number, row["title"], "title")
