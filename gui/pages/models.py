"""The models page: what can encode the library, and what does."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.records import ActivationReport, JobInfo, LibraryStatus, ModelInfo
from engine.requests import ActivateModel, GetStatus, ListModels, RollBackModel
from gui.background import Engine
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space
from gui.widgets.job_card import JobCard
from gui.widgets.model_card import ModelCard
from gui.widgets.notice import Notice
from gui.widgets.page import Page
from gui.wording import count, duration


class ModelsPage(Page):
    """Put a model to work, and return to the one before."""

    compare_asked = Signal()
    """The user wants to know which model answers best."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "Models",
            "One model at a time turns passages into vectors. Switching encodes the library in "
            "the background first; the old model answers until the new one is ready.",
            ("models", "library"),
            parent,
        )
        self._models: tuple[ModelInfo, ...] = ()
        self._n_chunks = 0
        self._shown: tuple[object, ...] = ()
        self.cards: list[ModelCard] = []
        self._watch = JobWatch(engine, ("activate",), self)
        self._watch.changed.connect(self._show_cards)
        self._watch.ended.connect(self._tell_end)
        self.roll_back_button = QPushButton(icon("undo"), "Roll back")
        self.roll_back_button.setEnabled(False)
        self.roll_back_button.clicked.connect(self.roll_back)
        self.compare_button = QPushButton("Which answers best?")
        self.compare_button.setToolTip("Compare models and ways of searching, on Evaluation")
        self.compare_button.clicked.connect(self.compare_asked)
        self.buttons.addWidget(self.compare_button, 0, Qt.AlignmentFlag.AlignTop)
        self.buttons.addWidget(self.roll_back_button, 0, Qt.AlignmentFlag.AlignTop)
        self.notice = Notice()
        self.notice.acted.connect(self.roll_back)
        self._column = QVBoxLayout()
        self._column.setSpacing(Space.M)
        self.body.addWidget(self.notice)
        self.body.addWidget(JobCard(self._watch))
        self.body.addLayout(self._column)
        self.body.addStretch()

    def load(self) -> None:
        """Ask for the models and the library's size."""
        self.engine.ask(GetStatus(), self._show_status, owner=self)
        self.engine.ask(ListModels(), self._show_models, owner=self)

    def activate(self, model_id: str) -> None:
        """Encode the library with a model, then switch to it."""
        self.notice.hide()
        self.engine.ask(ActivateModel(model_id), self._watch.follow, owner=self)

    def roll_back(self) -> None:
        """Return to the model that was active before."""
        self.notice.hide()
        self.roll_back_button.setEnabled(False)
        self.engine.ask(RollBackModel(), self._tell_roll_back, owner=self)

    def _show_status(self, status: LibraryStatus) -> None:
        self._watch.adopt(status.jobs)
        self._n_chunks = status.n_chunks
        self._show_cards()

    def _show_models(self, models: tuple[ModelInfo, ...]) -> None:
        self._models = models
        self._show_cards()

    def _show_cards(self) -> None:
        busy = self._watch.current is not None
        previous = next((model for model in self._models if model.previous), None)
        self.roll_back_button.setEnabled(previous is not None and not busy)
        self.roll_back_button.setToolTip(
            f"Return to “{previous.name}” at once"
            if previous
            else "No other model was in use before this one"
        )
        to_show = (tuple(replace(model, encoded=0) for model in self._models), busy)
        if to_show == self._shown:  # the cards stay, and keep the keyboard's focus
            encoded = {model.id: model.encoded for model in self._models}
            for card in self.cards:
                card.show_encoded(encoded[card.model.id], self._n_chunks)
            return
        self._shown = to_show
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.cards.clear()
        names = {model.id: model.name for model in self._models}
        for model in sorted(self._models, key=lambda m: (not m.active, -m.created_at)):
            parent_name = names.get(model.base or "", model.base or "")
            card = ModelCard(model, parent_name, self._n_chunks, busy=busy)
            card.asked_to_activate.connect(self.activate)
            self._column.addWidget(card)
            self.cards.append(card)

    def _tell_roll_back(self, model: ModelInfo) -> None:
        self.notice.say("good", f"“{model.name}” answers again")
        self.load_soon()

    def _tell_end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=ActivationReport() as report):
                names = {model.id: model.name for model in self._models}
                words = (
                    f"{count(report.encoded, 'passage')} newly encoded in "
                    f"{duration(report.seconds)}."
                )
                self.notice.say(
                    "good",
                    f"“{names.get(report.model, report.model)}” is in use now",
                    words,
                    "Roll back",
                )
            case Failed():
                words = "\n".join(part for part in (end.message, end.hint) if part)
                self.notice.say("danger", end.title, words)
            case Cancelled():
                self.notice.hide()
        self.load_soon()
