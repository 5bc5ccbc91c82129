"""All documents of the query at hand, with what the rater said of them; graded here too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine.evaluation_records import GivenJudgment, JudgingTask
from gui.theme import Space, set_role
from gui.wording import count

_WIDTH = 300


class JudgingList(QWidget):
    """A row a document in the rater's own order; a digit grades the current row."""

    graded = Signal(object, int)
    """A JudgingTask and a grade."""
    opened = Signal(object)
    """A JudgingTask that is to be looked at."""
    left = Signal()
    """The user wants back to the document."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks: list[JudgingTask] = []
        self._scale: tuple[str, ...] = ()
        self.list = _Rows(self)
        self._head = QLabel()
        set_role(self._head, "heading")
        hint = QLabel("Digits grade, Enter opens, L closes")
        set_role(hint, "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self._head)
        column.addWidget(self.list, 1)
        column.addWidget(hint)
        self.setFixedWidth(_WIDTH)
        self.list.itemActivated.connect(lambda _: self.open_current())

    @property
    def rows(self) -> list[str]:
        """What the rows say."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def show_tasks(
        self, tasks: Sequence[JudgingTask], scale: tuple[str, ...], at_hand: JudgingTask | None
    ) -> None:
        """List a query's documents, with the one at hand current."""
        self._tasks, self._scale = list(tasks), scale
        self.list.clear()
        for task in tasks:
            item = QListWidgetItem(self._words(task))
            item.setToolTip(task.title)
            self.list.addItem(item)
        self._head.setText(count(len(tasks), "document"))
        for row, task in enumerate(tasks):
            if at_hand is not None and task.document == at_hand.document:
                self.list.setCurrentRow(row)

    def show_given(self, document: str, given: GivenJudgment | None) -> None:
        """Show what is said of one of them now."""
        for row, task in enumerate(self._tasks):
            if task.document == document and task.given != given:
                self._tasks[row] = replace(task, given=given)
                self.list.item(row).setText(self._words(self._tasks[row]))

    def grade_current(self, grade: int) -> None:
        """Give the current row a grade, and go to the next."""
        row = self.list.currentRow()
        if 0 <= row < len(self._tasks) and grade < len(self._scale):
            self.graded.emit(self._tasks[row], grade)
            self.list.setCurrentRow(min(row + 1, len(self._tasks) - 1))

    def open_current(self) -> None:
        """Ask for the current row to be looked at."""
        row = self.list.currentRow()
        if 0 <= row < len(self._tasks):
            self.opened.emit(self._tasks[row])

    def _words(self, task: JudgingTask) -> str:
        given = task.given
        mark = "·"
        if given is not None and given.grade is not None:
            mark = str(given.grade)
        elif given is not None and given.skipped:
            mark = "S"
        flag = "  ⚑" if given is not None and given.flagged else ""
        return f"{mark}   {task.title or 'Without a title'}{flag}"


class _Rows(QListWidget):
    """Hands digits and the keys that lead away to the list around it."""

    def __init__(self, around: JudgingList) -> None:
        super().__init__(around)
        self._around = around
        self.setAccessibleName("Documents of this query")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setSpacing(2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits grade, Enter opens, Esc and L lead back."""
        if event.text().isdecimal() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._around.grade_current(int(event.text()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._around.open_current()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_L):
            self._around.left.emit()
        elif event.key() in (
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
            Qt.Key.Key_PageUp,
            Qt.Key.Key_PageDown,
        ):
            super().keyPressEvent(event)
        else:
            event.ignore()  # the room knows it, if anybody does
