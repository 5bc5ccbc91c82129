"""Two models that compete in the user's own searches: choosing them, how far it is, who won."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from engine.errors import EngineError, EngineGone
from engine.records import ModelInfo
from engine.training_records import AbTest
from engine.training_requests import GetAbTest, StartAbTest, StopAbTest
from gui.background import Engine
from gui.error_dialog import show_error
from gui.models.model_choice import ModelChoice
from gui.models.preference_bar import PreferenceBar
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.wrapped_label import wrapped_label
from gui.wording import count, date_within

_ASK_EVERY_MS = 15_000


class AbTestCard(Card):
    """Starts and stops a test; hidden while there are not two models."""

    activate_asked = Signal(str)
    """The winner is to be put to work."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            "Let two models compete",
            "Both answer your searches, and their results are mixed into one list without telling "
            "which found what. The model whose results you open, read and approve of more often is "
            "the better one for you.",
            parent,
        )
        self._engine = engine
        self._models: tuple[ModelInfo, ...] = ()
        self._test: AbTest | None = None
        self._busy = False
        self._asked = False
        self.first, self.second = ModelChoice(), ModelChoice()
        for choice in (self.first, self.second):
            choice.currentIndexChanged.connect(self._enable)
        self.start_button = QPushButton("Start")
        self.start_button.setAccessibleName("Start the test of two models")
        self.start_button.clicked.connect(self.start)
        self.stop_button = QPushButton("Stop")
        self.stop_button.setAccessibleName("Stop the test of two models")
        self.stop_button.setToolTip("End the test, and see which model was preferred")
        self.stop_button.clicked.connect(self.stop)
        self.use_button = QPushButton("Put the winner to work")
        self.use_button.clicked.connect(self._use_winner)
        self.progress = wrapped_label("muted")
        self.verdict = wrapped_label()
        self.bar = PreferenceBar()
        self._again = QTimer(self, interval=_ASK_EVERY_MS)
        self._again.timeout.connect(self._ask_again)
        self._lay_out()
        self._show()

    def load(self) -> None:
        """Ask how the test stands."""
        self._engine.ask(GetAbTest(), self._take, lambda _: None, owner=self)

    def show_models(self, models: Sequence[ModelInfo], *, busy: bool) -> None:
        """Offer the models for texts among these; `busy` while one is being put to work."""
        self._models = tuple(model for model in models if model.kind == "text")
        self._busy = busy
        active = next((model.id for model in self._models if model.active), "")
        others = [model for model in self._models if not model.active]
        newest = max(others, key=lambda model: model.created_at).id if others else ""
        self.first.show_models(self._models, active)
        self.second.show_models(self._models, newest)
        self._show()

    def start(self) -> None:
        """Let the chosen models compete."""
        self._ask(StartAbTest(self.first.chosen, self.second.chosen))

    def stop(self) -> None:
        """End the test."""
        self._ask(StopAbTest())

    @property
    def winner(self) -> ModelInfo | None:
        """Who won beyond chance, where there is one."""
        test = self._test
        if test is None or test.ended_at is None or test.ci[0] <= 0.5 <= test.ci[1]:
            return None
        won = test.second if test.preference > 0.5 else test.first
        return next((model for model in self._models if model.id == won), None)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep asking while it is seen."""
        super().showEvent(event)
        self._again.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask no more."""
        super().hideEvent(event)
        self._again.stop()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        against = QLabel("against")
        set_role(against, "muted")
        self.first.setAccessibleName("First of the competing models")
        self.second.setAccessibleName("Second of the competing models")
        row.addWidget(self.first, 1)
        row.addWidget(against)
        row.addWidget(self.second, 1)
        row.addWidget(self.start_button)
        row.addWidget(self.stop_button)
        self.body.addLayout(row)
        for widget in (self.progress, self.bar, self.verdict):
            self.body.addWidget(widget)
        self.body.addWidget(self.use_button, 0, Qt.AlignmentFlag.AlignLeft)

    def _ask_again(self) -> None:
        if self._test is not None and self._test.ended_at is None:
            self.load()

    def _ask(self, request: StartAbTest | StopAbTest) -> None:
        self._asked = True
        self._enable()
        self._engine.ask(request, self._take, self._refuse, owner=self)

    def _take(self, test: AbTest | None) -> None:
        self._asked = False
        before, self._test = self._test, test
        if test is not None and (before is None or before.began_at != test.began_at):
            self.first.choose(test.first)
            self.second.choose(test.second)
        self._show()

    def _refuse(self, error: EngineError) -> None:
        self._asked = False
        self._enable()
        if not isinstance(error, EngineGone):  # that is told by the window
            show_error(error, self)

    def _show(self) -> None:
        test = self._test
        self.setVisible(len(self._models) > 1 or test is not None)
        running = test is not None and test.ended_at is None
        for choice in (self.first, self.second):
            choice.setEnabled(not running)
        if running and test is not None:
            self.first.choose(test.first)
            self.second.choose(test.second)
        self.start_button.setVisible(not running)
        self.stop_button.setVisible(running)
        ended = test is not None and not running
        self.progress.setVisible(test is not None)
        self.verdict.setVisible(test is not None and test.n_searches > 0)
        self.bar.setVisible(ended and test is not None and test.n_decided > 0)
        self._enable()
        if test is None:
            return
        searches = count(test.n_searches, "search", "searches")
        since = f"Since {date_within(test.began_at)}" if running else "The last test"
        decided = f"{count(test.n_decided)} of them decided"
        counted = f"{searches}, {decided}" if test.n_searches else "no searches yet"
        self.progress.setText(f"{since}: {counted}.")
        self.verdict.setText(self._in_names(test.verdict))
        self.bar.show_test(test, self._name(test.first), self._name(test.second))

    def _enable(self) -> None:
        same = self.first.chosen == self.second.chosen
        self.start_button.setEnabled(not same and not self._asked)
        self.start_button.setToolTip("Choose two different models" if same else "")
        self.stop_button.setEnabled(not self._asked)
        won = self.winner
        self.use_button.setVisible(won is not None and not won.active)
        self.use_button.setEnabled(not self._busy)

    def _use_winner(self) -> None:
        if (won := self.winner) is not None:
            self.activate_asked.emit(won.id)

    def _name(self, model_id: str) -> str:
        return next((model.name for model in self._models if model.id == model_id), model_id)

    def _in_names(self, words: str) -> str:
        """The engine calls models by their ids."""
        names = {model.id: f"“{model.name}”" for model in self._models}
        return re.sub(r"[\w.-]*[\w-]", lambda found: names.get(found[0], found[0]), words)
