"""Which documents a search is limited to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from sqlite3 import Connection

from engine.records import Kind
from engine.storage.captions import tags_of_user
from engine.storage.near import Near, distance_km
from engine.storage.pictures import tags_of_file


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on a document; an empty one holds for every document."""

    under: str = ""
    """A folder that one of its files lies below."""
    types: tuple[str, ...] = ()
    """One of these extensions, without the dot."""
    languages: tuple[str, ...] = ()
    """One of these ISO 639-1 codes."""
    titles: tuple[str, ...] = ()
    """Each is part of the title, whatever the case."""
    authors: tuple[str, ...] = ()
    """Each is part of the author's name, whatever the case."""
    places: tuple[str, ...] = ()
    """Each is part of the path of one of its files, whatever the case."""
    kind: Kind = "both"
    modified_after: float | None = None
    """Seconds since the epoch."""
    modified_before: float | None = None
    written_after: float | None = None
    """By its own account (of a picture: when it was taken), else when its file was changed."""
    written_before: float | None = None
    cameras: tuple[str, ...] = ()
    """One of these is part of the camera's name, whatever the case."""
    tags: tuple[str, ...] = ()
    """Each is one of the picture's tags, whatever the case."""
    near: tuple[Near, ...] = ()
    """Where the picture was taken."""


def matching(connection: Connection, filters: Filters, *, by_taken: bool = False) -> list[int]:
    """Ids of the documents that pass, the newest first, by when its file was changed.

    With `by_taken`, by when the picture was taken, where that is known.
    """
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    connection.create_function("distance_km", 4, distance_km, deterministic=True)
    for name, tags in (("file_has_tag", tags_of_file), ("user_gave_tag", tags_of_user)):
        connection.create_function(name, 2, partial(_is_among, tags), deterministic=True)
    conditions, values = _conditions(filters)
    if filters.under:
        below, names = _below(connection, PurePath(filters.under))
        conditions.append(below)
        values += names
    newest = "coalesce(taken_at, max(mtime_ns) / 1e9)" if by_taken else "max(mtime_ns)"
    join = "JOIN" if filters.kind == "image" else "LEFT JOIN"
    tables = f"files {join} pictures ON pictures.document_id = files.document_id"
    if _needs_documents(filters):
        tables += " JOIN documents ON documents.id = files.document_id"
    if filters.places:
        tables += " JOIN roots ON roots.id = root_id"
    rows = connection.execute(
        f"SELECT files.document_id FROM {tables}"
        f" WHERE {' AND '.join(['files.document_id IS NOT NULL', *conditions])}"
        f" GROUP BY files.document_id ORDER BY {newest} DESC, files.document_id",
        values,
    )
    return [row[0] for row in rows]


def _needs_documents(filters: Filters) -> bool:
    """Whether a condition is about more than files and pictures."""
    dates = (filters.written_after, filters.written_before)
    return bool(
        filters.languages or filters.titles or filters.authors or filters.tags
    ) or dates != (None, None)


def _conditions(filters: Filters) -> tuple[list[str], list[object]]:
    """The conditions in SQL, those that cost least first, and their values in order."""
    written = "coalesce(taken_at, created_at, mtime_ns / 1e9)"
    conditions: list[str] = []
    values: list[object] = []
    for test, limit in (
        ("mtime_ns / 1e9 >= ?", filters.modified_after),
        ("mtime_ns / 1e9 <= ?", filters.modified_before),
        (f"{written} >= ?", filters.written_after),
        (f"{written} <= ?", filters.written_before),
    ):
        if limit is not None:
            conditions.append(test)
            values.append(limit)
    if filters.kind == "text":
        conditions.append("pictures.document_id IS NULL")
    for near in filters.near:
        conditions.append(
            "latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ?"
            " AND distance_km(?, ?, coalesce(latitude, 0.0), coalesce(longitude, 0.0)) <= ?"
        )
        values += [*near.box(), near.latitude, near.longitude, near.km]
    if filters.languages:
        conditions.append(f"language IN ({_marks(filters.languages)})")
        values += [code.lower() for code in filters.languages]
    if filters.types:
        ending = "iif(inside = '', files.path, inside) LIKE ? ESCAPE '^'"
        conditions.append(f"({' OR '.join([ending] * len(filters.types))})")
        values += [f"%.{_literally(kind.lstrip('.'))}" for kind in filters.types]
    if filters.cameras:
        holds = "instr(casefold(coalesce(camera, '')), ?)"
        conditions.append(f"({' OR '.join([holds] * len(filters.cameras))})")
        values += [name.casefold() for name in filters.cameras]
    for tag in filters.tags:
        conditions.append(
            "(pictures.document_id IS NOT NULL AND (file_has_tag(details ->> 'Keywords', ?)"
            " OR documents.content_hash IN"
            " (SELECT content_hash FROM captions WHERE user_gave_tag(tags, ?))))"
        )
        values += [tag.casefold()] * 2
    for text, parts in (
        ("title", filters.titles),
        ("author", filters.authors),
        ("roots.path || '/' || files.path || '/' || inside", filters.places),
    ):
        for part in parts:
            conditions.append(f"instr(casefold({text}), ?)")
            values.append(part.casefold())
    return conditions, values


def _below(connection: Connection, folder: PurePath) -> tuple[str, list[object]]:
    """The condition that a file lies in a folder, or is it."""
    tests: list[str] = ["false"]
    values: list[object] = []
    for number, path in connection.execute("SELECT id, path FROM roots").fetchall():
        root = PurePath(path)
        if root.is_relative_to(folder):
            tests.append("root_id = ?")
            values.append(number)
        elif folder.is_relative_to(root):
            name = folder.relative_to(root).as_posix()
            tests.append("(root_id = ? AND (files.path = ? OR files.path LIKE ? ESCAPE '^'))")
            values += [number, name, f"{_literally(name)}/%"]
    return f"({' OR '.join(tests)})", values


def _is_among(tags: Callable[[str | None], list[str]], stored: str | None, wanted: str) -> bool:
    return any(tag.casefold() == wanted for tag in tags(stored))


def _literally(text: str) -> str:
    return "".join(f"^{letter}" if letter in "%_^" else letter for letter in text)


def _marks(values: tuple[str, ...]) -> str:
    return ",".join("?" * len(values))
