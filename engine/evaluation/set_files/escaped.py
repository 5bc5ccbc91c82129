"""Ids and texts in files whose columns end at blanks: percent-encoded where that is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

_ENDS_COLUMN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufeff]")
_ENDS_LINE = re.compile(r"[\t\r\n]")


def must_escape(ids: Iterable[str], texts: Iterable[str] = ()) -> bool:
    """Whether any of these ids would break a column, or any text a line."""
    return any(_ENDS_COLUMN.search(id) for id in ids) or any(
        _ENDS_LINE.search(text) for text in texts
    )


def escaped(value: str) -> str:
    """A value without blanks, line ends and other control characters; `%` is one of them."""
    return re.sub(f"%|{_ENDS_COLUMN.pattern}", _quoted, value)


def escaped_text(value: str) -> str:
    """A value without tabs and line ends; `%` is one of them."""
    return re.sub(f"%|{_ENDS_LINE.pattern}", _quoted, value)


def unescaped(value: str) -> str:
    """What was escaped; raises ValueError where it was not."""
    return unquote(value, errors="strict")


def _quoted(found: re.Match[str]) -> str:
    return quote(found[0], safe="")
