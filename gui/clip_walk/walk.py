"""Walks the user through getting a CLIP model: choose, what it costs, get and verify, try."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.records import LibraryStatus, PublishedModel
from engine.requests import GetStatus, ListPublishedModels
from gui.background import Engine
from gui.clip_walk.choice import ChoiceStep
from gui.clip_walk.costs import CostStep
from gui.clip_walk.fetching import FetchStep
from gui.clip_walk.source import request_for
from gui.clip_walk.trial import TrialStep
from gui.confirm import confirm
from gui.icons import icon
from gui.theme import Space, set_role

_SIZE = (920, 540)
CHOICE, COSTS, FETCHING, TRIAL = range(4)


class ClipWalk(QDialog):
    """Four steps; the last of them alone for a model that is here already."""

    asked_to_use = Signal(str)
    """Put this model to work, by its id."""

    def __init__(
        self, engine: Engine, parent: QWidget | None = None, *, model: str | None = None
    ) -> None:
        """Only try a `model` where one is given."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Try a model for pictures" if model else "Get a CLIP model")
        self._model = model or ""
        self._only_trial = model is not None
        self._leaving = False
        self.choice = ChoiceStep()
        self.costs = CostStep()
        self.fetching = FetchStep(engine)
        self.trial = TrialStep(engine)
        self._steps = (self.choice, self.costs, self.fetching, self.trial)
        self._title, self._place = QLabel(), QLabel()
        self.stack = QStackedWidget()
        self.back_button = QPushButton(icon("chevron-left"), "Back")
        self.leave_button = QPushButton("Cancel")
        self.forward_button = QPushButton("Continue")
        self._build()
        self._connect()
        self.resize(*_SIZE)
        if self._only_trial:
            self._go_to(TRIAL)
            self.trial.begin(self._model)
        else:
            self._go_to(CHOICE)
            engine.ask(ListPublishedModels(), self._show_published, owner=self)
            engine.ask(GetStatus(), self._show_status, owner=self)

    @property
    def step(self) -> int:
        """Which step is shown."""
        return self.stack.currentIndex()

    def forward(self) -> None:
        """Go on to the next step, or end with the last."""
        source = self.choice.chosen
        if not self.forward_button.isEnabled() or (source is None and not self._only_trial):
            return
        if self.step == CHOICE and source is not None:
            self.costs.show_source(source)
            self._go_to(COSTS)
        elif self.step == FETCHING and self.fetching.report is not None:
            self._model = self.fetching.report.model
            self._go_to(TRIAL)
            self.trial.begin(self._model)
        elif self.step in (COSTS, FETCHING) and source is not None:
            self._go_to(FETCHING)
            self.fetching.begin(request_for(source, self.costs.architecture))
        elif self.step == TRIAL:
            self.asked_to_use.emit(self._model)
            self.accept()

    def back(self) -> None:
        """Return to the step before."""
        if self.back_button.isEnabled() and self.back_button.isVisible():
            self._go_to(self.step - 1)

    def reject(self) -> None:
        """Leave; asks first while a model is being got."""
        if not self.fetching.is_running:
            super().reject()
            return
        confirm(
            self,
            "Stop getting this model?",
            "What has come so far is deleted, and nothing of it stays behind.",
            "Stop",
            self._stop,
            "Go on",
        )

    def _stop(self) -> None:
        self._leaving = True
        if self.fetching.is_running:
            self.fetching.stop()
        else:  # it ended while the question was open
            super().reject()

    def _show_published(self, models: tuple[PublishedModel, ...]) -> None:
        self.choice.show_published(models)
        self.costs.know_architectures(model.architecture for model in models)

    def _show_status(self, status: LibraryStatus) -> None:
        self.costs.know_pictures(status.n_pictures)

    def _go_to(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        self._title.setText(self._steps[step].title)
        self._place.setText("" if self._only_trial else f"Step {step + 1} of {len(self._steps)}")
        self._enable()
        focus = {CHOICE: self.choice.table, TRIAL: self.trial.field}.get(step, self.forward_button)
        focus.setFocus()

    def _enable(self) -> None:
        """Say what the buttons do in this step, and whether they can."""
        running = self.fetching.is_running
        if self._leaving and not running:
            super().reject()
            return
        have_model = self._only_trial or self.fetching.report is not None
        words, possible = {
            CHOICE: ("Continue", self.choice.chosen is not None),
            COSTS: (self._words_of_getting(), self.costs.is_complete),
            FETCHING: ("Try it out" if running or have_model else "Start again", not running),
            TRIAL: ("Use it", True),
        }[self.step]
        self.forward_button.setText(words)
        self.forward_button.setEnabled(possible)
        self.back_button.setVisible(self.step > CHOICE and not self._only_trial)
        self.back_button.setEnabled(not running)
        late = have_model and self.step >= FETCHING
        self.leave_button.setText(
            "Close" if self._only_trial else "Keep it for later" if late else "Cancel"
        )

    def _words_of_getting(self) -> str:
        return "Download" if isinstance(self.choice.chosen, PublishedModel) else "Import"

    def _build(self) -> None:
        set_role(self._title, "title")
        set_role(self._place, "muted")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._place)
        for step in self._steps:
            self.stack.addWidget(step)
        set_role(self.forward_button, "primary")
        for button in (self.back_button, self.leave_button):
            button.setAutoDefault(False)
        # Enter in a field must not go on: it orders the pictures.
        self.forward_button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.back_button)
        buttons.addStretch()
        buttons.addWidget(self.leave_button)
        buttons.addWidget(self.forward_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.L)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.forward_button.clicked.connect(self.forward)
        self.back_button.clicked.connect(self.back)
        self.leave_button.clicked.connect(self.reject)
        self.choice.settled.connect(self.forward)
        self.fetching.cancelled.connect(lambda: None if self._leaving else self._go_to(COSTS))
        for step in self._steps:
            step.changed.connect(self._enable)
        self.fetching.ended.connect(self.forward_button.setFocus)
