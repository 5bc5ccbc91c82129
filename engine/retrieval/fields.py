"""Conditions typed into a query as `field:value`, taken apart from what is searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from engine.errors import InvalidInput
from engine.records import Unit

_FIELDS = {
    "title": "title",
    "author": "author",
    "by": "author",
    "type": "types",
    "ext": "types",
    "lang": "languages",
    "language": "languages",
    "in": "places",
    "path": "places",
    "after": "after",
    "since": "after",
    "before": "before",
}
"""What may be typed -> what it limits."""

_FIELD = re.compile(
    rf"(?<!\S)({'|'.join(_FIELDS)}):(?:[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]|([^\s\"“”„«»]+))", re.I
)

_PAGE = re.compile(
    r"(?<!\S)(?:(page|slide|row):(\d{1,9})(?!\S)"
    r"|sheet:(?:[\"“”„«»]([^\"“”„«»]+)[\"“”„«»]|([^\s\"“”„«»]+)))",
    re.I,
)
"""A page needs its number: `page:break` is text."""


@dataclass(frozen=True, slots=True)
class FieldedQuery:
    """A query and the conditions that stood in it; a field that was not used is empty."""

    text: str
    """What is searched for; may be empty."""
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """Parts of paths."""
    after: float | None = None
    """Seconds since the epoch."""
    before: float | None = None
    pages: tuple[tuple[Unit, str], ...] = ()
    """`page`, `slide`, `sheet` or `row`, and its number; of a sheet, its name too."""


def parse(query: str) -> FieldedQuery:
    """Take the conditions out of a query; what is no known field stays text.

    Of one field given several times, any may hold for types and languages, all must for the rest;
    of all pages, slides, sheets and rows any may.
    Raises InvalidInput for a date that is none.
    """
    found: dict[str, list[str]] = {}
    for name, quoted, bare in _FIELD.findall(query):
        found.setdefault(_FIELDS[name.lower()], []).append((quoted or bare).strip())
    pages: list[tuple[Unit, str]] = []
    for unit, number, quoted, bare in _PAGE.findall(query):
        if unit:
            pages.append((cast("Unit", unit.lower()), number))
        else:
            pages.append(("sheet", quoted.strip() or bare))
    given = {name: tuple(value for value in values if value) for name, values in found.items()}
    after, before = given.pop("after", ()), given.pop("before", ())
    return FieldedQuery(
        text=" ".join(_PAGE.sub(" ", _FIELD.sub(" ", query)).split())
        if found or pages
        else query.strip(),
        **given,
        after=max(map(_moment, after), default=None),
        before=min(map(_moment, before), default=None),
        pages=tuple(pages),
    )


def _moment(value: str) -> float:
    """The beginning of a year, month or day."""
    for pattern in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            return datetime.strptime(value, pattern).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    raise InvalidInput(
        "Not a date", f"“{value}” is no date.", "Write a day, a month or a year: 2024-05-31."
    )
