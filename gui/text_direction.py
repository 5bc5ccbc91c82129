"""Which way a text is read, for labels: their alignment does not follow their text by itself."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import Qt

_LOOKED_AT = 200
"""Characters; what begins with more that have no direction is read from the left."""


def direction_of(text: str) -> Qt.LayoutDirection:
    """By the first letter that has a direction (rules P2 and P3 of Unicode's annex 9)."""
    for character in text[:_LOOKED_AT]:
        match unicodedata.bidirectional(character):
            case "R" | "AL":
                return Qt.LayoutDirection.RightToLeft
            case "L":
                break
    return Qt.LayoutDirection.LeftToRight
