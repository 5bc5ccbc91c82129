"""What is known of picture documents, and which files hold pictures that were not looked at yet."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from sqlite3 import Connection

from engine.records import Picture

UNSEEN = "unseen"
"""In `files.pictures`: it was not even looked at yet."""
AGAIN = "again:"
"""Before how far text was read in a picture that is to be looked at once more."""

_WORD = re.compile(r"(?<![^\W_])(?:[^\W\d_]{3,}|[\u3040-\u9fff\uac00-\ud7af]+)(?![^\W_])")
"""Letters alone: neither `IMG1234` nor a hash."""
_CAMERAS_WORDS = frozenset(
    re.split(
        r"\s+",
        "img image dsc dscn dscf dcim pxl mvimg pano photo picture pic scan screen shot screenshot"
        " snapchat whatsapp signal unnamed untitled copy edited burst cover hdr jpg jpeg png",
    )
)


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
    """By document id; what is no picture is absent."""
    marks = ",".join("?" * len(document_ids))
    rows = connection.execute(
        "SELECT document_id, width, height, taken_at, camera, latitude, longitude FROM pictures"
        f" WHERE document_id IN ({marks})",
        tuple(document_ids),
    )
    return {row[0]: Picture(*row[1:]) for row in rows}


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


def wordless(connection: Connection) -> list[int]:
    """Pictures of which there are no words: no text, no caption, no name but a camera's."""
    rows = connection.execute(
        "SELECT id, title FROM pictures JOIN documents ON id = document_id"
        " WHERE text = '' AND details = '{}'"
    )
    return [number for number, title in rows if not _says_something(title)]


def forget_looks(connection: Connection, document_ids: Collection[int]) -> None:
    """Have a file of each of these documents looked at once more."""
    connection.executemany(
        "UPDATE files SET pictures = ? || pictures WHERE pictures NOT LIKE ? AND id ="
        " (SELECT min(files.id) FROM files JOIN roots ON roots.id = root_id"
        " WHERE document_id = ? AND kind = 'folder')",
        [(AGAIN, f"{AGAIN}%", document_id) for document_id in document_ids],
    )


def _says_something(name: str) -> bool:
    return any(word.casefold() not in _CAMERAS_WORDS for word in _WORD.findall(name))
