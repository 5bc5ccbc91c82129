"""A part of a page: a framed surface with a heading."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import Space, set_role


class Card(QFrame):
    """A frame with a heading, room for buttons beside it, and what is put into `body`."""

    def __init__(self, heading: str = "", words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.L)
        self.body.setSpacing(Space.M)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(Space.S)
        if not heading:
            return
        self.heading = QLabel(heading)
        set_role(self.heading, "heading")
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self.heading)
        if words:
            titles.addWidget(explanation(words))
        row = QHBoxLayout()
        row.addLayout(titles, 1)
        row.addLayout(self.buttons)
        self.body.addLayout(row)


def explanation(words: str) -> QLabel:
    """A line or more of small, muted text."""
    label = QLabel(words)
    set_role(label, "small")
    label.setWordWrap(True)
    return label
