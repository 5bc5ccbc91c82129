"""Views of one thing, of which one at a time is shown; a button leads to each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.theme import Space, set_role


class Segments(QWidget):
    """A row of buttons over the view that is chosen; as high as that view alone."""

    chosen = Signal(int)
    """The number of the view that is shown now, from 0."""

    def __init__(self, views: Sequence[tuple[str, QWidget]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views = [view for _, view in views]
        self._group = QButtonGroup(self)
        frame = QFrame()
        set_role(frame, "segments")
        inside = QHBoxLayout(frame)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.setSpacing(2)
        for number, (name, _) in enumerate(views):
            button = QPushButton(name)
            button.setCheckable(True)
            set_role(button, "segment")
            self._group.addButton(button, number)
            inside.addWidget(button)
        row = QHBoxLayout()
        row.addWidget(frame)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(row)
        for view in self._views:
            column.addWidget(view)
        self._group.idToggled.connect(self._show)
        self.choose(0)

    @property
    def current(self) -> int:
        """The number of the view that is shown."""
        return self._group.checkedId()

    def choose(self, number: int) -> None:
        """Show a view."""
        self._group.button(number).setChecked(True)

    def _show(self, number: int, checked: bool) -> None:
        if not checked:
            return
        for place, view in enumerate(self._views):
            view.setVisible(place == number)
        self.chosen.emit(number)
