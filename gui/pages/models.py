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
from engine.requests import (
    ActivateModel,
    GetSettings,
    GetStatus,
    ListModels,
    RemoveModel,
    RollBackModel,
)
from engine.settings import Settings
from gui.background import Engine
from gui.clip_walk.walk import ClipWalk
from gui.confirm import confirm
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.models.ab_test_card import AbTestCard
from gui.models.disk_line import DiskLine
from gui.models.text_models import TextModels
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
            ("models", "library", "settings", "labels"),
            parent,
        )
        self._models: tuple[ModelInfo, ...] = ()
        self._totals: dict[ModelKind, int] = {"text": 0, "image": 0}
        self._taken: int | None = None
        self._settings: Settings | None = None
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
        self.text_models = TextModels(engine, self)
        self.text_models.changed.connect(self.load_soon)
        self.text_models.activate_asked.connect(self.activate)
        self.text_models.activating.connect(self._watch.follow)
        self.disk = DiskLine()
        self.ab_test = AbTestCard(engine)
        self.ab_test.activate_asked.connect(self.activate)
        self._build_text_buttons()
        self.get_button = QPushButton(icon("add", "on_accent"), "Get a CLIP model…")
        set_role(self.get_button, "primary")
        self.pictures.buttons.addWidget(self.get_button, 0, Qt.AlignmentFlag.AlignBottom)
        self.get_button.clicked.connect(self.get_model)
        self.pictures.asked_to_try.connect(lambda model: self._open_walk(model.id))
        for section in (self.texts, self.pictures):
            section.asked_to_activate.connect(self.activate)
            section.asked_to_roll_back.connect(partial(self.roll_back, section.kind))
        self.texts.asked_for_details.connect(self.text_models.show_details)
        self.texts.asked_to_remove.connect(self.text_models.ask_to_remove)
        self.pictures.asked_to_remove.connect(self._confirm_removal)
        for widget in (
            self.notice,
            self.text_models.notice,
            JobCard(self._watch),
            JobCard(self._imports, pausable=False),
            JobCard(self.text_models.exports, pausable=False),
            self.disk,
            self.texts,
            self.ab_test,
            self.pictures,
        ):
            self.body.addWidget(widget)
        self.body.addStretch()

    def _build_text_buttons(self) -> None:
        self.beside_button = QPushButton("Compare…")
        self.beside_button.setAccessibleName("Compare two models for texts")
        self.beside_button.setToolTip("Two models beside each other: what differs, what they reach")
        self.beside_button.clicked.connect(lambda: self.text_models.compare())
        self.import_button = QPushButton(icon("add"), "Import…")
        self.import_button.setAccessibleName("Import a model for texts")
        self.import_button.setToolTip(
            "A folder as sentence-transformers writes it, with safetensors, or one that was "
            "exported here"
        )
        self.import_button.clicked.connect(self.text_models.choose_import)
        for button in (self.beside_button, self.import_button):
            self.texts.buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)

    @property
    def cards(self) -> list[ModelCard]:
        """The cards of all models."""
        return self.texts.cards + self.pictures.cards

    def load(self) -> None:
        """Ask for the models and the library's size."""
        self.engine.ask(GetStatus(), self._show_status, owner=self)
        self.engine.ask(ListModels(), self._show_models, owner=self)
        self.engine.ask(GetSettings(), self._show_settings, lambda _: None, owner=self)
        self.ab_test.load()

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
        for watch in (self._watch, self._imports, self.text_models.exports):
            watch.adopt(status.jobs)
        self._taken = status.disk.models
        self._totals = {"text": status.n_chunks, "image": status.n_pictures}
        self._show_cards()

    def _show_models(self, models: tuple[ModelInfo, ...]) -> None:
        self._models = models
        self.text_models.show_models(models)
        self.beside_button.setEnabled(sum(model.kind == "text" for model in models) > 1)
        self._show_cards()

    def _show_settings(self, settings: Settings) -> None:
        self._settings = settings
        self._show_disk()

    def _show_disk(self) -> None:
        if self._settings is not None and self._taken is not None:
            self.disk.show_use(self._taken, self._settings.models_budget_mb, self._models)

    def _show_cards(self) -> None:
        busy = self._watch.current is not None
        for section in (self.texts, self.pictures):
            section.show_models(self._models, self._totals[section.kind], busy=busy)
        self.ab_test.show_models(self._models, busy=busy)
        self._show_disk()

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
