"""The part of a passage that a result shows: the one with most of the query's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.records import Passage

_LEAD = 40
"""Characters before the first of the words."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line of text without line breaks, with marked spans."""

    text: str
    highlights: tuple[tuple[int, int], ...]
    """Offsets `[start, end)` into `text`."""


def snippet(passage: Passage, length: int) -> Snippet:
    """About `length` characters of a passage, from where its highlights are densest.

    Runs of white space become one blank; cut edges fall between words and get an ellipsis.
    """
    text, spans = _one_line(passage.text, passage.highlights)
    if len(text) <= length:
        return Snippet(text, tuple(spans))
    start = _best_start(text, spans, length)
    end = min(len(text), start + length)
    if end < len(text) and (cut := text.rfind(" ", start + length // 2, end)) > start:
        end = cut
    before = "… " if start else ""
    after = " …" if end < len(text) else ""
    shift = len(before) - start
    kept = tuple(
        (max(a, start) + shift, min(b, end) + shift) for a, b in spans if b > start and a < end
    )
    return Snippet(before + text[start:end] + after, kept)


def _one_line(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Collapse white space, and move the spans along."""
    parts: list[str] = []
    starts: list[tuple[int, int]] = []  # of each word: where it was, where it is
    at = 0
    for word in re.finditer(r"\S+", text):
        if set(word[0]) == {"#"}:
            continue  # what marks a heading says nothing in one line
        at += 1 if parts else 0
        starts.append((word.start(), at))
        parts.append(word[0])
        at += len(word[0])
    moved = []
    for start, end in spans:
        inside = text[start:end].rstrip()
        start += len(inside) - len(inside.lstrip())
        inside = inside.strip()
        old, new = next(((o, n) for o, n in reversed(starts) if o <= start), (0, 0))
        if inside:
            place = new + start - old
            moved.append((place, place + len(" ".join(inside.split()))))
    return " ".join(parts), moved


def _best_start(text: str, spans: Sequence[tuple[int, int]], length: int) -> int:
    """Where to begin so that most highlighted characters are seen; at a word's start."""
    if not spans:
        return 0
    best, most = 0, -1
    for first, _ in spans:
        begin = max(0, first - _LEAD)
        seen = sum(b - a for a, b in spans if a >= begin and b <= begin + length)
        if seen > most:
            best, most = begin, seen
    best = min(best, len(text) - length)
    if best <= _LEAD // 2:
        return 0
    blank = text.find(" ", best, best + _LEAD)
    return best if blank < 0 or blank >= min(a for a, b in spans if b > best) else blank + 1
