from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from gui.text_direction import direction_of

_LEFT, _RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("boiler", _LEFT),
        ("", _LEFT),
        ("123 …", _LEFT),
        ("חיפוש boiler", _RIGHT),
        ("boiler חיפוש", _LEFT),
        ("12. بحث", _RIGHT),
    ],
)
def test_that_the_first_letter_decides(text: str, direction: Qt.LayoutDirection) -> None:
    assert direction_of(text) == direction
