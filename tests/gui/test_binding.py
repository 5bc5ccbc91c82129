"""What the window takes for granted of the Qt binding that is installed."""

from __future__ import annotations

import sys

from PySide6.QtCore import QRect


def test_that_calls_without_a_result_do_not_use_up_none() -> None:
    """PySide6 6.12.0 takes a reference from None with each, where None can die (Python 3.11).

    After some thousand calls the interpreter aborts: `none_dealloc: deallocating None`.
    """
    rect = QRect(0, 0, 1, 1)
    before = sys.getrefcount(None)
    for _ in range(300):
        rect.setHeight(3)
    assert sys.getrefcount(None) > before - 100
