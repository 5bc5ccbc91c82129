"""Rows of a form: name, field, what it does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.theme import Space
from gui.widgets.card import Card, explanation

_FIELD_WIDTH = 280
_NAME_WIDTH = 140


def form(card: Card) -> QGridLayout:
    """A grid for rows in a card."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(Space.M)
    grid.setColumnMinimumWidth(0, _NAME_WIDTH)
    grid.setColumnMinimumWidth(1, _FIELD_WIDTH)
    grid.setColumnStretch(2, 1)
    card.body.addLayout(grid)
    return grid


def add(grid: QGridLayout, name: str, field: QWidget, words: str) -> None:
    """One row."""
    row = grid.rowCount()
    label = QLabel(name)
    label.setBuddy(field)
    field.setFixedWidth(_FIELD_WIDTH)
    field.setAccessibleName(name.replace("&", ""))
    field.setAccessibleDescription(words)
    # Beside a field of several lines the words stand at its first.
    aligned = Qt.AlignmentFlag.AlignTop if field.sizeHint().height() > 60 else Qt.AlignmentFlag(0)
    grid.addWidget(label, row, 0, aligned)
    grid.addWidget(field, row, 1)
    if words:
        grid.addWidget(explanation(words), row, 2, aligned)
