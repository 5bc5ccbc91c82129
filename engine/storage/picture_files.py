"""Where pictures lie, for looking at them once more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from sqlite3 import Connection

from engine.storage.documents import absolute


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A place where a picture lies."""

    document_id: int
    content_hash: str
    """SHA-256 of the picture, hex."""
    path: str
    """Absolute; in a dataset, the document's id."""
    inside: str
    """Path within the file; empty for the file itself."""
    dataset: str
    """Folder of the dataset that it belongs to; empty elsewhere."""


def files(connection: Connection, document_ids: Collection[int] | None = None) -> list[PictureFile]:
    """Where every picture lies, or each of some; one may lie in several places."""
    rows = connection.execute(
        "SELECT document_id, documents.content_hash, roots.path AS root, kind, files.path, inside"
        " FROM pictures JOIN documents ON documents.id = pictures.document_id"
        " JOIN files USING (document_id) JOIN roots ON roots.id = root_id ORDER BY files.id"
    )
    wanted = None if document_ids is None else set(document_ids)
    return [
        PictureFile(
            document_id=row["document_id"],
            content_hash=row["content_hash"],
            path=row["path"] if row["kind"] == "dataset" else absolute(row["root"], row["path"]),
            inside=row["inside"],
            dataset=row["root"] if row["kind"] == "dataset" else "",
        )
        for row in rows
        if wanted is None or row["document_id"] in wanted
    ]
