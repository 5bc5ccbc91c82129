"""Draws one picture of a grid: its thumbnail, its title, and what the user gave it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.records import SearchResult
from gui.icons import icon_of_file, paint_icon
from gui.theme import Radius, Space, colors, font
from gui.thumbnails import Thumbnails
from gui.widgets.picture_model import DOCUMENT_ID, RESULT, title

_Index = QModelIndex | QPersistentModelIndex
_BADGE = 22
_EDGE = 6
"""Between a cell's edge and what is in it."""
_HINTS = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform


class PictureDelegate(QStyledItemDelegate):
    """A square with the picture fitted into it, and a line below."""

    def __init__(self, view: QWidget, thumbnails: Thumbnails, side: int) -> None:
        super().__init__(view)
        self._view = view
        self._thumbnails = thumbnails
        self.side = side
        """Of the square, in pixels that do not depend on the screen's density."""
        self.prepare()

    def cell(self) -> QSize:
        """The least room that a picture takes."""
        line = QFontMetrics(font("small")).height()
        return QSize(self.side + 2 * _EDGE, self.side + line + Space.XS + 2 * _EDGE)

    def device_side(self) -> int:
        """Of the square, in the screen's own pixels."""
        return round(self.side * self._view.devicePixelRatioF())

    def sizeHint(self, _: QStyleOptionViewItem, __: _Index) -> QSize:
        """The same for all."""
        return self.cell()

    def prepare(self) -> None:
        """Take over the colours and fonts of the moment, before pictures are painted."""
        self._now, self._small, self._bold = colors(), font("small"), font("small", bold=True)
        self._metrics = QFontMetrics(self._small)
        self._sunken = QColor(self._now.sunken)
        self._text = QColor(self._now.text)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw it; whoever paints many calls `prepare` once before."""
        result, rect = index.data(RESULT), option.rect
        square = QRect(0, rect.top() + _EDGE, self.side, self.side)
        square.moveLeft(rect.left() + (rect.width() - self.side) // 2)
        painter.setRenderHints(_HINTS)
        self._paint_ground(painter, rect, option.state)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._sunken)
        painter.drawRoundedRect(square, Radius.M, Radius.M)
        self._paint_picture(painter, square, index.data(DOCUMENT_ID), result)
        if result is None:
            return
        self._paint_badges(painter, square, result)
        line = QRect(square.left(), square.bottom() + Space.XS, square.width(), 0)
        line.setBottom(rect.bottom() - _EDGE + 2)
        painter.setFont(self._small)
        painter.setPen(self._text)
        shown = self._metrics.elidedText(title(result), Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        if state == QStyle.StateFlag.State_Enabled:
            return
        now = self._now
        ground = QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(now.accent_soft))
            painter.drawRoundedRect(ground, Radius.M, Radius.M)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(now.hover))
            painter.drawRoundedRect(ground, Radius.M, Radius.M)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, Radius.M, Radius.M)

    def _paint_picture(
        self,
        painter: QPainter,
        square: QRect,
        document_id: int,
        result: SearchResult | None,
    ) -> None:
        density = self._view.devicePixelRatioF()
        side = self.device_side()
        found = self._thumbnails.pixmap(document_id, side)
        if found is not None:
            place = _fitted(square, found, _longest(result, side), density)
            painter.drawPixmap(place, found, QRectF(found.rect()))
        elif self._thumbnails.has_none(document_id):
            name = icon_of_file(result.document) if result is not None else "file-image"
            place = QRectF(0, 0, self.side / 3, self.side / 3)
            place.moveCenter(QRectF(square).center())
            paint_icon(painter, name, self._now.faint, place)

    def _paint_badges(self, painter: QPainter, square: QRect, result: SearchResult) -> None:
        """Draw grade and thumb at the top, and a mark at the bottom where there are words of it."""
        now = self._now
        left, right = square.left() + Space.XS, square.right() - Space.XS - _BADGE
        top, bottom = square.top() + Space.XS, square.bottom() - Space.XS - _BADGE
        if result.grade is not None:
            place = _paint_disc(painter, left, top, now.accent)
            painter.setFont(self._bold)
            painter.setPen(QColor(now.on_accent))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(result.grade))
        if result.thumb is not None:
            up = result.thumb > 0
            place = _paint_disc(painter, right, top, now.good_soft if up else now.danger_soft)
            name, color = ("thumb-up", now.good) if up else ("thumb-down", now.danger)
            paint_icon(painter, name, color, place.adjusted(4, 4, -4, -4))
        picture = result.picture
        if picture is not None and (picture.caption or picture.tags):
            place = _paint_disc(painter, right, bottom, now.surface)
            name = "caption" if picture.caption else "tag"
            paint_icon(painter, name, now.muted, place.adjusted(4, 4, -4, -4))


def _longest(result: SearchResult | None, side: int) -> int:
    """Device pixels of the longer side as it is to be drawn: nothing is made larger than it is."""
    picture = result.picture if result is not None else None
    return side if picture is None else min(side, max(picture.width, picture.height))


def _fitted(square: QRect, found: QPixmap, longest: int, density: float) -> QRectF:
    """Where a thumbnail is drawn: in the middle, pixel on pixel where it has the right size."""
    scale = longest / max(found.width(), found.height(), 1) / density
    width, height = found.width() * scale, found.height() * scale
    left = square.left() + (square.width() - width) / 2
    top = square.top() + (square.height() - height) / 2
    return QRectF(round(left * density) / density, round(top * density) / density, width, height)


def _paint_disc(painter: QPainter, left: int, top: int, color: str) -> QRectF:
    place = QRectF(left, top, _BADGE, _BADGE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(place)
    return place
