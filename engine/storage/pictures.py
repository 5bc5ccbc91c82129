"""What is known of picture documents, and which files hold pictures that were not looked at yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from sqlite3 import Connection

import msgspec

from engine.records import Picture
from engine.storage import captions
from engine.storage.camera_names import says_something
from engine.storage.captions import NOTHING_SAID

UNSEEN = "unseen"
"""In `files.pictures`: it was not even looked at yet."""
AGAIN = "again:"
"""Before how far text was read in a picture that is to be looked at once more."""


def put(connection: Connection, document_id: int, picture: Picture) -> None:
    """Say that a document is a picture."""
    connection.execute(
        "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            document_id,
            picture.width,
            picture.height,
            picture.taken_at,
            picture.camera,
            picture.latitude,
            picture.longitude,
        ),
    )


def of(connection: Connection, document_ids: Sequence[int]) -> dict[int, Picture]:
    """By document id, with what the user says of them; what is no picture is absent."""
    marks = ",".join("?" * len(document_ids))
    rows = connection.execute(
        "SELECT document_id, content_hash, width, height, taken_at, camera, latitude, longitude"
        f" FROM pictures JOIN documents ON id = document_id WHERE document_id IN ({marks})",
        tuple(document_ids),
    ).fetchall()
    said = captions.in_force(connection, [row["content_hash"] for row in rows])
    found = {}
    for row in rows:
        words = said.get(row["content_hash"], NOTHING_SAID)
        told = Picture(*row[2:])
        found[row["document_id"]] = replace(told, caption=words.caption, tags=words.tags)
    return found


def tags_of_file(keywords: str | None) -> list[str]:
    """Tags that a picture's file tells, as they stand among its document's details."""
    return [tag for part in (keywords or "").split(";") if (tag := part.strip())]


def count(connection: Connection) -> int:
    """Pictures of the whole library."""
    return int(connection.execute("SELECT count(*) FROM pictures").fetchone()[0])


def every_hash(connection: Connection) -> dict[int, str]:
    """Content hash by document id of every picture."""
    rows = connection.execute(
        "SELECT documents.id, content_hash FROM pictures JOIN documents ON id = document_id"
    )
    return {row[0]: row[1] for row in rows}


def hashes(connection: Connection, document_ids: Sequence[int]) -> dict[int, str]:
    """Content hash by document id; what is gone is absent."""
    marks = ",".join("?" * len(document_ids))
    rows = connection.execute(
        f"SELECT id, content_hash FROM documents WHERE id IN ({marks})", tuple(document_ids)
    )
    return {row[0]: row[1] for row in rows}


def any_to_look_at(connection: Connection) -> bool:
    """Whether there are pictures, be it that they were not looked at yet."""
    found = connection.execute(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM pictures) OR EXISTS"
        " (SELECT 1 FROM files WHERE pictures = ? OR pictures LIKE ?)",
        (UNSEEN, f"{AGAIN}%"),
    )
    return found.fetchone() is not None


def wordless(connection: Connection, document_ids: Sequence[int] | None = None) -> list[int]:
    """Pictures of which there are no words: no text, no caption or tag, no name but a camera's.

    `document_ids` are those that are asked about; None is all.
    """
    asked = "" if document_ids is None else " AND id IN (SELECT value FROM json_each(?))"
    rows = connection.execute(
        "SELECT id, title FROM pictures JOIN documents ON id = document_id WHERE text = ''"
        " AND coalesce(details ->> 'Caption', details ->> 'Keywords', '') = ''"
        " AND NOT EXISTS (SELECT 1 FROM captions WHERE captions.content_hash ="
        f" documents.content_hash AND (caption != '' OR tags != '[]')){asked}",
        () if document_ids is None else (msgspec.json.encode(document_ids).decode(),),
    )
    return [number for number, title in rows if not says_something(title)]


def forget_looks(connection: Connection, document_ids: Collection[int]) -> None:
    """Have a file of each of these documents looked at once more."""
    connection.executemany(
        "UPDATE files SET pictures = ? || pictures WHERE pictures NOT LIKE ? AND id ="
        " (SELECT min(files.id) FROM files JOIN roots ON roots.id = root_id"
        " WHERE document_id = ? AND kind = 'folder')",
        [(AGAIN, f"{AGAIN}%", document_id) for document_id in document_ids],
    )
