"""A row of pictures in an order: the one that fits best comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import Radius, Space, colors
from gui.thumbnails import Thumbnails

_LARGEST = 104
"""Side of a picture in logical pixels, where there is room."""
_SMALLEST = 48


class PictureStrip(QWidget):
    """Square cuttings from the middle of pictures, as large as the width allows."""

    def __init__(self, thumbnails: Thumbnails, places: int, parent: QWidget | None = None) -> None:
        """Room for `places` pictures."""
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._places = places
        self._order: tuple[int, ...] = ()
        self._names: Mapping[int, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        thumbnails.arrived.connect(lambda _: self.update())

    @property
    def order(self) -> tuple[int, ...]:
        """The documents, as they stand from left to right."""
        return self._order

    def show_order(self, document_ids: Sequence[int]) -> None:
        """Show these pictures, in this order."""
        self._order = tuple(document_ids)
        self._describe()

    def name(self, names: Mapping[int, str]) -> None:
        """What the pictures are called, by document."""
        self._names = names
        self._describe()

    def sizeHint(self) -> QSize:
        """As high as its pictures are wide."""
        return QSize(self._places * (_LARGEST + Space.S), self._side())

    def minimumSizeHint(self) -> QSize:
        """At least so wide that the pictures can be told apart."""
        return QSize(self._places * (_SMALLEST + Space.S), _SMALLEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the pictures are wide now."""
        super().resizeEvent(event)
        self.setFixedHeight(self._side())

    def event(self, event: QEvent) -> bool:
        """Tell the name of the picture under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = event.pos().x() // (self._side() + Space.S)
            document = self._order[place] if 0 <= place < len(self._order) else None
            QToolTip.showText(event.globalPos(), self._names.get(document or 0, ""), self)
            return True
        return super().event(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the pictures that are there, and a ground for those that are on their way."""
        painter, side = QPainter(self), self._side()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        # What is cut off at the longer side has to be drawn as well: hence twice the side.
        wanted = round(2 * side * self.devicePixelRatioF())
        for place, document in enumerate(self._order):
            square = QRectF(place * (side + Space.S), 0, side, side)
            path = QPainterPath()
            path.addRoundedRect(square, Radius.M, Radius.M)
            painter.fillPath(path, QColor(colors().sunken))
            pixmap = self._thumbnails.pixmap(document, wanted)
            if pixmap is not None:
                painter.save()
                painter.setClipPath(path)
                painter.drawPixmap(square, pixmap, _middle(pixmap))
                painter.restore()

    def _side(self) -> int:
        room = self.width() - (self._places - 1) * Space.S
        return max(_SMALLEST, min(_LARGEST, room // self._places))

    def _describe(self) -> None:
        named = (self._names.get(document, "a picture") for document in self._order)
        places = (f"{place} {name}" for place, name in enumerate(named, start=1))
        self.setAccessibleDescription("; ".join(places))
        self.update()


def _middle(pixmap: QPixmap) -> QRectF:
    """The largest square in the middle of a picture."""
    side = min(pixmap.width(), pixmap.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(QRectF(pixmap.rect()).center())
    return square
