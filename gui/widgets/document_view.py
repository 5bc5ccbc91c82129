"""A document's text with one passage scrolled to and marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from engine.records import Passage
from gui.theme import colors, set_role
from gui.utf16 import units

_LONGEST = 400_000
"""Characters that are shown at once; of a longer document, the part around the passage."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What part of which document is in the view."""

    document_id: int
    start: int
    end: int


class DocumentView(QPlainTextEdit):
    """Read-only; marks the passage softly and the query's words in it strongly."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "document")
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("The document's text")
        self.setUndoRedoEnabled(False)
        self._shown: _Shown | None = None
        self._marks: list[tuple[int, int, bool]] = []

    @property
    def marked(self) -> list[str]:
        """The texts that are marked, the passage first."""
        texts = []
        for start, end, _ in self._marks:
            texts.append(self._cursor(start, end).selectedText().replace("\u2029", "\n"))
        return texts

    def show_alone(self, passage: Passage | None) -> None:
        """Show a passage without its document."""
        self._shown = None
        self.setPlainText(passage.text if passage else "")
        self._marks = []
        if passage is not None:
            self._mark(passage, passage.text, -passage.start)

    def show_text(self, text: str) -> None:
        """Show a text without marking anything."""
        self.show_alone(None)
        self.setPlainText(text)

    def forget(self) -> None:
        """Take the text anew when it is shown next, also that of the same document."""
        self._shown = None

    def show_in(
        self, document_id: int, text: str, passage: Passage, others: Sequence[Passage] = ()
    ) -> None:
        """Show a passage where it stands in its document; the words of others are marked too."""
        shown = self._shown
        whole = shown is not None and shown.document_id == document_id
        if not (whole and shown and shown.start <= passage.start and passage.end <= shown.end):
            shown = _part(document_id, text, passage)
            self.setPlainText(text[shown.start : shown.end])
            self._shown = shown
        assert shown is not None
        self._mark(passage, text[shown.start : shown.end], -shown.start)
        for other in others:
            if other != passage and shown.start <= other.start and other.end <= shown.end:
                at = units(text[shown.start : other.start])
                self._marks += _words(other, at)
        if others:
            self._draw_marks()
        self._scroll_to_passage()

    def selected_span(self, text: str) -> tuple[int, int] | None:
        """What the user has selected, as offsets into the document's text that is shown."""
        cursor = self.textCursor()
        if not cursor.hasSelection():
            return None
        before = self._cursor(0, cursor.selectionStart()).selectedText()
        start = (self._shown.start if self._shown else 0) + len(before)
        end = start + len(cursor.selectedText())
        return start, min(end, len(text))

    def changeEvent(self, event: QEvent) -> None:
        """Mark in the colours of the moment."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw_marks()

    def _mark(self, passage: Passage, text: str, shift: int) -> None:
        """`shift` leads from the document's offsets to those of `text`."""
        start, end = passage.start + shift, min(passage.end + shift, len(text))
        at = units(text[:start])
        self._marks = [(at, at + units(text[start:end]), False)]
        self._marks += _words(passage, at)
        self._draw_marks()

    def _draw_marks(self) -> None:
        now = colors()
        selections = []
        for start, end, strong in getattr(self, "_marks", []):
            selection = QTextEdit.ExtraSelection()
            look = QTextCharFormat()
            look.setBackground(QColor(now.highlight if strong else now.accent_soft))
            look.setForeground(QColor(now.on_highlight if strong else now.text))
            selection.cursor = self._cursor(start, end)
            selection.format = look
            selections.append(selection)
        self.setExtraSelections(selections)

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        last = self.document().characterCount() - 1
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _scroll_to_passage(self) -> None:
        """Put the passage's beginning near the top, with something before it in sight."""
        start = self._marks[0][0]
        end = QTextCursor(self.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        self.setTextCursor(end)
        self.setTextCursor(self._cursor(start, start))
        bar = self.verticalScrollBar()
        bar.setValue(max(0, bar.value() - 2))


def _words(passage: Passage, at: int) -> list[tuple[int, int, bool]]:
    """A passage's marked words, in a document in which it stands at `at`."""
    marks = []
    for first, last in passage.highlights:
        word = at + units(passage.text[:first])
        marks.append((word, word + units(passage.text[first:last]), True))
    return marks


def _part(document_id: int, text: str, passage: Passage) -> _Shown:
    if len(text) <= _LONGEST:
        return _Shown(document_id, 0, len(text))
    start = max(0, passage.start - _LONGEST // 2)
    start = text.rfind("\n", 0, start) + 1 if start else 0
    return _Shown(document_id, start, min(len(text), max(start + _LONGEST, passage.end)))
