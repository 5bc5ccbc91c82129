"""Which runs are listed: of which kind, with which words, since when."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from engine.training_records import RunFilter
from gui.theme import Space
from gui.training.run_words import KINDS
from gui.widgets.wheel_guard import WheelGuard

_APPLY_AFTER_MS = 250
_DAY = 86_400
_SINCE = (
    ("At any time", None),
    ("In the last day", _DAY),
    ("In the last 7 days", 7 * _DAY),
    ("In the last 30 days", 30 * _DAY),
)


class RunFilterRow(QWidget):
    """Three fields in a row."""

    changed = Signal()
    """Other runs are wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.since, self.text = QComboBox(), QComboBox(), QLineEdit()
        self.kind.setAccessibleName("Kind of runs")
        self.kind.addItem("All kinds", None)
        for kind, words in KINDS.items():
            self.kind.addItem(words, kind)
        self.since.setAccessibleName("Since when")
        for words, seconds in _SINCE:
            self.since.addItem(words, seconds)
        self.text.setPlaceholderText("In title, settings, models")
        self.text.setAccessibleName("Words in the run")
        self.text.setClearButtonEnabled(True)
        WheelGuard(self).guard(self.kind, self.since)
        self._rests = QTimer(self, interval=_APPLY_AFTER_MS, singleShot=True)
        self._rests.timeout.connect(self.changed)
        for choice in (self.kind, self.since):
            choice.currentIndexChanged.connect(self.changed)
        self.text.textChanged.connect(lambda: self._rests.start())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.kind)
        row.addWidget(self.since)
        row.addWidget(self.text, 1)

    @property
    def filter(self) -> RunFilter:
        """What is wanted now."""
        kind, seconds = self.kind.currentData(), self.since.currentData()
        return RunFilter(
            kinds=() if kind is None else (kind,),
            text=self.text.text().strip(),
            since=None if seconds is None else time.time() - seconds,
        )

    @property
    def is_open(self) -> bool:
        """Whether all runs are wanted."""
        return self.filter == RunFilter()
