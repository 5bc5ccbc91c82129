"""Tells the engine which results were opened, and for how long they were read.

Both are weak signs of what answers a query, for training alone. Time counts only while the window
is in use: who goes to another program, or away, does not read.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from engine.records import SearchResult, SearchResults
from engine.settings import Settings
from engine.training_requests import RecordVisit
from gui.background import Engine
from gui.judging_clock import JudgingClock

_LEAST_S = 1.0
"""Who runs through the results reads none of them."""
_AWAY_MS = 60_000
"""Who is away for longer reads anew."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A result that is looked at."""

    query: str
    model: str
    document_id: int
    rank: int
    text: str


class Visits(QObject):
    """Follows the result at hand; says nothing where the user does not want visits to be kept."""

    def __init__(
        self, engine: Engine, parent: QObject | None = None, clock: JudgingClock | None = None
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._clock = clock or JudgingClock()
        self._reading: _Reading | None = None
        self._kept = False  # until the settings are known
        self._away = QTimer(self, interval=_AWAY_MS, singleShot=True)
        self._away.timeout.connect(self._tell)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._follow_window)

    def show_settings(self, settings: Settings) -> None:
        """Keep visits, or do not."""
        self._kept = settings.keep_visits
        if not self._kept:
            self._reading = None

    def read(self, result: SearchResult | None, text: str, answer: SearchResults | None) -> None:
        """A result is read now, by this passage; None where nothing is in sight.

        What was read before is told, unless it is the same result of the same query.
        """
        reading = _reading(result, text, answer)
        before = self._reading
        if reading is not None and before is not None and _same(reading, before):
            return
        self.leave()
        if reading is not None and self._kept:
            self._reading = reading
            if QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive:
                self._clock.go_on()

    def leave(self) -> None:
        """Nothing is read any more: tell for how long it was."""
        self._tell()
        self._reading = None

    def open(self, result: SearchResult, text: str, answer: SearchResults | None) -> None:
        """A result was opened in another program; how long it is read there is not known."""
        reading = _reading(result, text, answer)
        if reading is not None and self._kept:
            self._send(reading, opened=True, seconds=0.0)

    def _follow_window(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._away.stop()
            if self._reading is not None:
                self._clock.go_on()
        else:
            self._clock.hold()
            self._away.start()

    def _tell(self) -> None:
        """Tell for how long was read, and count anew."""
        self._clock.hold()
        self._away.stop()
        seconds = self._clock.seconds
        if self._reading is not None and seconds >= _LEAST_S:
            self._send(self._reading, opened=False, seconds=seconds)
        self._clock.begin()
        self._clock.hold()

    def _send(self, reading: _Reading, *, opened: bool, seconds: float) -> None:
        request = RecordVisit(
            query=reading.query,
            document_id=reading.document_id,
            text=reading.text,
            rank=reading.rank,
            opened=opened,
            seconds=seconds,
            model=reading.model,
        )
        # A sign that gets lost is no loss: it is not worth telling anybody.
        self._engine.ask(request, lambda _: None, lambda _: None, owner=self)


def _reading(
    result: SearchResult | None, text: str, answer: SearchResults | None
) -> _Reading | None:
    """What is read; None where that says nothing of words that answer words."""
    if result is None or answer is None or not answer.query.strip() or not text.strip():
        return None
    return _Reading(answer.query, answer.model, result.document_id, result.rank, text)


def _same(one: _Reading, other: _Reading) -> bool:
    """Whether they are the same result of the same query, by whatever passage."""
    return (one.query, one.document_id) == (other.query, other.document_id)
