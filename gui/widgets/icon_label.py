"""An icon beside text, in a colour of the theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.icons import paint_icon
from gui.theme import colors


class IconLabel(QWidget):
    """Draws an icon; `color` names a field of `Colors`."""

    def __init__(
        self, name: str, color: str = "muted", side: int = 20, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._color = name, color
        self.setFixedSize(side, side)

    def show_icon(self, name: str, color: str) -> None:
        """Show another icon."""
        self._name, self._color = name, color
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw it in the colours of the moment."""
        paint_icon(QPainter(self), self._name, getattr(colors(), self._color), QRectF(self.rect()))
