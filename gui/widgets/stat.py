"""One number that matters, with what it counts below it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.theme import set_role


class Stat(QWidget):
    """A large number over a small caption."""

    def __init__(self, caption: str, tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = QLabel("–")
        set_role(self._value, "title")
        below = QLabel(caption)
        set_role(below, "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._value)
        column.addWidget(below)
        self.setToolTip(tooltip)

    def show_number(self, number: int) -> None:
        """Show a count with separators."""
        self._value.setText(f"{number:,}")

    @property
    def shown(self) -> str:
        """What stands there."""
        return self._value.text()
