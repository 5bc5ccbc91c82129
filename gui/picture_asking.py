"""Asking with a picture on the search page: it is dropped there, pasted, chosen, or a result."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from engine.errors import EngineError
from engine.records import SearchResult
from gui.file_browser import is_file_path
from gui.picture_intake import PictureIntake
from gui.picture_query import PictureQuery, holds_picture
from gui.widgets.drop_veil import DropVeil
from gui.widgets.notice import Notice
from gui.widgets.query_bar import QueryBar
from gui.wording import file_name


class PictureAsking(QObject):
    """Puts pictures into a query bar, and says why it does not."""

    said = Signal(str)
    """A short sentence for the status bar."""

    def __init__(self, bar: QueryBar, page: QWidget) -> None:
        """Take what is dropped on `page`, but for what is the window's: files to be added."""
        super().__init__(page)
        self._bar = bar
        self._page = page
        self._last: PictureQuery | None = None
        self._returns_to: int | None = None
        self.takes_drops = False
        """Where the library is empty, pictures are dropped to be added."""
        self.notice = Notice()
        self.intake = PictureIntake(bar.field, page)
        self.intake.taken.connect(self.ask_with)
        self.intake.refused.connect(self._refuse)
        self.intake.said.connect(self.said)
        self.veil = DropVeil(page, "file-image", "Find pictures that look like this one")
        bar.choice_asked.connect(self.choose)
        bar.picture_changed.connect(self._follow)
        page.setAcceptDrops(True)
        page.installEventFilter(self)

    def choose(self) -> None:
        """Let the user choose a picture file."""
        if self._bar.choose.isEnabled():
            self.intake.choose()
        else:
            self.said.emit(self._bar.choose.toolTip())

    def ask_with(self, picture: PictureQuery) -> None:
        """Search with a picture, and with the words that are there."""
        if self._bar.choose.isEnabled():
            self._returns_to = None
            self._bar.ask_with(picture)
            return
        self._refuse(
            EngineError(
                "There are no pictures in the library",
                "A picture is compared with the pictures of your library.",
                "Add a folder with pictures first.",
            )
        )

    def ask_for_more_like(self, result: SearchResult | None) -> None:
        """Search with a result; the words are put aside until its picture is taken away."""
        if result is None or result.picture is None:
            self.said.emit("Only pictures can be asked for by their look")
            return
        if self._returns_to is None:
            self._returns_to = result.document_id
        name = file_name(result.document) if is_file_path(result.document) else result.title
        picture = PictureQuery(name or "a picture", document_id=result.document_id)
        self._bar.ask_with(picture, alone=True)

    def take_return(self) -> int | None:
        """The document that led away from the words' results, once these are back."""
        returns_to, self._returns_to = self._returns_to, None
        return returns_to

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear what is dragged over the page."""
        match event.type():
            case QEvent.Type.DragEnter if isinstance(event, QDragEnterEvent):
                if self.takes_drops and holds_picture(event.mimeData()):
                    event.acceptProposedAction()
                    self.veil.show_over()
                    return True
            case QEvent.Type.DragLeave:
                self.veil.hide()
            case QEvent.Type.Drop if isinstance(event, QDropEvent):
                self.veil.hide()
                event.acceptProposedAction()
                self.intake.take(event.mimeData())
                return True
        return super().eventFilter(watched, event)

    def _follow(self) -> None:
        """Another picture is asked with, or none: the one before is no longer needed."""
        if self._last != self._bar.picture:
            self.intake.forget(self._last)
        self._last = self._bar.picture
        self.notice.hide()

    def _refuse(self, error: EngineError) -> None:
        """Say why what was given is no picture to search with."""
        words = " ".join(part for part in (error.message, error.hint) if part)
        self.notice.say("warning", error.title, words)
