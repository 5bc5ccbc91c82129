"""Python counts characters, Qt counts UTF-16 units: an emoji is one here and two there."""

from __future__ import annotations

from collections.abc import Iterable


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def spans_in_units(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of characters as `(start, length)` in UTF-16 units."""
    return [(units(text[:start]), units(text[start:end])) for start, end in spans]
