"""Documents, their files and their chunks, and the log of changes that derived indexes follow.

Every function takes a connection inside a transaction of `Database`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import PurePath
from sqlite3 import Connection, Row

import msgspec

from engine.errors import NotFound
from engine.records import INSIDE, Chunk, Document, Extracted, Page, TextBox
from engine.storage import picture_passage
from engine.storage import pictures as stored_pictures


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was read."""

    path: str
    """Relative to its root; the document's id within a dataset."""
    size: int
    """Bytes."""
    mtime_ns: int
    content_hash: str
    """SHA-256, hex; empty where it could not be read."""
    inside: str = ""
    """Path within the archive or mail that the file is; empty for the file itself."""


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A passage of a document that is about to be stored."""

    start: int
    end: int
    page: int | None
    context: str
    encoding_hash: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """What is derived from a document's text before it is stored."""

    chunks: tuple[NewChunk, ...] = ()
    signature: bytes = b""
    """See `engine.storage.signature`."""


@dataclass(frozen=True, slots=True)
class Change:
    """The last thing that happened to a document."""

    number: int
    document_id: int
    deleted: bool


def find(connection: Connection, content_hash: str, chunker: int) -> int | None:
    """The document of equal content cut by the same chunker, if there is one."""
    row = connection.execute(
        "SELECT id FROM documents WHERE content_hash = ? AND chunker = ?", (content_hash, chunker)
    ).fetchone()
    return None if row is None else int(row[0])


def put(
    connection: Connection,
    content_hash: str,
    extracted: Extracted,
    cut: Cut,
    chunker: int,
) -> int:
    """Store a document with its chunks, in place of an older cut of the same content."""
    old = connection.execute(
        "SELECT id FROM documents WHERE content_hash = ?", (content_hash,)
    ).fetchone()
    values = {
        "title": extracted.title,
        "text": extracted.text,
        "media_type": extracted.media_type,
        "pages": _json([(p.number, p.start, p.end, p.name) for p in extracted.pages]),
        "unit": extracted.unit,
        "author": extracted.author,
        "created_at": extracted.created_at,
        "language": extracted.language,
        "details": _json(extracted.details),
        "ocr_confidence": extracted.ocr_confidence,
        "boxes": _json([astuple(box) for box in extracted.boxes]),
        "signature": cut.signature,
        "chunker": chunker,
    }
    if old is not None:
        document_id = int(old[0])
        connection.execute("DELETE FROM chunks WHERE document_id = ?", (document_id,))
        connection.execute(
            f"UPDATE documents SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?",
            (*values.values(), document_id),
        )
    else:
        cursor = connection.execute(
            f"INSERT INTO documents ({', '.join(values)}, content_hash)"
            f" VALUES ({'?, ' * len(values)}?)",
            (*values.values(), content_hash),
        )
        document_id = int(cursor.lastrowid or 0)
    connection.executemany(
        "INSERT INTO chunks (document_id, ordinal, start, end, page, context, encoding_hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (document_id, n, c.start, c.end, c.page, c.context, c.encoding_hash)
            for n, c in enumerate(cut.chunks)
        ],
    )
    if extracted.picture is not None:
        stored_pictures.put(connection, document_id, extracted.picture)
        picture_passage.write(connection, document_id)
    _log_change(connection, document_id, deleted=False)
    return document_id


def described(connection: Connection, document_ids: Iterable[int]) -> None:
    """Have pictures found by what is said of them now."""
    for document_id in document_ids:
        picture_passage.write(connection, document_id)
        _log_change(connection, document_id, deleted=False)


def put_file(
    connection: Connection, root_id: int, file: FileState, document_id: int, pictures: str = ""
) -> None:
    """Say that a file holds a document; the one that it held before goes if nothing holds it.

    `pictures` is how far they were read, where some were left out.
    """
    _put_file(connection, root_id, file, document_id, None, None, pictures)


def put_container(
    connection: Connection, root_id: int, file: FileState, pictures: str = ""
) -> None:
    """Say that a file holds other files, or pictures, and no text of its own."""
    _put_file(connection, root_id, file, None, None, None, pictures)


def put_begun(connection: Connection, root_id: int, path: str) -> None:
    """Make sure that a file is known before its members are, so that they go when it goes.

    It has no hash yet: a run that ends here is made good by the next look.
    """
    connection.execute(
        "INSERT OR IGNORE INTO files (root_id, path, size, mtime_ns, content_hash)"
        " VALUES (?, ?, 0, 0, '')",
        (root_id, path),
    )


def document_at(connection: Connection, root_id: int, file: FileState) -> int | None:
    """The document that a file or member of this content holds already, if it does."""
    row = connection.execute(
        "SELECT document_id FROM files WHERE root_id = ? AND path = ? AND inside = ?"
        " AND content_hash = ?",
        (root_id, file.path, file.inside, file.content_hash),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def keep_members(
    connection: Connection,
    root_id: int,
    path: str,
    members: Collection[str],
    holds_pictures: Callable[[str], bool],
) -> None:
    """Forget what a file held inside but for these members; the documents go with the orphans.

    Pictures in documents, by their name, that are kept stay until they are looked at again.
    """
    held = connection.execute(
        "SELECT inside FROM files WHERE root_id = ? AND path = ? AND inside != ''", (root_id, path)
    ).fetchall()

    def stays(inside: str) -> bool:
        holder = inside.rpartition(INSIDE)[0]
        return inside in members or (
            (not holder or holder in members) and holds_pictures(holder or path)
        )

    connection.executemany(
        "DELETE FROM files WHERE root_id = ? AND path = ? AND inside = ?",
        [(root_id, path, inside) for (inside,) in held if not stays(inside)],
    )


def put_failure(
    connection: Connection,
    root_id: int,
    file: FileState,
    reason: str,
    hint: str,
    pictures: str = "",
) -> None:
    """Say that a file could not be indexed, and why."""
    _put_file(connection, root_id, file, None, reason, hint, pictures)


def unread_pictures(
    connection: Connection, root_id: int, levels: Sequence[str]
) -> dict[FileState, set[str]]:
    """Files whose pictures were read to one of these levels only, with what is inside each.

    The path within is empty for the file itself.
    """
    marks = ",".join("?" * len(levels))
    rows = connection.execute(
        "SELECT outer.path, outer.size, outer.mtime_ns, outer.content_hash, files.inside"
        " FROM files JOIN files AS outer ON outer.root_id = files.root_id"
        " AND outer.path = files.path AND outer.inside = ''"
        f" WHERE files.root_id = ? AND files.pictures IN ({marks}) ORDER BY files.id",
        (root_id, *levels),
    )
    found: dict[FileState, set[str]] = {}
    for *file, inside in rows:
        found.setdefault(FileState(*file), set()).add(inside)
    return found


def pictures_of(connection: Connection, document_id: int) -> str:
    """How far the pictures of a document were read, where some were left out; else empty."""
    row = connection.execute(
        "SELECT replace(pictures, ?, '') AS far FROM files WHERE document_id = ? ORDER BY far DESC",
        (stored_pictures.AGAIN, document_id),
    ).fetchone()
    return "" if row is None else str(row[0])


def has_read_pictures(connection: Connection, content_hash: str) -> bool:
    """Whether the pictures in equal content were read before, be it that they hold no text."""
    row = connection.execute(
        "SELECT 1 FROM files WHERE content_hash = ? AND pictures = '' AND error_reason IS NULL",
        (content_hash,),
    ).fetchone()
    return row is not None


def pictures_done(connection: Connection, root_id: int, path: str, inside: str, at: str) -> None:
    """Note how far a file's pictures were read, nothing else of it having changed."""
    connection.execute(
        "UPDATE files SET pictures = ? WHERE root_id = ? AND path = ? AND inside = ?",
        (at, root_id, path, inside),
    )


def move_file(connection: Connection, root_id: int, old_path: str, file: FileState) -> None:
    """Rename a file whose content is the same, with all inside it, or note that it was touched."""
    if file.path != old_path:
        connection.execute("DELETE FROM files WHERE root_id = ? AND path = ?", (root_id, file.path))
    connection.execute(
        "UPDATE files SET path = ?, mtime_ns = ?, size = CASE inside WHEN '' THEN ? ELSE size END"
        " WHERE root_id = ? AND path = ?",
        (file.path, file.mtime_ns, file.size, root_id, old_path),
    )


def remove_files(connection: Connection, root_id: int, paths: Iterable[str]) -> None:
    """Forget files with all inside them, and the documents that no other file holds."""
    connection.executemany(
        "DELETE FROM files WHERE root_id = ? AND path = ?", [(root_id, path) for path in paths]
    )
    remove_orphans(connection)


def remove_orphans(connection: Connection) -> None:
    """Forget documents that no file holds any more."""
    orphans = connection.execute(
        "SELECT id FROM documents WHERE NOT EXISTS"
        " (SELECT 1 FROM files WHERE files.document_id = documents.id)"
    ).fetchall()
    for (document_id,) in orphans:
        connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        _log_change(connection, document_id, deleted=True)


def files_of_root(connection: Connection, root_id: int) -> dict[str, FileState]:
    """What is known of a root's files, by path; failed ones among them, members not."""
    rows = connection.execute(
        "SELECT path, size, mtime_ns, content_hash FROM files WHERE root_id = ? AND inside = ''",
        (root_id,),
    )
    return {row[0]: FileState(*row) for row in rows}


def stale_files(
    connection: Connection, root_id: int, chunker: int, failed_too: bool
) -> list[FileState]:
    """Files that must be read again though they did not change: an old cut, or failed ones.

    A file of which only a member is stale is read again whole; ignored failures are left alone.
    """
    rows = connection.execute(
        "SELECT path, size, mtime_ns, content_hash FROM files"
        " WHERE root_id = :root AND inside = '' AND path IN ("
        " SELECT files.path FROM files LEFT JOIN documents ON documents.id = document_id"
        " WHERE root_id = :root AND (chunker != :chunker"
        " OR (:failed_too AND error_reason IS NOT NULL AND NOT ignored)))",
        {"root": root_id, "chunker": chunker, "failed_too": failed_too},
    )
    return [FileState(*row) for row in rows]


def stale_in_datasets(connection: Connection, chunker: int) -> list[int]:
    """Documents of datasets with an old cut; there is no file to read them from again."""
    rows = connection.execute(
        "SELECT DISTINCT documents.id FROM documents JOIN files ON document_id = documents.id"
        " JOIN roots ON roots.id = root_id WHERE roots.kind = 'dataset' AND chunker != ?",
        (chunker,),
    )
    return [row[0] for row in rows]


def load(connection: Connection, document_id: int) -> Document:
    """One document with its text; raises NotFound."""
    row = connection.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        raise NotFound("The document is gone", "It is no longer in the library.", "Search again.")
    files = connection.execute(
        "SELECT roots.path AS root, roots.kind, files.path, inside, size, mtime_ns FROM files"
        " JOIN roots ON roots.id = root_id WHERE document_id = ? ORDER BY files.id",
        (document_id,),
    ).fetchall()
    return Document(
        id=row["id"],
        content_hash=row["content_hash"],
        title=row["title"],
        text=row["text"],
        media_type=row["media_type"],
        pages=tuple(Page(*page) for page in msgspec.json.decode(row["pages"])),
        paths=tuple(place(file) for file in files),
        size_bytes=files[0]["size"] if files else 0,
        modified_at=files[0]["mtime_ns"] / 1e9 if files else 0.0,
        unit=row["unit"],
        author=row["author"],
        created_at=row["created_at"],
        language=row["language"],
        details=msgspec.json.decode(row["details"]),
        ocr_confidence=row["ocr_confidence"],
        boxes=tuple(TextBox(*box) for box in msgspec.json.decode(row["boxes"])),
        picture=stored_pictures.of(connection, [document_id]).get(document_id),
    )


def titles(connection: Connection, document_ids: Sequence[int]) -> dict[int, str]:
    """By document id; one that is gone is absent."""
    marks = ",".join("?" * len(document_ids))
    rows = connection.execute(
        f"SELECT id, title FROM documents WHERE id IN ({marks})", tuple(document_ids)
    )
    return {row[0]: row[1] for row in rows}


def every_id(connection: Connection) -> list[int]:
    """Ids of all documents."""
    return [row[0] for row in connection.execute("SELECT id FROM documents")]


def count(connection: Connection) -> int:
    """Documents of the whole library."""
    return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])


def of_root(connection: Connection, root_id: int) -> dict[int, list[str]]:
    """The documents of a root and where in it each lies."""
    found: dict[int, list[str]] = {}
    for document_id, path in connection.execute(
        "SELECT document_id, path FROM files WHERE root_id = ? AND document_id IS NOT NULL",
        (root_id,),
    ):
        found.setdefault(document_id, []).append(path)
    return found


def beginning(connection: Connection, document_id: int, n: int) -> str:
    """The first n characters of a document's text; empty where it is gone."""
    row = connection.execute(
        "SELECT substr(text, 1, ?) FROM documents WHERE id = ?", (n, document_id)
    ).fetchone()
    return "" if row is None else str(row[0])


def last_change(connection: Connection) -> int:
    """Number of the newest change of any document."""
    return int(connection.execute("SELECT ifnull(max(number), 0) FROM changes").fetchone()[0])


def chunks(connection: Connection, document_ids: Iterable[int]) -> Iterator[Chunk]:
    """The chunks of documents, with their text, in the documents' order."""
    for document_id in document_ids:
        row = connection.execute(
            "SELECT text FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        if row is None:
            continue
        for chunk in connection.execute(
            "SELECT * FROM chunks WHERE document_id = ? ORDER BY ordinal", (document_id,)
        ):
            yield _chunk(chunk, row["text"][chunk["start"] : chunk["end"]])


def chunk_keys(connection: Connection, document_ids: Iterable[int]) -> list[tuple[int, int, bytes]]:
    """Chunk id, document id and encoding hash of the documents' chunks."""
    return [
        (row[0], row[1], row[2])
        for document_id in document_ids
        for row in connection.execute(
            "SELECT id, document_id, encoding_hash FROM chunks WHERE document_id = ?",
            (document_id,),
        )
    ]


def chunks_by_id(connection: Connection, chunk_ids: Sequence[int]) -> Mapping[int, Chunk]:
    """Chunks with their text, by id; one that is gone is absent."""
    marks = ",".join("?" * len(chunk_ids))
    rows = connection.execute(
        "SELECT chunks.*, substr(text, start + 1, end - start) AS passage FROM chunks"
        f" JOIN documents ON documents.id = document_id WHERE chunks.id IN ({marks})",
        tuple(chunk_ids),
    )
    return {row["id"]: _chunk(row, row["passage"]) for row in rows}


def changes_after(connection: Connection, number: int, limit: int) -> list[Change]:
    """What happened to documents after a change number, in order."""
    rows = connection.execute(
        "SELECT number, document_id, deleted FROM changes WHERE number > ? ORDER BY number LIMIT ?",
        (number, limit),
    )
    return [Change(n, document_id, bool(deleted)) for n, document_id, deleted in rows]


def counts(connection: Connection) -> tuple[int, int, int, int]:
    """Files, documents, chunks and failed files that are not ignored."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM documents),"
        " (SELECT count(*) FROM chunks),"
        " (SELECT count(*) FROM files WHERE error_reason IS NOT NULL AND NOT ignored)"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def n_chunks(connection: Connection) -> int:
    """Chunks of the whole library."""
    return int(connection.execute("SELECT count(*) FROM chunks").fetchone()[0])


def absolute(root: str, path: str, inside: str = "") -> str:
    """Where a file lies; a root that is a single file has the path `.`."""
    place = root if path == "." else str(PurePath(root) / path)
    return f"{place}{INSIDE}{inside}" if inside else place


def place(row: Row) -> str:
    """Where a file lies, of a row with its root, kind, path and inside."""
    if row["kind"] == "dataset":
        return str(row["path"])
    return absolute(row["root"], row["path"], row["inside"])


def _chunk(row: Row, text: str) -> Chunk:
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        start=row["start"],
        end=row["end"],
        page=row["page"],
        text=text,
        context=row["context"],
        encoding_hash=row["encoding_hash"],
    )


def _put_file(
    connection: Connection,
    root_id: int,
    file: FileState,
    document_id: int | None,
    reason: str | None,
    hint: str | None,
    pictures: str,
) -> None:
    connection.execute(
        "INSERT INTO files (root_id, path, inside, size, mtime_ns, content_hash, document_id,"
        " error_reason, error_hint, error_at, pictures)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (root_id, path, inside) DO UPDATE SET size = excluded.size,"
        " ignored = ignored AND content_hash = excluded.content_hash"
        " AND excluded.error_reason IS NOT NULL,"
        " mtime_ns = excluded.mtime_ns, content_hash = excluded.content_hash,"
        " document_id = excluded.document_id, error_reason = excluded.error_reason,"
        " error_hint = excluded.error_hint, error_at = excluded.error_at,"
        " pictures = excluded.pictures",
        (
            root_id,
            file.path,
            file.inside,
            file.size,
            file.mtime_ns,
            file.content_hash,
            document_id,
            reason,
            hint,
            time.time() if reason else None,
            pictures,
        ),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _log_change(connection: Connection, document_id: int, *, deleted: bool) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO changes (document_id, deleted) VALUES (?, ?)",
        (document_id, deleted),
    )
