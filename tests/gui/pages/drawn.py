"""Pages as an engine would draw them."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from engine.records import PageImage
from engine.requests import RenderPage

N_PAGES = 3
MARK = (0.1, 0.6, 0.5, 0.62)


def draw(request: RenderPage) -> PageImage:
    """A white page of the width that is asked for, with the marked texts at one place."""
    width, height = request.width, round(request.width * 1.4)
    sheet = QImage(width, height, QImage.Format.Format_RGB32)
    sheet.fill("white")
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    sheet.save(buffer, "PNG")  # type: ignore[call-overload]
    texts = tuple(range(len(request.marked)))
    return PageImage(bytes(data.data()), width, height, (MARK,) * len(texts), texts, N_PAGES)
