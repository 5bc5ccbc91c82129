"""The document that is judged: its title, its best passages and its text, or its picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from engine.evaluation_records import GivenJudgment, JudgingTask
from engine.records import Document, Passage
from engine.requests import GetDocument
from gui.background import Engine, Pending
from gui.text_direction import direction_of
from gui.theme import Space, set_role
from gui.widgets.document_view import DocumentView
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.judging_passages import JudgingPassages
from gui.widgets.judging_picture import JudgingPicture
from gui.widgets.pill import Pill
from gui.wording import inside

_SHORT = 1_200
"""Characters that are seen at one glance: passages are not listed beside such a text."""
_PERHAPS_CUT = 10_000
"""Only of a text at least so long there may be more than came with the task."""
_LINES_AT_ONCE = 3
_LINE_CHARACTERS = 120
_WHY = {
    "pool": "found by a system",
    "active": "the measures depend on it",
    "random": "drawn at random",
}


class _ReadingView(DocumentView):
    """A text whose lines are no longer than the eye likes them."""

    def __init__(self) -> None:
        super().__init__()
        self._direction = Qt.LayoutDirection.LeftToRight
        set_role(self, "reading")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def read(self, direction: Qt.LayoutDirection) -> None:
        """Leave the room that is too much empty where lines end."""
        longest = self.fontMetrics().averageCharWidth() * _LINE_CHARACTERS
        rest = max(0, self.width() - longest)
        if direction != self._direction:
            self._direction = direction
            option = self.document().defaultTextOption()
            right = direction == Qt.LayoutDirection.RightToLeft
            option.setTextDirection(direction)
            option.setAlignment(
                Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            )
            self.document().setDefaultTextOption(option)
        if direction == Qt.LayoutDirection.RightToLeft:
            self.setViewportMargins(rest, 0, 0, 0)
        else:
            self.setViewportMargins(0, 0, rest, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep lines as long as they may be."""
        self.read(self._direction)
        super().resizeEvent(event)


class JudgingDocument(QFrame):
    """Shows a task; where it comes from is left out while one judges blind."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._engine = engine
        self._task: JudgingTask | None = None
        self._text = ""
        self._whole = False
        self._number = 0
        self._pending: Pending | None = None
        self.title = ElidedLabel()
        self.place = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.remarks = ElidedLabel()
        self.flagged = Pill("Flagged", "warning", "You wanted to look at it again (F)")
        self.passages = JudgingPassages()
        self.text = _ReadingView()
        self.picture = JudgingPicture(engine)
        self._nothing = QLabel("This document has no text, and is no picture.")
        self._body = QStackedWidget()
        self._build()
        self.passages.chosen.connect(self._choose)
        self.text.verticalScrollBar().valueChanged.connect(self._fetch_rest_at_end)

    @property
    def passage(self) -> Passage | None:
        """The passage that is chosen."""
        task = self._task
        return task.passages[self._number] if task and task.passages else None

    @property
    def shown_text(self) -> str:
        """As much of the document's text as is known."""
        return self._text

    def show_task(self, task: JudgingTask, *, blind: bool) -> None:
        """Show a pair's document; the same one keeps its place in the text."""
        before = self._task
        same = before is not None and (before.query_id, before.document) == (
            task.query_id,
            task.document,
        )
        self._task = task
        self._show_head(task, blind)
        if not same:
            if self._pending is not None:
                self._pending.cancel()
            self._number, self._text, self._whole = 0, task.text, False
            listed = task.passages if len(task.passages) > 1 and len(task.text) > _SHORT else ()
            self.passages.show_passages(listed)
            self.passages.setVisible(bool(listed))
            self.text.forget()  # of the same document another part may have been shown
            self._show_body()
        self.passages.choose(self._number, task.given.span if task.given else None)

    def prepare(self, tasks: Sequence[JudgingTask]) -> None:
        """Fetch what the next tasks need besides their text."""
        for task in tasks:
            if _is_picture(task) and task.document_id is not None:
                self.picture.prepare(task.document_id)

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) passage; beyond them, scroll the text."""
        task = self._task
        n = len(task.passages) if task is not None else 0
        if 0 <= self._number + by < n:
            self._choose(self._number + by)
            return
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.value() + by * _LINES_AT_ONCE)

    def turn_over(self, by: int) -> None:
        """Turn over a screenful of the text, forwards (1) or backwards (-1)."""
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.value() + by * max(1, bar.pageStep() - 1))

    def scroll_to(self, end: int) -> None:
        """To the beginning (-1) or the end (1) of the text."""
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.minimum() if end < 0 else bar.maximum())

    def deciding(self) -> tuple[tuple[int, int], str] | None:
        """What would be marked: the selected text, else the chosen passage, with its span."""
        task = self._task
        if task is None or _is_picture(task):
            return None
        span = self.text.selected_span(self._text)
        if span is not None:
            return span, self._text[span[0] : span[1]]
        if (passage := self.passage) is not None:
            return (passage.start, passage.end), passage.text
        return None

    def _show_head(self, task: JudgingTask, blind: bool) -> None:
        title = task.title or "Without a title"
        self.title.setLayoutDirection(direction_of(title))
        self.title.setText(title)
        self.place.setVisible(not blind)
        self.place.setText(f"{inside(task.place)}  ·  {_WHY[task.drawn]}" if not blind else "")
        given = task.given
        self.flagged.setVisible(given is not None and given.flagged)
        words = _remarks(given)
        self.remarks.setVisible(bool(words))
        self.remarks.setText(words)

    def _show_body(self) -> None:
        task = self._task
        assert task is not None
        if _is_picture(task) and task.document_id is not None:
            self.picture.show_picture(task.document_id)
            self._body.setCurrentWidget(self.picture)
        elif self._text or task.passages:
            self.text.read(direction_of(self._text))
            self._show_text()
            self._body.setCurrentWidget(self.text)
        else:
            self._body.setCurrentWidget(self._nothing)

    def _show_text(self) -> None:
        task, passage = self._task, self.passage
        assert task is not None
        if passage is None or task.document_id is None:
            self.text.show_text(self._text)
        elif passage.end <= len(self._text):
            self.text.show_in(task.document_id, self._text, passage, task.passages)
        else:
            self.text.show_alone(passage)
            self._fetch_rest()

    def _choose(self, number: int) -> None:
        task = self._task
        if task is not None:
            self._number = number
            self.passages.choose(number, task.given.span if task.given else None)
            self._show_text()

    def _fetch_rest_at_end(self, value: int) -> None:
        if value >= self.text.verticalScrollBar().maximum() and value > 0:
            self._fetch_rest()

    def _fetch_rest(self) -> None:
        """Ask for the whole text, where only its beginning came."""
        task = self._task
        if task is None or task.document_id is None or self._whole:
            return
        if len(self._text) < _PERHAPS_CUT:
            return
        self._whole = True
        self._pending = self._engine.ask(
            GetDocument(task.document_id), self._take_rest, lambda _: None, owner=self
        )

    def _take_rest(self, document: Document) -> None:
        task = self._task
        if task is None or document.id != task.document_id or document.text == self._text:
            return
        at = self.text.verticalScrollBar().value()
        beginning_shown = self.passage is None or self.passage.end <= len(self._text)
        self._text = document.text
        self.text.forget()
        self._show_text()
        if beginning_shown:
            self.text.verticalScrollBar().setValue(at)

    def _build(self) -> None:
        set_role(self.title, "title")
        set_role(self.place, "small")
        set_role(self.remarks, "small")
        set_role(self._nothing, "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(self.title, 1)
        top.addWidget(self.flagged)
        head = QVBoxLayout()
        head.setContentsMargins(Space.L, Space.M, Space.L, Space.S)
        head.setSpacing(Space.XS)
        head.addLayout(top)
        for part in (self.place, self.remarks, self.passages):
            head.addWidget(part)
        for view in (self.text, self.picture, self._nothing):
            self._body.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._body, 1)


def _is_picture(task: JudgingTask) -> bool:
    return task.media_type.startswith("image/")


def _remarks(given: GivenJudgment | None) -> str:
    """What was noted, and what decided, in one line."""
    if given is None:
        return ""
    parts = []
    if given.span_text:
        parts.append(f"Decided by “{' '.join(given.span_text.split())[:120]}”")
    if given.note:
        parts.append(f"Note: {given.note}")
    return "  ·  ".join(parts)
