"""The models page: what can encode the library, and what does."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.errors import EngineError, EngineGone
from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.records import (
    ActivationReport,
    JobInfo,
    LibraryStatus,
    ModelInfo,
    ModelKind,
)
from engine.requests import ActivateModel, GetStatus, ListModels, RemoveModel, RollBackModel
from gui.background import Engine
from gui.clip_walk.walk import ClipWalk
from gui.confirm import confirm
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import set_role
from gui.widgets.job_card import JobCard
from gui.widgets.model_card import WHAT_IS_ENCODED, ModelCard
from gui.widgets.models_section import ModelsSection
from gui.widgets.notice import Notice
from gui.widgets.page import Page
from gui.wording import count, duration, size


class ModelsPage(Page):
    """Put a model to work, and return to the one before."""

    compare_asked = Signal()
    """The user wants to know which model answers best."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "Models",
            "One model turns passages into vectors, another one pictures. Switching encodes the "
            "library in the background first; the old model answers until the new one is ready.",
            ("models", "library"),
            parent,
        )
        self._models: tuple[ModelInfo, ...] = ()
        self._totals: dict[ModelKind, int] = {"text": 0, "image": 0}
        self._undoes: ModelKind = "text"
        self._watch = JobWatch(engine, ("activate",), self)
        self._watch.changed.connect(self._show_cards)
        self._watch.ended.connect(self._tell_end)
        self._imports = JobWatch(engine, ("import",), self)
        self._imports.ended.connect(self.load_soon)  # what came of it is told where it was begun
        self.compare_button = QPushButton("Which answers best?")
        self.compare_button.setToolTip("Compare models and ways of searching, on Evaluation")
        self.compare_button.clicked.connect(self.compare_asked)
        self.buttons.addWidget(self.compare_button, 0, Qt.AlignmentFlag.AlignTop)
        self.notice = Notice()
        self.notice.acted.connect(lambda: self.roll_back(self._undoes))
        self.texts = ModelsSection(
            "text", "Texts", "Finds passages whose meaning is close to that of your words."
        )
        self.pictures = ModelsSection(
            "image",
            "Pictures",
            "The model that comes with the program finds pictures that look alike well; words "
            "find what belongs to 1,000 everyday kinds of things. A CLIP model understands whole "
            "sentences.",
        )
        self.get_button = QPushButton(icon("add", "on_accent"), "Get a CLIP model…")
        set_role(self.get_button, "primary")
        self.pictures.buttons.addWidget(self.get_button, 0, Qt.AlignmentFlag.AlignBottom)
        self.get_button.clicked.connect(self.get_model)
        self.pictures.asked_to_try.connect(lambda model: self._open_walk(model.id))
        for section in (self.texts, self.pictures):
            section.asked_to_activate.connect(self.activate)
            section.asked_to_roll_back.connect(partial(self.roll_back, section.kind))
            section.asked_to_remove.connect(self._confirm_removal)
        for widget in (
            self.notice,
            JobCard(self._watch),
            JobCard(self._imports, pausable=False),
            self.texts,
            self.pictures,
        ):
            self.body.addWidget(widget)
        self.body.addStretch()

    @property
    def cards(self) -> list[ModelCard]:
        """The cards of all models."""
        return self.texts.cards + self.pictures.cards

    def load(self) -> None:
        """Ask for the models and the library's size."""
        self.engine.ask(GetStatus(), self._show_status, owner=self)
        self.engine.ask(ListModels(), self._show_models, owner=self)

    def activate(self, model_id: str) -> None:
        """Encode the library with a model, then switch to it."""
        self.notice.hide()
        self.engine.ask(ActivateModel(model_id), self._watch.follow, owner=self)

    def get_model(self) -> None:
        """Walk the user through getting a CLIP model."""
        self._open_walk(None)

    def _open_walk(self, model_id: str | None) -> None:
        walk = ClipWalk(self.engine, self, model=model_id)
        walk.asked_to_use.connect(self.activate)
        walk.finished.connect(self.load_soon)
        walk.open()

    def roll_back(self, kind: ModelKind) -> None:
        """Return to the model of a kind that was active before."""
        self.notice.hide()
        for section in (self.texts, self.pictures):
            if section.kind == kind:
                section.roll_back_button.setEnabled(False)
        self.engine.ask(RollBackModel(kind), self._tell_roll_back, self._refuse, owner=self)

    def _show_status(self, status: LibraryStatus) -> None:
        for watch in (self._watch, self._imports):
            watch.adopt(status.jobs)
        self._totals = {"text": status.n_chunks, "image": status.n_pictures}
        self._show_cards()

    def _show_models(self, models: tuple[ModelInfo, ...]) -> None:
        self._models = models
        self._show_cards()

    def _show_cards(self) -> None:
        busy = self._watch.current is not None
        for section in (self.texts, self.pictures):
            section.show_models(self._models, self._totals[section.kind], busy=busy)

    def _confirm_removal(self, model: ModelInfo) -> None:
        freed = f" That frees {size(model.size_bytes)}." if model.size_bytes else ""
        again = "downloaded or imported" if model.origin == "imported" else "made"
        confirm(
            self,
            f"Remove “{model.name}”?",
            f"It is deleted together with the vectors that it made.{freed} To use it again it "
            f"has to be {again} anew.",
            "Remove",
            lambda: self._remove(model),
        )

    def _remove(self, model: ModelInfo) -> None:
        def removed(_: None) -> None:
            self.notice.say("good", f"“{model.name}” was removed")
            self.load_soon()

        self.notice.hide()
        self.engine.ask(RemoveModel(model.id), removed, self._refuse, owner=self)

    def _refuse(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            self._say_failure(error.title, error.message, error.hint)
        self.load_soon()

    def _tell_roll_back(self, model: ModelInfo) -> None:
        self.notice.say("good", f"“{model.name}” answers again")
        self.load_soon()

    def _tell_end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=ActivationReport() as report):
                model = next((one for one in self._models if one.id == report.model), None)
                self._undoes = model.kind if model else "text"
                words = (
                    f"{count(report.encoded, WHAT_IS_ENCODED[self._undoes])} newly encoded in "
                    f"{duration(report.seconds)}."
                )
                name = model.name if model else report.model
                self.notice.say("good", f"“{name}” is in use now", words, "Roll back")
            case Failed():
                self._say_failure(end.title, end.message, end.hint)
            case Cancelled():
                self.notice.hide()
        self.load_soon()

    def _say_failure(self, title: str, message: str, hint: str) -> None:
        self.notice.say("danger", title, "\n".join(part for part in (message, hint) if part))
