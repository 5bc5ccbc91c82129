"""What the user says of a picture: a caption and tags, written where the picture is seen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from engine.records import Document, Facets, SearchResult
from gui.theme import Space, set_role
from gui.widgets.describe_tags import DescribeTags
from gui.widgets.elided_label import ElidedLabel

_LONGEST = 1000
"""Characters of a caption."""


class DescribePanel(QWidget):
    """A caption is saved with Enter or when the field is left, a tag at once; Escape reverts.

    Ctrl+Enter saves and asks for the next picture, so that many are captioned in a row.
    """

    caption_given = Signal(int, str)
    """A document's id, and its caption; empty takes it away."""
    tag_added = Signal(int, str)
    tag_removed = Signal(int, str)
    next_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id: int | None = None
        self._saved = ""
        self._file_tags: tuple[str, ...] = ()
        self.caption = QLineEdit()
        self.caption.setPlaceholderText("Describe what is to be found…")
        self.caption.setAccessibleName("Caption")
        self.caption.setToolTip(
            "A caption, found at once by its words. Enter saves, Ctrl+Enter saves and goes to the"
            " next picture, Esc reverts."
        )
        self.caption.setMaxLength(_LONGEST)
        self.caption.installEventFilter(self)
        self.caption.editingFinished.connect(self.save)
        self.tags = DescribeTags()
        self.tags.added.connect(self._add)
        self.tags.removed.connect(self._remove)
        self._of_file = ElidedLabel()
        set_role(self._of_file, "small")
        self._of_file.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, Space.XS)
        column.setSpacing(Space.XS)
        for part in (self.caption, self._of_file, self.tags):
            column.addWidget(part)

    @property
    def of_file(self) -> str:
        """What is told of the file's own caption; empty where it has none."""
        return "" if self._of_file.isHidden() else self._of_file.text()

    def show_result(self, result: SearchResult | None) -> None:
        """Show what is said of a picture; hidden for what is none. What is being typed stays."""
        picture = result.picture if result is not None else None
        self.setVisible(picture is not None)
        if result is None or picture is None:
            self.save()
            self._id = None
            return
        is_other = result.document_id != self._id
        if is_other:
            self.save()
            self._id = result.document_id
            self.tags.field.clear()
            self._of_file.hide()
            self._file_tags = ()
        if is_other or (self.caption.text() == self._saved and picture.caption != self._saved):
            self._show_caption(picture.caption)
        self._saved = picture.caption
        self.tags.show_tags(picture.tags, self._file_tags)

    def show_document(self, document: Document) -> None:
        """Show what the file itself says."""
        if document.id != self._id:
            return
        caption = document.details.get("Caption", "")
        self._of_file.setVisible(bool(caption))
        self._of_file.setText(f"From the file: {caption}")
        words = document.details.get("Keywords", "").split(";")
        self._file_tags = tuple(word.strip() for word in words if word.strip())
        self.tags.show_tags(self.tags.tags, self._file_tags)

    def show_facets(self, facets: Facets) -> None:
        """Complete tags to those that there are."""
        self.tags.offer(facets.tags)

    def begin(self) -> None:
        """Write a caption."""
        if not self.isHidden():
            self.caption.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.caption.selectAll()

    def save(self) -> None:
        """Give the picture the caption that is typed, if it is another one than it has."""
        typed = " ".join(self.caption.text().split())
        if self._id is not None and typed != self._saved:
            self._saved = typed
            self._show_caption(typed)
            self.caption_given.emit(self._id, typed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape reverts, Ctrl+Enter goes on; undo is the page's once nothing is being typed."""
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            undoes = event.matches(QKeySequence.StandardKey.Undo)
            if undoes and not self.caption.isUndoAvailable():
                event.ignore()
                return True
        elif event.type() == QEvent.Type.KeyPress:
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.save()
                self.next_asked.emit()
                self.begin()
                return True
            if event.key() == Qt.Key.Key_Escape and self.caption.text() != self._saved:
                self._show_caption(self._saved)
                return True
        return super().eventFilter(watched, event)

    def _show_caption(self, words: str) -> None:
        self.caption.setText(words)  # which also forgets what could be undone in the field
        if not self.caption.hasFocus():
            self.caption.setCursorPosition(0)

    def _add(self, tag: str) -> None:
        if self._id is not None:
            self.tag_added.emit(self._id, tag)

    def _remove(self, tag: str) -> None:
        if self._id is not None:
            self.tag_removed.emit(self._id, tag)
