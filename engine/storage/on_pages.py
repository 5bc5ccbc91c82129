"""Which passages lie on a page, slide, sheet or row that a search is limited to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from engine.records import Unit


@dataclass(frozen=True, slots=True)
class PageLimit:
    """A page by its number, or a sheet by its number or name, whatever the case."""

    unit: Unit
    name: str


@dataclass(frozen=True, slots=True)
class PassageOnPage:
    """A passage that lies on a wanted page, wholly or in part."""

    document_id: int
    page: int
    """Number of the page, the first wanted one that it touches."""


def passages_on(connection: Connection, limits: Sequence[PageLimit]) -> dict[int, PassageOnPage]:
    """By chunk id; any of the limits may hold.

    Short pages share a passage, so that one counts for every page that it touches.
    """
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    number, start, end, name = (f"json_extract(page.value, '$[{n}]')" for n in range(4))
    test = f"(unit = ? AND ({number} = ? OR unit = 'sheet' AND casefold(coalesce({name}, '')) = ?))"
    values: list[object] = []
    for limit in limits:
        as_number = int(limit.name) if limit.name.isdecimal() else None
        values += [limit.unit, as_number, limit.name.casefold()]
    # Pages are taken out of their JSON once, not once for each passage. The first page comes last,
    # and stays.
    rows = connection.execute(
        f"WITH wanted AS MATERIALIZED (SELECT documents.id, {number} AS number,"
        f" {start} AS start, {end} AS end FROM documents JOIN json_each(documents.pages) AS page"
        f" WHERE {' OR '.join([test] * len(limits))})"
        " SELECT chunks.id, document_id, number FROM wanted JOIN chunks"
        " ON document_id = wanted.id AND chunks.start < wanted.end AND chunks.end > wanted.start"
        " ORDER BY number DESC",
        values,
    )
    return {row[0]: PassageOnPage(row[1], row[2]) for row in rows}
