"""One query and one document side by side with what raters said, to be looked at once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.evaluation_records import GivenJudgment, JudgingProgress, JudgingTask
from engine.evaluation_requests import GiveJudgment, ListTasks
from gui.background import Engine
from gui.theme import Space, set_role
from gui.widgets.notice import Notice
from gui.widgets.wrapped_label import wrapped_label


@dataclass(frozen=True, slots=True)
class Look:
    """A pair to be looked at."""

    query_id: str
    query: str
    document: str
    title: str
    why: str
    """What is to be settled, in words."""
    judgments: tuple[GivenJudgment, ...]
    rater: str
    """Who the grade is recorded for."""


class PairDialog(QDialog):
    """Shows pairs one after the other; a key gives the grade and goes on to the next."""

    graded = Signal()

    def __init__(
        self,
        engine: Engine,
        name: str,
        scale: Sequence[str],
        looks: Sequence[Look],
        at: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        """`name` is the set's; `at` the number of the pair that is shown first."""
        super().__init__(parent)
        self._engine, self._name, self._scale = engine, name, tuple(scale)
        self._looks, self._at = tuple(looks), at
        self.setWindowTitle("Look again")
        self.resize(760, 600)
        self.finished.connect(self.deleteLater)
        self._build()
        self._show()

    @property
    def current(self) -> Look:
        """The pair that is shown."""
        return self._looks[self._at]

    def grade(self, grade: int) -> None:
        """Record a grade for the pair that is shown, then go on."""
        look = self.current
        given = GivenJudgment(look.query_id, look.document, look.rater, grade, note=self._note())
        for button in self._grades:
            button.setEnabled(False)
        self._engine.ask(GiveJudgment(self._name, given), self._go_on, self._refuse, owner=self)

    def step(self, by: int) -> None:
        """Go to another pair."""
        to = self._at + by
        if 0 <= to < len(self._looks):
            self._at = to
            self._show()

    @property
    def words(self) -> str:
        """What raters said, as it is shown."""
        return self._said.text()

    def _build(self) -> None:
        self._count, self._why = wrapped_label("small"), wrapped_label("warning")
        self._title, self._query = wrapped_label("muted"), wrapped_label("heading")
        self._said = wrapped_label()
        self._raters = QFrame()
        set_role(self._raters, "sunken")
        inside = QVBoxLayout(self._raters)
        inside.addWidget(self._said)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("The document")
        self.notice = Notice()
        self.note = QPlainTextEdit()
        self.note.setFixedHeight(44)
        self.note.setTabChangesFocus(True)
        self.note.setPlaceholderText("Why, for the record (optional)")
        self.note.setAccessibleName("Note")
        self._grades = [self._grade(grade, words) for grade, words in enumerate(self._scale)]
        before, after, done = QPushButton("Previous"), QPushButton("Next"), QPushButton("Close")
        before.setShortcut("Ctrl+PgUp")
        after.setShortcut("Ctrl+PgDown")
        before.setToolTip("The pair before (Ctrl+PgUp)")
        after.setToolTip("Leave it as it is and go to the next (Ctrl+PgDown)")
        before.clicked.connect(lambda: self.step(-1))
        after.clicked.connect(lambda: self.step(1))
        done.clicked.connect(self.accept)
        self._ways = before, after
        grades, ways = QHBoxLayout(), QHBoxLayout()
        for button in self._grades:
            button.setAutoDefault(False)
            grades.addWidget(button)
        grades.addStretch()
        ways.addWidget(before)
        ways.addWidget(after)
        ways.addStretch()
        ways.addWidget(done)
        for button in (before, after, done):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.S)
        for widget in (self._count, self._query, self._title, self._why, self._raters):
            column.addWidget(widget)
        column.addWidget(self.text, 1)
        column.addWidget(self.note)
        column.addWidget(self.notice)
        column.addLayout(grades)
        column.addLayout(ways)

    def _grade(self, grade: int, words: str) -> QPushButton:
        button = QPushButton(f"{grade} · {words}")
        button.setToolTip(f"{words} ({grade})")
        button.setCheckable(True)
        button.clicked.connect(lambda: self.grade(grade))
        key = QShortcut(QKeySequence(str(grade)), self)
        key.activated.connect(button.click)
        return button

    def _show(self) -> None:
        look = self.current
        self.notice.hide()
        self._count.setText(f"{self._at + 1} of {len(self._looks)}")
        self._query.setText(look.query)
        self._title.setText(look.title or look.document)
        self._why.setText(look.why)
        self._said.setText("\n".join(said_in_words(said, self._scale) for said in look.judgments))
        self._raters.setVisible(bool(look.judgments))
        self.note.clear()
        own = next((said.grade for said in look.judgments if said.rater == look.rater), None)
        for grade, button in enumerate(self._grades):
            button.setEnabled(True)
            button.setChecked(grade == own)
        self._ways[0].setEnabled(self._at > 0)
        self._ways[1].setEnabled(self._at + 1 < len(self._looks))
        self.text.setPlainText("Loading…")
        self.text.setFocus()  # not the note: there a digit is text
        request = ListTasks(self._name, look.rater, look.query_id)
        self._engine.ask(request, self._show_text, self._do_without, owner=self)

    def _show_text(self, tasks: tuple[JudgingTask, ...]) -> None:
        look = self.current
        found = [t for t in tasks if (t.query_id, t.document) == (look.query_id, look.document)]
        if found:
            self.text.setPlainText(found[0].text)
        elif not any(task.query_id == look.query_id for task in tasks) and tasks:
            return  # of the pair before
        else:
            self.text.setPlainText("The document's text is not in the library.")

    def _go_on(self, _: JudgingProgress) -> None:
        self.graded.emit()
        if self._at + 1 < len(self._looks):
            self.step(1)
        else:
            self.accept()

    def _note(self) -> str:
        return self.note.toPlainText().strip()

    def _do_without(self, error: EngineError) -> None:
        self.text.setPlainText(error.message)

    def _refuse(self, error: EngineError) -> None:
        for button in self._grades:
            button.setEnabled(True)
            button.setChecked(False)
        self.notice.say_failure(error)


def said_in_words(said: GivenJudgment, scale: Sequence[str]) -> str:
    """A judgment in a line: `Ines: 2, relevant. “Names the lake, not the year”`."""
    if said.grade is None:
        words = f"{said.rater}: skipped"
    else:
        name = scale[said.grade].lower() if said.grade < len(scale) else ""
        words = f"{said.rater}: {said.grade}, {name}"
    return f"{words}. “{said.note}”" if said.note else words
