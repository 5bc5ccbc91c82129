"""What a result that is a picture shows besides: its thumbnail and what its file says of it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap

from engine.records import Passage, Picture, SearchResult
from gui.icons import paint_icon
from gui.theme import Colors, Radius
from gui.wording import count, date

THUMBNAIL = QSize(112, 84)
"""Logical pixels of the box that a thumbnail is fitted into."""
_PLACEHOLDER = 24
LEAST_TEXT = 12
"""Characters read from a picture that are worth a line where none of them was searched for."""


def facts(picture: Picture) -> list[str]:
    """Size, date and camera, in words; what is not known is left out."""
    parts = [f"{count(picture.width)} × {count(picture.height)}"]
    if picture.taken_at is not None:
        parts.append(f"taken {date(picture.taken_at)}")
    if picture.camera:
        parts.append(picture.camera)
    return parts


def shown_passages(result: SearchResult) -> tuple[Passage, ...]:
    """The passages of a result that are worth a line.

    All of a text's; of a picture's those that hold a searched word, else the first of some length:
    a letter or two are mostly misread from leaves and waves.
    """
    if result.picture is None:
        return result.passages
    marked = tuple(passage for passage in result.passages if passage.highlights)
    if marked:
        return marked
    return tuple(p for p in result.passages if len(p.text.strip()) >= LEAST_TEXT)[:1]


def paint_thumbnail(painter: QPainter, box: QRect, pixmap: QPixmap | None, now: Colors) -> None:
    """Draw a thumbnail as large as its box allows, or a picture's icon until it is there."""
    frame = QPainterPath()
    frame.addRoundedRect(QRectF(box), Radius.S, Radius.S)
    painter.fillPath(frame, QColor(now.sunken))
    if pixmap is None or pixmap.isNull():
        square = QRectF(0, 0, _PLACEHOLDER, _PLACEHOLDER)
        square.moveCenter(QRectF(box).center())
        paint_icon(painter, "file-image", now.faint, square)
        return
    fitted = QRectF(box)
    fitted.setSize(pixmap.size().toSizeF().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio))
    fitted.moveCenter(QRectF(box).center())
    painter.save()
    painter.setClipPath(frame)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(fitted, pixmap, QRectF(pixmap.rect()))
    painter.restore()
