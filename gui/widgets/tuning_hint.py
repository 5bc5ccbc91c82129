"""Says calmly when it is worth tuning, where nothing else is going on; not again for a week."""

from __future__ import annotations

import time

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtWidgets import QWidget

from engine.client import EngineState
from engine.errors import EngineError
from engine.events import Changed, Event
from engine.training_records import Suggestion
from engine.training_requests import GetSuggestion
from gui.background import Engine
from gui.job_watch import JobWatch
from gui.widgets.notice import Notice

_KEY = "tuning/hint_rests_until"
_WEEK_S = 7 * 86_400
_FIRST_AFTER_MS = 2_000
"""After the engine is ready: what the user starts with comes first."""
_SETTLE_MS = 5_000
_EVERY_S = 300.0
"""Comparing answers takes the engine a second or so."""


class TuningHint(Notice):
    """Hidden until there is something to suggest."""

    training_asked = Signal()
    """The user wants to see the training page."""

    def __init__(self, engine: Engine, memory: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._memory = memory
        self._suggestion: Suggestion | None = None
        self._asked_at: float | None = None
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self.ask)
        self._tuning = JobWatch(engine, ("finetune",), self)
        self._tuning.changed.connect(self._show)
        self.acted.connect(self.training_asked)
        self.dismissed.connect(self._rest)
        engine.event_heard.connect(self._hear)
        engine.state_changed.connect(self._hear_state)

    def ask(self) -> None:
        """Ask whether it is worth tuning; not while the hint rests."""
        if self._rests:
            return
        self._asked_at = time.monotonic()
        self._engine.ask(GetSuggestion(), self._take, self._do_without, owner=self)

    @property
    def _rests(self) -> bool:
        until = self._memory.value(_KEY, 0.0, float)
        return isinstance(until, float) and time.time() < until

    def _rest(self) -> None:
        self._suggestion = None
        self._memory.setValue(_KEY, time.time() + _WEEK_S)

    def _take(self, suggestion: Suggestion) -> None:
        self._suggestion = suggestion
        self._show()

    def _do_without(self, _: EngineError) -> None:
        self._take(Suggestion("none", (), "", 0))

    def _show(self) -> None:
        suggestion = self._suggestion
        idle = self._tuning.current is None
        if suggestion is None or suggestion.kind == "none" or not idle or self._rests:
            self.hide()
            return
        if suggestion.kind == "adapter":
            title = "The model can learn from your judgments in seconds"
        else:
            title = "It may be worth tuning the model"
        self.say("notice", title, "\n".join(suggestion.reasons), "Go to Training")

    def _hear(self, event: Event) -> None:
        if not isinstance(event, Changed):
            return
        if event.what in ("labels", "models"):
            self._ask_within(_SETTLE_MS)
        elif event.what == "settings" and self._suggestion is not None:
            self._asked_at = None  # they may forbid it, which holds at once
            self._ask_within(0)

    def _hear_state(self, state: EngineState, _: EngineError | None) -> None:
        if state == "ready":
            self._ask_within(_FIRST_AFTER_MS)

    def _ask_within(self, ms: int) -> None:
        if self._soon.isActive() and ms:
            return
        if self._asked_at is not None:
            left = self._asked_at + _EVERY_S - time.monotonic()
            ms = max(ms, round(left * 1000))
        self._soon.start(ms)
