"""Looking through pictures: which ones a grid shows, and what is done with those chosen in it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QObject, QSettings, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QImage

from engine.errors import EngineError
from engine.records import PageImage, SearchResult
from engine.requests import ListPictures, RenderPage
from gui.background import Engine, Pending
from gui.file_browser import file_on_disk, is_file_path
from gui.widgets.filter_row import Filters
from gui.widgets.picture_browser import PictureBrowser

IN_GRID = 200
"""Results of a search that a grid asks for: it shows more at once than a list."""
_COPIED_WIDTH = 2400
"""Pixels at most of a picture on the clipboard."""


class Browsing(QObject):
    """Fills a PictureBrowser with the library's pictures, and copies from it."""

    said = Signal(str)
    """A short sentence for the status bar."""
    listed = Signal()
    """The pictures of the library are shown."""
    failed = Signal(object)
    """They could not be listed: an EngineError."""

    def __init__(self, engine: Engine, browser: PictureBrowser, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._browser = browser
        self._pending: Pending | None = None
        browser.copy_asked.connect(self.copy_picture)
        browser.copy_path_asked.connect(self.copy_path)

    def browse(self, filters: Filters, n_filters: int, n_unseen: int) -> None:
        """Show the library's pictures, those taken last first."""

        def show(ids: tuple[int, ...]) -> None:
            self._browser.show_library(ids, n_filters=n_filters, n_unseen=n_unseen)
            self.listed.emit()

        self.stop()
        request = ListPictures(
            query=filters.conditions,
            under=filters.under,
            types=filters.types,
            modified_after=filters.modified_after,
            modified_before=filters.modified_before,
        )
        self._pending = self._engine.ask(request, show, self.failed.emit, owner=self)

    def stop(self) -> None:
        """What was asked for is no longer wanted."""
        if self._pending is not None:
            self._pending.cancel()

    def copy_path(self) -> None:
        """Copy where the current picture lies."""
        result = self._browser.grid.current
        if result is not None and is_file_path(result.document):
            QGuiApplication.clipboard().setText(file_on_disk(result.document))
            self.said.emit("Path copied")

    def copy_picture(self) -> None:
        """Copy the current picture: its pixels for programs, its file for folders."""
        result = self._browser.grid.current
        if result is None:
            return
        picture = result.picture
        width = min(_COPIED_WIDTH, picture.width) if picture is not None else _COPIED_WIDTH

        def copy(image: PageImage) -> None:
            self._copy(result, image)

        def say_why_not(error: EngineError) -> None:
            self.said.emit(f"{error.title}: {error.message}")

        self._engine.ask(RenderPage(result.document_id, 1, width), copy, say_why_not, owner=self)

    def remember(self, memory: QSettings) -> None:
        """Keep how large pictures are shown."""
        memory.setValue("pictures/size", self._browser.grid.zoom)

    def recall(self, memory: QSettings) -> None:
        """Show pictures as large as they were."""
        size = memory.value("pictures/size")
        if size is not None and str(size).isdigit():
            self._browser.grid.zoom = int(str(size))

    def _copy(self, result: SearchResult, image: PageImage) -> None:
        data = QMimeData()
        data.setImageData(QImage.fromData(image.png))
        if is_file_path(result.document) and file_on_disk(result.document) == result.document:
            data.setUrls([QUrl.fromLocalFile(result.document)])
        QGuiApplication.clipboard().setMimeData(data)
        self.said.emit("Picture copied")
