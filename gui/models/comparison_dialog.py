"""Two models beside each other: what is not the same, and what both reached."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.records import ModelInfo
from engine.training_records import FieldDifference, MeasureDifference, ModelComparison
from engine.training_requests import CompareModels
from gui.background import Engine, Pending
from gui.models.model_choice import ModelChoice
from gui.theme import Space, set_role
from gui.widgets.card import explanation
from gui.widgets.gain_words import signed, tone
from gui.widgets.notice import Notice
from gui.widgets.record_table import Column, RecordTable

_WIDTH, _HEIGHT = 880, 640
_ROWS = (2, 7)


def _change(difference: MeasureDifference) -> float:
    return difference.second - difference.first


_MEASURES: tuple[Column[MeasureDifference], ...] = (
    Column("Measured on", lambda difference: difference.on),
    Column("Measure", lambda difference: difference.measure, 130),
    Column("First", lambda d: f"{d.first:.3f}", 90, key=lambda d: d.first, right=True),
    Column("Second", lambda d: f"{d.second:.3f}", 90, key=lambda d: d.second, right=True),
    Column(
        "Difference",
        lambda difference: signed(_change(difference)),
        110,
        key=_change,
        color=lambda difference: tone(_change(difference)),
        right=True,
    ),
)
_FIELDS: tuple[Column[FieldDifference], ...] = (
    Column("What differs", lambda difference: difference.name, 230),
    Column("First", lambda difference: difference.first),
    Column("Second", lambda difference: difference.second),
)


class ComparisonDialog(QDialog):
    """A choice of two models over two tables; opened by `open`."""

    def __init__(
        self,
        engine: Engine,
        models: Sequence[ModelInfo],
        first: str,
        second: str,
        parent: QWidget,
    ) -> None:
        """`first` and `second` are ids of what is compared to begin with."""
        super().__init__(parent)
        self._engine = engine
        self._asking: Pending | None = None
        self.setWindowTitle("Compare models")
        self.resize(_WIDTH, _HEIGHT)
        self.finished.connect(self.deleteLater)
        self.first, self.second = ModelChoice(models, first), ModelChoice(models, second)
        self.notice = Notice()
        self.measures: RecordTable[MeasureDifference] = RecordTable(_MEASURES, "What both reached")
        self.fields: RecordTable[FieldDifference] = RecordTable(_FIELDS, "What differs")
        self.said = explanation("")
        self._lay_out()
        for choice in (self.first, self.second):
            choice.currentIndexChanged.connect(self._compare)
        self._compare()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for words, choice in (("&First", self.first), ("&Second", self.second)):
            row.addWidget(_label(words, choice))
            row.addWidget(choice, 1)
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addStretch()
        below.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(row)
        column.addWidget(self.notice)
        column.addWidget(_heading("What both reached"))
        column.addWidget(self.measures)
        column.addWidget(self.said)
        column.addWidget(_heading("How they came about"))
        column.addWidget(self.fields, 1)
        column.addLayout(below)

    def _compare(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self.notice.hide()
        self.measures.hide()
        self.fields.show_records([])
        if self.first.chosen == self.second.chosen:
            self._say("Choose two different models.")
            return
        self._say("Comparing…")
        request = CompareModels(self.first.chosen, self.second.chosen)
        self._asking = self._engine.ask(request, self._show, self._refuse, owner=self)

    def _show(self, found: ModelComparison) -> None:
        self.measures.show_records(found.measures)
        self.measures.fit(_ROWS)
        self.measures.setVisible(bool(found.measures))
        self.fields.show_records(found.fields)
        self._say(
            ""
            if found.measures
            else "Both were not yet measured on the same set under the same terms. Comparing them "
            "on Evaluation does so."
        )

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _refuse(self, error: EngineError) -> None:
        self._say("")
        self.notice.say_failure(error)


def _label(words: str, buddy: QComboBox) -> QLabel:
    label = QLabel(words)
    label.setBuddy(buddy)
    return label


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_role(label, "heading")
    return label
