"""What a text's own marks say of its structure: headings, and blocks that are not cut."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.ingest.media_types import HTML, MARKDOWN, PLAIN, RST, TEX, is_code

_HASHED = re.compile(r"^(#{1,6})[ \t]+(\S[^\n]{0,200})$", re.M)
_UNDERLINED = re.compile(r"^(?![ \t>|-])(\S[^\n]{0,118})\n(={3,}|-{3,}|~{3,}|\^{3,})[ \t]*$", re.M)
_SECTION = re.compile(r"^[ \t]*\\((?:sub){0,2})section\*?\{([^}\n]+)\}", re.M)
_FENCE = re.compile(r"^(`{3,}|~{3,})([^\n]*)$", re.M)
_TABLE = re.compile(r"(?:^[ \t]*\|[^\n]*(?:\n|\Z)){2,}", re.M)
_DEFINITION = re.compile(r"^(?:@[^\n]*\n)*(?=\S)(?:[^\n]*\n)(?:(?:[ \t}\])][^\n]*)?\n)*", re.M)
"""A line at the margin with what is indented below it."""
_LEVELS = "=-~^"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a text."""

    start: int
    level: int
    """From 1, the outermost."""
    text: str


@dataclass(frozen=True, slots=True)
class Structure:
    """Where a text may be cut and what stands above each part of it."""

    headings: tuple[Heading, ...] = ()
    """In the order of the text."""
    blocks: tuple[tuple[int, int], ...] = ()
    """Spans of code and tables, in order; none overlaps another."""
    by_lines: bool = False
    """Whether its lines, not its sentences, are its smallest parts: code and data."""
    _starts: tuple[int, ...] = field(default=(), repr=False)

    def headings_at(self, position: int) -> tuple[str, ...]:
        """The headings that a place stands under, the outermost first.

        One that begins at the place itself is not among them: the place's own text names it.
        """
        above: list[Heading] = []
        for heading in reversed(self.headings[: bisect_right(self._starts, position)]):
            if heading.start == position:
                above.append(heading)
            elif not above or heading.level < above[-1].level:
                above.append(heading)
                if heading.level == 1:
                    break
        return tuple(h.text for h in reversed(above) if h.start != position)


def structure(text: str, media_type: str) -> Structure:
    """Read the marks that a type of text uses; a type that has none gives none."""
    if is_code(media_type):
        blocks = [match.span() for match in _DEFINITION.finditer(text)]
        return Structure(blocks=tuple(blocks), by_lines=True)
    if media_type in (PLAIN, HTML):
        return Structure()
    blocks = sorted(_fences_and_tables(text)) if media_type == MARKDOWN else []
    starts = [start for start, _ in blocks]

    def is_inside(position: int) -> bool:
        before = bisect_right(starts, position) - 1
        return before >= 0 and position < blocks[before][1]

    headings = [
        h for h in sorted(_headings(text, media_type), key=_start) if not is_inside(h.start)
    ]
    return Structure(tuple(headings), tuple(blocks), _starts=tuple(map(_start, headings)))


def _start(heading: Heading) -> int:
    return heading.start


def _headings(text: str, media_type: str) -> Iterator[Heading]:
    if media_type == TEX:
        for match in _SECTION.finditer(text):
            yield Heading(match.start(), 1 + len(match[1]) // 3, match[2].strip())
        return
    if media_type == MARKDOWN:
        for match in _HASHED.finditer(text):
            yield Heading(match.start(), len(match[1]), match[2].rstrip("# \t"))
    if media_type in (MARKDOWN, RST):
        for match in _UNDERLINED.finditer(text):
            yield Heading(match.start(), 1 + _LEVELS.index(match[2][0]), match[1].strip())


def _fences_and_tables(text: str) -> Iterator[tuple[int, int]]:
    end, opening = 0, None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]) and not fence[2].strip():
            yield from (match.span() for match in _TABLE.finditer(text, end, opening.start()))
            yield opening.start(), fence.end()
            end, opening = fence.end(), None
    yield from (match.span() for match in _TABLE.finditer(text, end))
