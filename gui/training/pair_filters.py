"""Which of the training pairs are shown, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from engine.recipe import Origin
from engine.training_records import (
    OriginCount,
    PairFilter,
    Problem,
    Topic,
    TrainingOverview,
)
from gui.theme import Space
from gui.training.pair_words import PROBLEMS, origin_in_words
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.wheel_guard import WheelGuard

_SETTLE_MS = 150
_TOPIC_LENGTH = 40
_ORDERS: tuple[tuple[str, str], ...] = (
    ("Newest first", "newest"),
    ("By query", "query"),
    ("By weight", "weight"),
    ("By origin", "origin"),
)


class PairFilters(QWidget):
    """A line of fields that makes a PairFilter."""

    changed = Signal()
    left = Signal()
    """The user goes on to the pairs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = PairFilter()
        self._counts: tuple[OriginCount, ...] = ()
        self._topics: tuple[Topic, ...] = ()
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._tell)
        self.text = QLineEdit()
        self.text.setPlaceholderText("Filter (/)")
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName("Filter the pairs by words")
        self.text.setMinimumWidth(180)
        self.origin = _combo("Origin", [("Any origin", None)])
        self.problem = _combo(
            "Problem",
            [("Any problem or none", None), *((words[0], key) for key, words in PROBLEMS.items())],
        )
        self.topic = _combo("Topic", [("Any topic", None)])
        self.excluded = _combo(
            "Excluded", [("Excluded or not", None), ("Not excluded", False), ("Excluded", True)]
        )
        self.order = _combo("Order", list(_ORDERS))
        flow = FlowLayout(self)
        flow.setSpacing(Space.S)
        flow.addWidget(self.text)
        guard = WheelGuard(self)
        self.text.textChanged.connect(lambda _: self._soon.start())
        self.text.returnPressed.connect(self.left)
        for combo in (self.origin, self.problem, self.topic, self.excluded, self.order):
            guard.guard(combo)
            flow.addWidget(combo)
            combo.currentIndexChanged.connect(lambda _: self._tell())

    @property
    def filter(self) -> PairFilter:
        """What is asked for."""
        origin, problem = self.origin.currentData(), self.problem.currentData()
        return PairFilter(
            text=self.text.text().strip(),
            origins=(origin,) if origin else (),
            problems=(problem,) if problem else (),
            topic=self.topic.currentData(),
            excluded=self.excluded.currentData(),
            order=self.order.currentData(),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return replace(self.filter, order="newest") != PairFilter()

    def show_overview(self, overview: TrainingOverview) -> None:
        """Offer the origins and topics that there are; what is chosen stays where it can."""
        if overview.origins != self._counts:
            self._counts = overview.origins
            origins = [(origin_in_words(each.origin), each.origin) for each in overview.origins]
            _offer(self.origin, [("Any origin", None), *origins])
        if overview.topics != self._topics:
            self._topics = overview.topics
            topics = [(_short(topic.words), number) for number, topic in enumerate(self._topics)]
            _offer(self.topic, [("Any topic", None), *topics])
        self.topic.setVisible(bool(self._topics))
        self._tell()

    def choose_origin(self, origin: Origin | None) -> None:
        """Show pairs of one origin."""
        if origin is not None and self.origin.findData(origin) < 0:
            self.origin.addItem(origin_in_words(origin), origin)
        self.origin.setCurrentIndex(self.origin.findData(origin))

    def choose_problem(self, problem: Problem | None) -> None:
        """Show pairs with a problem."""
        self.problem.setCurrentIndex(self.problem.findData(problem))

    def choose_topic(self, topic: int | None) -> None:
        """Show pairs of one topic."""
        self.topic.setCurrentIndex(max(self.topic.findData(topic), 0))

    def choose_excluded(self, excluded: bool | None) -> None:
        """Show what is excluded, or what is not."""
        self.excluded.setCurrentIndex(self.excluded.findData(excluded))

    def clear(self) -> None:
        """Show all."""
        with QSignalBlocker(self):
            self.text.clear()
            for combo in (self.origin, self.problem, self.topic, self.excluded):
                combo.setCurrentIndex(0)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From the text, Down and Escape lead to the pairs."""
        if self.focusWidget() is self.text and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Escape):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _tell(self) -> None:
        self._soon.stop()
        if self.signalsBlocked() or self.filter == self._told:
            return
        self._told = self.filter
        self.changed.emit()


def _combo(name: str, offered: Sequence[tuple[str, object]]) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(13)
    for words, value in offered:
        combo.addItem(words, value)
    return combo


def _offer(combo: QComboBox, offered: Sequence[tuple[str, object]]) -> None:
    """Offer these, with what was chosen still chosen; says nothing of it."""
    chosen = combo.currentData()
    with QSignalBlocker(combo):
        combo.clear()
        for words, value in offered:
            combo.addItem(words, value)
        combo.setCurrentIndex(max(combo.findData(chosen), 0))


def _short(words: str) -> str:
    return words if len(words) <= _TOPIC_LENGTH else words[: _TOPIC_LENGTH - 1] + "…"
