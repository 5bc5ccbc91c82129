"""A page as it looks, with what was found marked on it; turned over, scrolled and zoomed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QRegion,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from engine.records import PageImage
from gui.theme import LIGHT, Space, colors, font, set_role

ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
"""Shares of the width that there is."""
_MARGIN = Space.M
_RESIZED_MS = 150
_PASSAGE = "#cfe6f7"
_WORD = "#ffdd80"
"""Marks are multiplied into the page, which is white in the dark as well."""
_ON_PICTURES = 70
"""Opacity of marks on a picture, of 255."""
_PAGE_SHAPE = 1.414
"""Height to width of the sheet that stands in for a page until it comes."""

_LONG = 3.0
"""Height to width of a picture that is scrolled through, such as a screenshot of a whole page."""


class PageView(QScrollArea):
    """Shows a PageImage; says which width it needs, and when the user wants another page."""

    width_changed = Signal()
    """The page is to be drawn at another width."""
    turned = Signal(int)
    """1 for the next page, -1 for the previous."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("The page")
        # Always there, so that the page's width does not depend on its height.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._zoom = ZOOMS.index(1.0)
        self._to_bottom = False
        self._sheet = _Sheet()
        self.setWidget(self._sheet)
        self._sheet.setAutoFillBackground(False)
        self._resized = QTimer(self, interval=_RESIZED_MS, singleShot=True)
        self._resized.timeout.connect(self.width_changed)

    @property
    def image(self) -> PageImage | None:
        """What is shown."""
        return self._sheet.image

    @property
    def sheet_size(self) -> QSize:
        """Of the page with the margin around it."""
        return self._sheet.size()

    @property
    def zoom(self) -> float:
        """The page's width as a share of the room for it."""
        return ZOOMS[self._zoom]

    @property
    def wanted_width(self) -> int:
        """Pixels of the screen that the page's width has, in which it is crisp."""
        return max(1, round(self._room() * self.zoom * self.devicePixelRatioF()))

    def zoom_by(self, steps: int) -> None:
        """Show the page larger or smaller; 0 fits it into the width."""
        zoom = ZOOMS.index(1.0) if not steps else self._zoom + steps
        zoom = min(max(zoom, 0), len(ZOOMS) - 1)
        if zoom != self._zoom:
            self._zoom = zoom
            self._fit()
            self.width_changed.emit()

    def show_image(self, image: PageImage, *, is_picture: bool, to_marks: bool) -> None:
        """Show a page; `to_marks` scrolls to what is marked, else it stays where it is."""
        self._sheet.show_image(image, is_picture)
        self._fit()
        if to_marks:
            self._scroll_to_marks()
        elif self._to_bottom:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._to_bottom = False

    def wait(self, words: str) -> None:
        """Show an empty sheet until a page comes."""
        self._sheet.wait(words)
        self._fit()
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: object) -> None:
        """Fit the page at once, and have it drawn anew when the size has settled."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()
        self._resized.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on to the next page at the end of one."""
        bar = self.verticalScrollBar()
        match event.key():
            case Qt.Key.Key_PageDown | Qt.Key.Key_Space if bar.value() >= bar.maximum():
                self.turned.emit(1)
            case Qt.Key.Key_PageUp if bar.value() <= bar.minimum():
                self._to_bottom = True
                self.turned.emit(-1)
            case Qt.Key.Key_Space:
                bar.setValue(bar.value() + bar.pageStep())
            case Qt.Key.Key_Home:
                bar.setValue(bar.minimum())
            case Qt.Key.Key_End:
                bar.setValue(bar.maximum())
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl the wheel zooms."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A screen of another density wants the page drawn anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resized.start()

    def _room(self) -> int:
        return max(80, self.viewport().width() - 2 * _MARGIN)

    def _fit(self) -> None:
        """Give the sheet its size: as wide as asked; a small picture no larger than it is.

        A picture is seen whole, but where text on it is to be read, or it is a long strip.
        """
        width = self._room() * self.zoom
        image = self._sheet.image
        shape = _PAGE_SHAPE
        if image is not None:
            shape = image.height / image.width
            natural = image.width / self.devicePixelRatioF()
            if self._sheet.is_picture:
                width = min(width, natural * max(self.zoom, 1.0))
                if not image.marks and shape <= _LONG:
                    room = max(80, self.viewport().height() - 2 * _MARGIN)
                    width = min(width, room / shape * self.zoom)
        self._sheet.resize(round(width) + 2 * _MARGIN, round(width * shape) + 2 * _MARGIN)

    def _scroll_to_marks(self) -> None:
        top = self._sheet.first_mark()
        at = 0 if top is None else round(top.y() - self.viewport().height() / 4)
        self.verticalScrollBar().setValue(max(0, at))
        if top is not None:
            self.ensureVisible(round(top.x()), round(top.y()), Space.XL, Space.S)


class _Sheet(QWidget):
    """The page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.image: PageImage | None = None
        self.is_picture = False
        self._pixmap = QPixmap()
        self._words = ""

    def show_image(self, image: PageImage, is_picture: bool) -> None:
        self.image, self.is_picture = image, is_picture
        self._pixmap = QPixmap()
        self._pixmap.loadFromData(image.png)
        self.update()

    def wait(self, words: str) -> None:
        self.image, self.is_picture, self._words = None, False, words
        self.update()

    def first_mark(self) -> QPoint | None:
        """Where to scroll to: the beginning of the passage, else of the first word."""
        if self.image is None or not self.image.marks:
            return None
        texts = self.image.texts or (0,) * len(self.image.marks)
        number = min(range(len(texts)), key=lambda n: (texts[n] > 0, n))
        return self._box(self.image.marks[number]).topLeft().toPoint()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        page = self._page()
        if self.image is None:
            painter.fillRect(page, QColor(colors().surface))
            painter.setFont(font("small"))
            painter.setPen(QColor(colors().muted))
            near_top = page.adjusted(0, Space.XL, 0, 0)
            painter.drawText(near_top, Qt.AlignmentFlag.AlignHCenter, self._words)
        else:
            painter.drawPixmap(page, self._pixmap, QRectF(self._pixmap.rect()))
            self._paint_marks(painter, self.image)
        painter.setPen(QPen(QColor(colors().border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(page.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_marks(self, painter: QPainter, image: PageImage) -> None:
        """The passage softly, words strongly; on a picture, which may be dark, with edges."""
        texts = image.texts or (0,) * len(image.marks)
        passage, words = QRegion(), QRegion()
        for text, mark in zip(texts, image.marks, strict=True):
            box = self._box(mark).adjusted(-1, -1, 1, 1).toAlignedRect()
            if text:
                words += box
            else:
                passage += box
        for region, ink in ((passage - words, _PASSAGE), (words, _WORD)):
            color = QColor(ink)
            if self.is_picture:
                color.setAlpha(_ON_PICTURES)
            else:
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            painter.setClipRegion(region)
            painter.fillRect(region.boundingRect(), color)
        painter.setClipping(False)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        if self.is_picture:
            painter.setPen(QPen(QColor(LIGHT.accent), 1))
            for mark in image.marks:
                painter.drawRect(self._box(mark).adjusted(-1, -1, 1, 1))

    def _page(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)

    def _box(self, mark: tuple[float, float, float, float]) -> QRectF:
        page = self._page()
        left, top, right, bottom = mark
        return QRectF(
            page.left() + left * page.width(),
            page.top() + top * page.height(),
            (right - left) * page.width(),
            (bottom - top) * page.height(),
        )
