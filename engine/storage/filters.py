"""Which documents a search is limited to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from sqlite3 import Connection

from engine.records import Kind


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
    """By its own account, else when its file was changed."""
    written_before: float | None = None


def matching(connection: Connection, filters: Filters) -> list[int]:
    """Ids of the documents that pass, the newest first."""
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    conditions, values = _conditions(filters)
    if filters.under:
        below, names = _below(connection, PurePath(filters.under))
        conditions.append(below)
        values += names
    rows = connection.execute(
        "SELECT document_id FROM files JOIN roots ON roots.id = root_id"
        " JOIN documents ON documents.id = document_id"
        f" WHERE {' AND '.join(conditions) or 'true'}"
        " GROUP BY document_id ORDER BY max(mtime_ns) DESC, document_id",
        values,
    )
    return [row[0] for row in rows]


def _conditions(filters: Filters) -> tuple[list[str], list[object]]:
    """The conditions in SQL, those that cost least first, and their values in order."""
    written = "coalesce(created_at, mtime_ns / 1e9)"
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
    if filters.kind != "both":
        is_picture = "document_id IN (SELECT document_id FROM pictures)"
        conditions.append(is_picture if filters.kind == "image" else f"NOT {is_picture}")
    if filters.languages:
        conditions.append(f"language IN ({_marks(filters.languages)})")
        values += [code.lower() for code in filters.languages]
    if filters.types:
        ending = "iif(inside = '', files.path, inside) LIKE ? ESCAPE '^'"
        conditions.append(f"({' OR '.join([ending] * len(filters.types))})")
        values += [f"%.{_literally(kind.lstrip('.'))}" for kind in filters.types]
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


def _literally(text: str) -> str:
    return "".join(f"^{letter}" if letter in "%_^" else letter for letter in text)


def _marks(values: tuple[str, ...]) -> str:
    return ",".join("?" * len(values))
