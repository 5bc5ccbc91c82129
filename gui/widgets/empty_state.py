"""What stands where there is nothing yet: why, and what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.theme import Space, set_role
from gui.widgets.icon_label import IconLabel

_ICON_SIDE = 56
_WIDTH = 520
_IN_A_ROW = 3


class EmptyState(QWidget):
    """An icon, a heading, a few words, and the buttons that lead on; centred."""

    def __init__(
        self,
        icon_name: str,
        heading: str,
        words: str,
        buttons: tuple[QPushButton, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        picture = IconLabel(icon_name, "faint", _ICON_SIDE)
        title = QLabel(heading)
        set_role(title, "title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = QLabel(words)
        set_role(text, "muted")
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        text.setMaximumWidth(_WIDTH)
        around = QHBoxLayout()
        around.addStretch()
        around.addWidget(text, 1000)
        around.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.XL, Space.L, Space.XL)
        column.setSpacing(Space.M)
        column.addStretch()
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(title)
        column.addLayout(around)
        n_rows = math.ceil(len(buttons) / _IN_A_ROW)
        in_a_row = math.ceil(len(buttons) / max(1, n_rows))
        for number in range(n_rows):
            column.addLayout(_row(buttons[number * in_a_row : (number + 1) * in_a_row]))
        column.addStretch()


def _row(buttons: Sequence[QPushButton]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    row.addStretch()
    for button in buttons:
        row.addWidget(button)
    row.addStretch()
    return row
