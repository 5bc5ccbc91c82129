"""Takes in pictures to search with: dropped, pasted or chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QTemporaryDir, Signal
from PySide6.QtGui import QDragEnterEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from engine.errors import InvalidInput
from gui.picture_query import (
    PICTURE_TYPES,
    PictureQuery,
    holds_picture,
    is_picture_file,
    local_files,
    picture_file,
    picture_without_file,
)

_FAST = 100
"""Qt's quality of a PNG that is written quickly and not made small."""


class PictureIntake(QObject):
    """Watches a query field; keeps pictures without a file in a folder that goes with it."""

    taken = Signal(object)
    """A `PictureQuery`."""
    refused = Signal(object)
    """An EngineError: why what was given is no picture to search with."""
    said = Signal(str)
    """A short sentence for the status bar."""

    def __init__(self, field: QLineEdit, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder: QTemporaryDir | None = None
        self._n_kept = 0
        field.installEventFilter(self)

    def take(self, mime: QMimeData, what: str = "Dropped picture") -> None:
        """Search with the picture of a drop; `what` it is called where it has no file."""
        files = local_files(mime)
        if files:
            first = next((path for path in files if is_picture_file(path)), files[0])
            self._try(lambda: picture_file(first))
            if len(files) > 1:
                self.said.emit(f"Searching with the first of {len(files)} files")
        else:
            self._try(lambda: self._kept(mime, what))

    def choose(self) -> None:
        """Let the user choose a file."""
        dialog = QFileDialog(self._window, "Search with a picture")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        endings = " ".join(f"*.{ending}" for ending in PICTURE_TYPES)
        dialog.setNameFilters([f"Pictures ({endings})", "All files (*)"])
        dialog.fileSelected.connect(lambda path: self._try(lambda: picture_file(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def forget(self, picture: PictureQuery | None) -> None:
        """Delete the file of a picture that came without one."""
        if picture is None or self._folder is None:
            return
        if Path(picture.path).parent == Path(self._folder.path()):
            Path(picture.path).unlink(missing_ok=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Paste pictures as pictures; leave the dropping of files to what is around the field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.matches(QKeySequence.StandardKey.Paste):
                return self._paste(QGuiApplication.clipboard().mimeData())
        elif isinstance(event, QDragEnterEvent) and event.type() == QEvent.Type.DragEnter:
            mime = event.mimeData()
            if mime.hasUrls() or mime.hasImage():
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def _paste(self, mime: QMimeData) -> bool:
        """Whether the clipboard holds a picture; text beside one (a table's cells) is text."""
        files = local_files(mime)
        is_text = not files and mime.hasFormat("text/plain") and bool(mime.text().strip())
        if is_text or not holds_picture(mime):
            return False
        self.take(mime, "Pasted picture")
        return True

    def _kept(self, mime: QMimeData, what: str) -> PictureQuery:
        """A picture without a file, written to one; raises InvalidInput."""
        image = picture_without_file(mime)
        self._folder = self._folder or QTemporaryDir()
        self._n_kept += 1
        path = Path(self._folder.path()) / f"picture-{self._n_kept}.png"
        if not image.save(str(path), "PNG", _FAST):  # type: ignore[call-overload]
            raise InvalidInput(
                "The picture cannot be kept",
                f"It could not be written to {path.parent}.",
                "Make room there, or save the picture yourself and drop the file.",
            )
        return PictureQuery(what, str(path))

    def _try(self, make: Callable[[], PictureQuery]) -> None:
        try:
            picture = make()
        except InvalidInput as error:
            self.refused.emit(error)
        else:
            self.taken.emit(picture)
