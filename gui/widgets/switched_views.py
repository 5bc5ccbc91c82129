"""Views of one thing, of which one at a time is shown; a button leads to each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import Space
from gui.widgets.segments import Segments


class SwitchedViews(QWidget):
    """A row of buttons over the view that is chosen; as high as that view alone."""

    chosen = Signal(int)
    """The number of the view that is shown now, from 0."""

    def __init__(self, views: Sequence[tuple[str, QWidget]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views = [view for _, view in views]
        self._segments = Segments([(name, "") for name, _ in views], "Show")
        self._segments.chosen.connect(self.choose)
        row = QHBoxLayout()
        row.addWidget(self._segments)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(row)
        for view in self._views:
            column.addWidget(view)
        self.choose(0)

    @property
    def button(self) -> QWidget:
        """The button of the view that is shown."""
        return self._segments.button

    @property
    def current(self) -> int:
        """The number of the view that is shown."""
        return self._segments.number

    def choose(self, number: int) -> None:
        """Show a view."""
        self._segments.show_chosen(number)
        for place, view in enumerate(self._views):
            view.setVisible(place == number)
        self.chosen.emit(number)
