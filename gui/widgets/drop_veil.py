"""Lies over a page while files are dragged over it: says what a drop does."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.icons import paint_icon
from gui.theme import Radius, Space, colors, font

_ICON = 48
_VEIL = 245
"""Opacity, of 255."""


class DropVeil(QWidget):
    """Hidden but for the time of a drag."""

    def __init__(self, page: QWidget, icon: str, words: str) -> None:
        super().__init__(page)
        self._page, self._icon, self._words = page, icon, words
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_over(self) -> None:
        """Cover the page."""
        self.setGeometry(self._page.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw a frame, an icon and the words."""
        now, painter = colors(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(now.accent_soft)
        ground.setAlpha(_VEIL)
        painter.fillRect(self.rect(), ground)
        painter.setPen(QPen(QColor(now.accent), 2, Qt.PenStyle.DashLine))
        frame = QRectF(self.rect()).adjusted(Space.L, Space.L, -Space.L, -Space.L)
        painter.drawRoundedRect(frame, Radius.L, Radius.L)
        square = QRectF(0, 0, _ICON, _ICON)
        square.moveCenter(frame.center())
        paint_icon(painter, self._icon, now.accent, square.translated(0, -_ICON / 2))
        painter.setFont(font("title", bold=True))
        painter.setPen(QColor(now.text))
        below = frame.adjusted(0, frame.height() / 2 + Space.L, 0, 0)
        top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(below, top, self._words)
