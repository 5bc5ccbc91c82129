"""A picture that is judged: all of it at once, decoded off the GUI thread, the next ones ahead."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.errors import EngineError, EngineGone
from engine.records import PageImage
from engine.requests import RenderPage
from gui.background import Engine
from gui.theme import Space, colors
from gui.thumbnails import decoded

_KEPT = 8
_SIDE = 1600
"""Pixels in which pictures are asked for."""


class JudgingPicture(QWidget):
    """Draws one picture as large as there is room; remembers the last ones and the next."""

    _decoded = Signal(int, object)

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._shown: int | None = None
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self._cannot: dict[int, str] = {}
        self._asked: set[int] = set()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="judged pictures")
        self._decoded.connect(self._keep, Qt.ConnectionType.QueuedConnection)
        self.setAccessibleName("The picture")

    @property
    def image(self) -> QImage | None:
        """The picture that is shown, once it is there."""
        return None if self._shown is None else self._images.get(self._shown)

    @property
    def why_not(self) -> str:
        """Why it cannot be shown; empty where it can."""
        return "" if self._shown is None else self._cannot.get(self._shown, "")

    def show_picture(self, document_id: int) -> None:
        """Show a document's picture, now or as soon as it is there."""
        self._shown = document_id
        self._cannot.pop(document_id, None)
        self.prepare(document_id)
        self.update()

    def prepare(self, document_id: int) -> None:
        """Fetch a picture that will be shown."""
        if document_id in self._images:
            self._images.move_to_end(document_id)
        elif document_id not in self._asked and document_id not in self._cannot:
            self._asked.add(document_id)
            self._engine.ask(
                RenderPage(document_id, 1, _SIDE),
                lambda page: self._decode(document_id, page),
                lambda error: self._do_without(document_id, error),
                owner=self,
            )

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw it in the middle, or say what is the matter."""
        painter, image = QPainter(self), self.image
        if image is None or image.isNull():
            painter.setPen(QColor(colors().muted))
            words = self.why_not or "Loading the picture…"
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), words)
            return
        room = self.rect().adjusted(Space.S, Space.S, -Space.S, -Space.S)
        size = image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        if size.width() > image.width():
            size = image.size()  # a small picture is not blown up
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(QRectF(room).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, image)

    def sizeHint(self) -> QSize:
        """It takes what room there is."""
        return QSize(400, 300)

    def _decode(self, document_id: int, page: PageImage) -> None:
        self._threads.submit(lambda: self._decoded.emit(document_id, decoded(page.png, _SIDE)))

    def _keep(self, document_id: int, image: QImage) -> None:
        self._asked.discard(document_id)
        if image.isNull():
            self._cannot[document_id] = "This picture cannot be shown."
        else:
            self._images[document_id] = image
            while len(self._images) > _KEPT:
                self._images.popitem(last=False)
        if document_id == self._shown:
            self.update()

    def _do_without(self, document_id: int, error: EngineError) -> None:
        """An engine that is gone is asked again when the picture is shown again."""
        self._asked.discard(document_id)
        if not isinstance(error, EngineGone):
            self._cannot[document_id] = f"{error.title}. {error.hint}".strip()
        if document_id == self._shown:
            self.update()
