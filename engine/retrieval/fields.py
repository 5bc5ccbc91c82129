"""Conditions typed into a query as `field:value`, taken apart from what is searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from engine.errors import InvalidInput
from engine.records import Unit
from engine.storage.near import DEFAULT_KM, Near

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
    "camera": "cameras",
    "tag": "tags",
    "near": "near",
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

_QUOTES = '"“”„«»'
_WITHOUT = re.compile(
    rf"(?<!\S)[-\u2212\u2013](?:[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}]|([^\W_][^\s{_QUOTES}]*))"
    rf"|[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]"
)
"""What is to be left out, behind a minus sign or a dash; else something in quotes, which stays."""
_NO_WORD_TO_LEAVE_OUT = re.compile(r"[a-z]|(?!\d{4,}$)\d.*", re.I | re.ASCII)
"""An option of a command (`-r`), a negative number (`-5`, `-0.3`, `-20°C`); a year is a word."""
_A_FIELD = re.compile(rf"({'|'.join([*_FIELDS, 'page', 'slide', 'row', 'sheet'])}):", re.I)
_PLACE = re.compile(
    r"([+-]?\d+(?:\.\d+)?)\s*,\s*([+-]?\d+(?:\.\d+)?)(?:\s*,\s*(\d+(?:\.\d+)?)(?: ?km)?)?", re.I
)


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
    cameras: tuple[str, ...] = ()
    """Parts of their names."""
    tags: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()
    without: tuple[str, ...] = ()
    """Words that what is found must not hold; of several in one, as they stand together."""


def parse(query: str) -> FieldedQuery:
    """Take the conditions out of a query; what is no known field stays text.

    Of one field given several times, any may hold for types, languages and cameras, all must for
    the rest; of all pages, slides, sheets and rows any may. `-word` and `-"two words"` are what is
    to be left out.
    Raises InvalidInput for a date that is none, or a place, and for a condition to be left out.
    """
    query, without = _left_out(query)
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
    near = tuple(map(_place, given.pop("near", ())))
    return FieldedQuery(
        text=" ".join(_PAGE.sub(" ", _FIELD.sub(" ", query)).split())
        if found or pages or without
        else query.strip(),
        **given,
        after=max(map(_moment, after), default=None),
        before=min(map(_moment, before), default=None),
        pages=tuple(pages),
        near=near,
        without=without,
    )


def _left_out(query: str) -> tuple[str, tuple[str, ...]]:
    """A query less what stands behind a minus sign, and that."""
    without: list[str] = []

    def taken(match: re.Match[str]) -> str:
        quoted, bare = match.groups()
        if quoted is None and (bare is None or _NO_WORD_TO_LEAVE_OUT.fullmatch(bare)):
            return match[0]
        if bare and _A_FIELD.match(bare):
            raise InvalidInput(
                "Only words can be left out",
                f"“{match[0]}” would leave out a condition.",
                'Leave out words: -draft, or -"two words".',
            )
        without.append((quoted or bare).strip())
        return " "

    return _WITHOUT.sub(taken, query), tuple(words for words in without if words)


def _place(value: str) -> Near:
    """Latitude, longitude and, if told, a distance."""
    match = _PLACE.fullmatch(value)
    if match:
        latitude, longitude = float(match[1]), float(match[2])
        km = float(match[3] or DEFAULT_KM)
        if abs(latitude) <= 90 and abs(longitude) <= 180 and km > 0:
            return Near(latitude, longitude, km)
    raise InvalidInput(
        "Not a place",
        f"“{value}” is no place.",
        "Write latitude and longitude in degrees, and how many kilometres away: 38.72,-9.14,10.",
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
