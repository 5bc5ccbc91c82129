"""The passages of a document that fit a query best, one of them chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.records import Passage
from gui.icons import paint_icon
from gui.snippet import Snippet, snippet
from gui.theme import Radius, Space, colors, font
from gui.widgets.result_delegate import passage_layout

N_SHOWN = 3
_LINES = 2
_CHARACTERS = 260
_MARGIN = Space.S
_GUTTER = 24


class JudgingPassages(QWidget):
    """Two lines of each passage with the query's words marked; a click chooses one."""

    chosen = Signal(int)
    """The number of a passage, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._passages: tuple[Passage, ...] = ()
        self._current = 0
        self._decided: tuple[int, int] | None = None
        self._layouts: list[QTextLayout] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The passages that fit best")
        self.setToolTip("Up and Down choose a passage, M marks it as what decided")

    @property
    def shown(self) -> tuple[Passage, ...]:
        """What is listed."""
        return self._passages

    def show_passages(self, passages: tuple[Passage, ...]) -> None:
        """List the best passages, the first of them chosen."""
        self._passages, self._current = passages[:N_SHOWN], 0
        self._lay_out()

    def choose(self, number: int, decided: tuple[int, int] | None) -> None:
        """Show which passage is chosen, and which span decided the judgment."""
        self._current, self._decided = number, decided
        self.update()

    def sizeHint(self) -> QSize:
        """As high as the passages are."""
        return QSize(200, sum(self._heights()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Mark in the colours of the moment."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked."""
        y = 0
        for number, height in enumerate(self._heights()):
            if y <= event.position().y() < y + height:
                self.chosen.emit(number)
            y += height

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw them one below the other."""
        painter, now = QPainter(self), colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = 0
        for number, (layout, height) in enumerate(zip(self._layouts, self._heights(), strict=True)):
            if number == self._current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(now.accent_soft))
                box = QRectF(0, y, self.width(), height - 2)
                painter.drawRoundedRect(box, Radius.M, Radius.M)
            passage = self._passages[number]
            gutter = QRect(_MARGIN, y + _MARGIN // 2, _GUTTER, self.fontMetrics().height())
            if self._decided == (passage.start, passage.end):
                paint_icon(painter, "check", now.good, QRectF(gutter.x(), gutter.y() + 1, 16, 16))
            else:
                painter.setPen(QColor(now.accent if number == self._current else now.muted))
                painter.drawText(gutter, Qt.AlignmentFlag.AlignLeft, str(number + 1))
            painter.setPen(QColor(now.text))
            layout.draw(painter, QPointF(_MARGIN + _GUTTER, y + _MARGIN / 2))
            y += height

    def _heights(self) -> list[int]:
        return [round(layout.boundingRect().height()) + _MARGIN + 2 for layout in self._layouts]

    def _lay_out(self) -> None:
        style, now = font(), colors()
        width = max(40, self.width() - 2 * _MARGIN - _GUTTER)
        self._layouts = [
            passage_layout(_line(passage), style, width, _LINES, now)
            for passage in getattr(self, "_passages", ())
        ]
        self.setFixedHeight(sum(self._heights()))
        self.update()


def _line(passage: Passage) -> Snippet:
    shown = snippet(passage, _CHARACTERS)
    if not passage.place:
        return shown
    before = f"{passage.place}:  "
    moved = tuple((start + len(before), end + len(before)) for start, end in shown.highlights)
    return Snippet(before + shown.text, moved)
