"""A message's headers over its text."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel

_ORDER = ("From", "To", "Cc", "Date", "Subject")
_MOST = 7


class MailHead(QFrame):
    """A line for each header; hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "mail")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._shown: list[tuple[str, str]] = []
        self.hide()

    @property
    def words(self) -> str:
        """What it says."""
        return "\n".join(f"{name}: {value}" for name, value in self._shown)

    def show_details(self, details: Mapping[str, str]) -> None:
        """Show headers: the usual ones first, no more than there is room for."""
        names = [name for name in _ORDER if details.get(name)]
        names += [name for name, value in details.items() if value and name not in names]
        shown = [(name, details[name]) for name in names[:_MOST]]
        self.setVisible(bool(shown))
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, value) in enumerate(shown):
            label = QLabel(name)
            set_role(label, "small")
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(ElidedLabel(value), row, 1)
