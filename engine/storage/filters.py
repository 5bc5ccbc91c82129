"""Which documents a search is limited to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from sqlite3 import Connection, Row

from engine.storage.documents import absolute


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
    modified_after: float | None = None
    """Seconds since the epoch."""
    modified_before: float | None = None
    written_after: float | None = None
    """By its own account, else when its file was changed."""
    written_before: float | None = None


def matching(connection: Connection, filters: Filters) -> list[int]:
    """Ids of the documents that pass, the newest first."""
    rows = connection.execute(
        "SELECT document_id, roots.path AS root, roots.kind, files.path, inside, title, author,"
        " language, mtime_ns / 1e9 AS modified, coalesce(created_at, mtime_ns / 1e9) AS written"
        " FROM files JOIN roots ON roots.id = root_id JOIN documents ON documents.id = document_id"
        " ORDER BY mtime_ns DESC, document_id"
    )
    passing = _Passing(filters)
    return list(dict.fromkeys(row["document_id"] for row in rows if passing(row)))


class _Passing:
    """The test that a file and its document pass or fail."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._types = {kind.lower().lstrip(".") for kind in filters.types}
        self._languages = {code.lower() for code in filters.languages}
        self._under = PurePath(filters.under) if filters.under else None

    def __call__(self, row: Row) -> bool:
        filters = self._filters
        return (
            _is_within(row["modified"], filters.modified_after, filters.modified_before)
            and _is_within(row["written"], filters.written_after, filters.written_before)
            and (not self._languages or row["language"] in self._languages)
            and (not self._types or _ending(row["inside"] or row["path"]) in self._types)
            and _holds_all(row["title"], filters.titles)
            and _holds_all(row["author"], filters.authors)
            and self._lies_there(row)
        )

    def _lies_there(self, row: Row) -> bool:
        if not (self._under or self._filters.places):
            return True
        place = absolute(row["root"], row["path"], row["inside"])
        return (not self._under or PurePath(place).is_relative_to(self._under)) and _holds_all(
            place, self._filters.places
        )


def _is_within(moment: float, after: float | None, before: float | None) -> bool:
    return (after is None or moment >= after) and (before is None or moment <= before)


def _ending(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _holds_all(text: str, parts: tuple[str, ...]) -> bool:
    return not parts or all(part.casefold() in text.casefold() for part in parts)
