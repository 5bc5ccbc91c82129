"""A column of limited width in the middle of the room there is, scrolled where it is longer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget


def scrolled_column(column: QWidget, max_width: int) -> QScrollArea:
    """A frameless area around `column`, which takes all the width up to `max_width` pixels."""
    column.setMaximumWidth(max_width)
    centred = QWidget()
    around = QHBoxLayout(centred)
    around.setContentsMargins(0, 0, 0, 0)
    around.addStretch()
    around.addWidget(column, 1000)
    around.addStretch()
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(centred)
    return area
