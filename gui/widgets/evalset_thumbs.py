"""The user's thumbs, to be taken into a set as judgments or left for training."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.evaluation_records import SetOverview
from engine.evaluation_requests import JudgeFromThumbs
from engine.records import Label
from engine.requests import ListLabels
from gui.background import Engine
from gui.widgets.card import explanation
from gui.widgets.empty_state import EmptyState
from gui.widgets.notice import Notice
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count, date, date_time, file_name

_ROWS = (3, 10)
_MOST_KEYS = 10


class ThumbsPanel(QWidget):
    """A table of thumbs, the passage behind the selected one, and the grades to take them with."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._set = ""
        self._scale: tuple[str, ...] = ()
        self._taken: dict[tuple[str, int], int] = {}
        """Grades of what was taken since the window was opened, by set and label."""
        self.notice = Notice()
        self.table: RecordTable[Label] = RecordTable(self._make_columns(), "Thumbs")
        self.passage = QPlainTextEdit()
        self.passage.setReadOnly(True)
        self.passage.setTabChangesFocus(True)
        self.passage.setFixedHeight(84)
        self.passage.setAccessibleName("The passage that was shown")
        self.nothing = EmptyState(
            "thumb-up",
            "No thumbs yet",
            "Thumbs that you give to results of your searches stand here. They teach the model, "
            "and never enter a measure unless you take them into a set.",
        )
        self._words = explanation(
            "A thumb is not a grade: read the passage, then press 0 to 3 to take the selected "
            "thumbs into the set with that grade. What you leave goes on teaching the model alone."
        )
        self._below = self._build_below()
        self._shortcuts = [self._key(grade) for grade in range(_MOST_KEYS)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (
            self._words,
            self.notice,
            self.table,
            self.passage,
            self._below,
            self.nothing,
        ):
            column.addWidget(widget)
        self.table.selectionModel().selectionChanged.connect(self._show_selected)
        self._show_thumbs(())

    def show_set(self, overview: SetOverview) -> None:
        """Offer the thumbs to a set."""
        if overview.name != self._set:
            self.notice.hide()
        self._set = overview.name
        if overview.scale != self._scale:
            self._scale = overview.scale
            self._offer_grades()
        self._engine.ask(ListLabels(), self._show_labels, owner=self)

    def take(self, labels: Sequence[Label], up: int, down: int) -> None:
        """Take thumbs into the set, with a grade for each kind."""
        if not labels:
            return
        name, row = self._set, self.table.currentIndex().row()
        request = JudgeFromThumbs(name, tuple(label.id for label in labels), up, down)

        def done(_: SetOverview) -> None:
            for label in labels:
                self._taken[name, label.id] = up if label.value > 0 else down
            self.notice.say(
                "good",
                f"{count(len(labels), 'thumb')} taken into the set",
                "They stay thumbs as well, and go on teaching the model.",
            )
            self.table.viewport().update()
            if len(labels) == 1 and row + 1 < len(self.table.visible_records):
                self.table.selectRow(row + 1)

        self._engine.ask(request, done, self._refuse, owner=self)

    def _make_columns(self) -> list[Column[Label]]:
        return [
            Column("Query", lambda label: label.query),
            Column(
                "Document",
                lambda label: label.title or file_name(label.document),
                260,
                tooltip=lambda label: label.document,
            ),
            Column(
                "Thumb",
                lambda label: "Up" if label.value > 0 else "Down",
                80,
                color=lambda label: "good" if label.value > 0 else "danger",
            ),
            Column(
                "Given",
                lambda label: date(label.at),
                100,
                key=lambda label: label.at,
                tooltip=lambda label: f"While you searched, {date_time(label.at)}",
            ),
            Column("Use", self._use, 150, hint="What becomes of it, since the window was opened"),
        ]

    def _use(self, label: Label) -> str:
        grade = self._taken.get((self._set, label.id))
        return "For training alone" if grade is None else f"In the set: {grade}"

    def _build_below(self) -> QWidget:
        self.up, self.down = QComboBox(), QComboBox()
        self.up.setAccessibleName("Grade for thumbs up")
        self.down.setAccessibleName("Grade for thumbs down")
        self.take_selected, self.take_all = (
            QPushButton("Take the selected"),
            QPushButton("Take all"),
        )
        self.take_selected.clicked.connect(lambda: self._take(self.table.selected))
        self.take_all.clicked.connect(lambda: self._take(self.table.visible_records))
        below = QWidget()
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, 0, 0)
        for words, combo in (("Thumbs &up as", self.up), ("thumbs &down as", self.down)):
            label = QLabel(words)
            label.setBuddy(combo)
            row.addWidget(label)
            row.addWidget(combo)
        row.addStretch()
        row.addWidget(self.take_selected)
        row.addWidget(self.take_all)
        return below

    def _key(self, grade: int) -> QShortcut:
        shortcut = QShortcut(QKeySequence(str(grade)), self.table)
        shortcut.setContext(shortcut.context().WidgetShortcut)
        shortcut.activated.connect(lambda: self.take(self.table.selected, grade, grade))
        return shortcut

    def _offer_grades(self) -> None:
        for combo, chosen in ((self.up, max(1, len(self._scale) - 2)), (self.down, 0)):
            combo.clear()
            for grade, name in enumerate(self._scale):
                combo.addItem(f"{grade} · {name}", grade)
            combo.setCurrentIndex(chosen)
        for grade, shortcut in enumerate(self._shortcuts):
            shortcut.setEnabled(grade < len(self._scale))

    def _show_labels(self, labels: tuple[Label, ...]) -> None:
        self._show_thumbs([label for label in labels if label.kind == "feedback"])

    def _show_thumbs(self, thumbs: Sequence[Label]) -> None:
        for widget in (self._words, self.table, self._below):
            widget.setVisible(bool(thumbs))
        self.nothing.setVisible(not thumbs)
        self.table.show_records(thumbs)
        self.table.fit(_ROWS)
        self._show_selected()

    def _show_selected(self) -> None:
        selected = self.table.selected
        self.passage.setVisible(bool(selected))
        self.take_selected.setEnabled(bool(selected))
        if selected:
            self.passage.setPlainText(selected[0].text)

    def _take(self, labels: Sequence[Label]) -> None:
        self.take(labels, self.up.currentData(), self.down.currentData())

    def _refuse(self, error: EngineError) -> None:
        self.notice.say_failure(error)
