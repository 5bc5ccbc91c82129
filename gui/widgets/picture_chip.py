"""The picture that is searched with, left of the query field: small, named, to be taken away."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from gui.icons import icon
from gui.picture_query import PictureQuery
from gui.theme import Space, set_role
from gui.thumbnails import Thumbnails

_SIDE = 30
_LONGEST_NAME = 170
"""Pixels."""
_MOST_PIXELS = 120_000_000
"""Of a file that is made small here; a larger one is shown as an icon."""


class PictureChip(QFrame):
    """Shows a PictureQuery; hidden while there is none."""

    unwanted = Signal()
    """Its × was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "picture-chip")
        self._picture: PictureQuery | None = None
        self._thumbnails: Thumbnails | None = None
        self._drawing = _Drawing()
        self._drawing.drawn.connect(self._show_drawn, Qt.ConnectionType.QueuedConnection)
        self._image = QLabel()
        self._image.setFixedSize(_SIDE, _SIDE)
        self._image.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("cancel"))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip("Search without this picture (Backspace in the empty field)")
        self.close_button.setAccessibleName("Search without this picture")
        self.close_button.clicked.connect(self.unwanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.XS, 2, 2, 2)
        row.setSpacing(Space.XS)
        for part in (self._image, self._name, self.close_button):
            row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.hide()

    def use(self, thumbnails: Thumbnails) -> None:
        """Where pictures of the library are drawn from."""
        self._thumbnails = thumbnails
        thumbnails.arrived.connect(self._take_arrived)

    @property
    def picture(self) -> PictureQuery | None:
        """What is shown."""
        return self._picture

    def show_picture(self, picture: PictureQuery | None) -> None:
        """Show a picture, or none."""
        self._picture = picture
        self.setVisible(picture is not None)
        if picture is None:
            return
        shown = self.fontMetrics().elidedText(
            picture.name, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME
        )
        self._name.setText(shown)
        self.setToolTip(f"Pictures that look like {picture.path or picture.name}")
        self.setAccessibleName(f"Searching with the picture {picture.name}")
        self._image.setPixmap(icon("file-image").pixmap(QSize(20, 20), self.devicePixelRatioF()))
        if picture.document_id is not None:
            self._take_arrived(frozenset((picture.document_id,)))
        else:
            self._drawing.begin(picture, self._side)

    @property
    def _side(self) -> int:
        return round(_SIDE * self.devicePixelRatioF())

    def _take_arrived(self, document_ids: frozenset[int]) -> None:
        picture = self._picture
        if picture is None or picture.document_id not in document_ids or self._thumbnails is None:
            return
        if (found := self._thumbnails.pixmap(picture.document_id, self._side)) is not None:
            self._show(found)

    def _show_drawn(self, picture: PictureQuery, image: QImage) -> None:
        if picture == self._picture and not image.isNull():
            self._show(QPixmap.fromImage(image))

    def _show(self, pixmap: QPixmap) -> None:
        fitted = pixmap.scaled(
            self._side,
            self._side,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitted.setDevicePixelRatio(self.devicePixelRatioF())
        self._image.setPixmap(fitted)


class _Drawing(QObject):
    """Makes a picture file small, on a thread of Qt's."""

    drawn = Signal(object, QImage)

    def begin(self, picture: PictureQuery, side: int) -> None:
        QThreadPool.globalInstance().start(lambda: self._draw(picture, side))

    def _draw(self, picture: PictureQuery, side: int) -> None:
        reader = QImageReader(picture.path)
        reader.setDecideFormatFromContent(True)
        reader.setAutoTransform(True)
        size = reader.size()
        if not size.isValid() or size.width() * size.height() > _MOST_PIXELS:
            return
        reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio))
        self.drawn.emit(picture, reader.read())
