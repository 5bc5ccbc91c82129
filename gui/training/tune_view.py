"""Tuning: what it would learn from, how it goes on, and the gate's verdict."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import EngineError, EngineGone
from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.records import (
    ActivationReport,
    EvalSetInfo,
    JobInfo,
    LibraryStatus,
    ModelInfo,
    TuneReport,
)
from engine.request import Request
from engine.requests import GetStatus, GetTrainingSummary, ListLabels, ListModels
from engine.training_requests import FitAdapter, GetSuggestion
from gui.background import Engine
from gui.error_dialog import show_error
from gui.job_watch import ENGINE_ENDED, JobWatch
from gui.theme import Space
from gui.training.gate_rules_card import GateRulesCard
from gui.training.interrupted_tunings import InterruptedTunings
from gui.training.live_tuning import LiveTuning
from gui.training.readiness_card import ReadinessCard
from gui.training.recipe_chooser import RecipeChooser
from gui.training.tuned_verdict import TunedVerdict
from gui.widgets.labels_card import LabelsCard
from gui.widgets.notice import Notice
from gui.widgets.picture_training_card import PictureTrainingCard

_IN_USE = "The gate's verdict and your reason are kept with it. You can roll back at any time."


class TuneView(QWidget):
    """Starts tunings, watches them, and tells what came of them."""

    models_wanted = Signal()
    """The user wants to see the models page."""
    data_wanted = Signal()
    """The user wants to see what would be trained on."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._evalset: str | None = None
        self._told_of_engine = False
        self._split = "train"
        self._watch = JobWatch(engine, ("finetune",), self, model_kind="text")
        self._watch.changed.connect(self._follow)
        self._watch.ended.connect(self._tell_end)
        self.notice = Notice()
        self.recipes = RecipeChooser(engine)
        self.readiness = ReadinessCard(self.recipes)
        self.readiness.tune_asked.connect(self.tune)
        self.readiness.adapter_asked.connect(self.fit_adapter)
        self.readiness.data_asked.connect(self.data_wanted)
        self.live = LiveTuning(engine, self._watch)
        self.verdict = TunedVerdict(engine)
        self.verdict.models_wanted.connect(self.models_wanted)
        self.verdict.overruling.connect(self._watch.follow)
        self.verdict.rolled_back.connect(self._tell_roll_back)
        self.interrupted = InterruptedTunings(engine)
        self.interrupted.resumed.connect(self._begin)
        self.interrupted.found.connect(self._leave_it_to_resuming)
        self.gate = GateRulesCard(engine)
        self.pictures = PictureTrainingCard(engine)
        self.pictures.hide()
        self.labels = LabelsCard()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        for widget in (
            self.notice,
            self.interrupted,
            self.readiness,
            self.live,
            self.verdict,
            self.gate,
            self.pictures,
            self.labels,
        ):
            column.addWidget(widget)

    def load(self) -> None:
        """Ask what there is to train on, and whether a model is being tuned."""
        ask = self.engine.ask
        ask(GetTrainingSummary(), self.readiness.show_summary, owner=self)
        # A suggestion only orders the buttons: that there is none needs no telling.
        ask(GetSuggestion(), self.readiness.show_suggestion, lambda _: None, owner=self)
        ask(ListLabels(), self.labels.show_labels, owner=self)
        ask(ListModels(), self._show_last_verdict, owner=self)
        ask(GetStatus(), self._show_jobs, owner=self)
        self.recipes.load()
        self.interrupted.load()
        self.gate.load()
        self.pictures.load()

    def show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        """Know the evaluation sets."""
        self.readiness.show_sets(sets)
        self.pictures.show_sets(sets)

    def show_source(self, evalset: str | None, split: str) -> None:
        """Train on another source."""
        self._evalset, self._split = evalset, split
        self.readiness.show_source(evalset, split)
        self.recipes.show_source(evalset, split)

    def tune(self) -> None:
        """Start tuning with the recipe that is chosen."""
        self._start(self.readiness.request)

    def fit_adapter(self) -> None:
        """Start fitting the instant adapter."""
        self._start(FitAdapter(self._evalset, self._split))

    def _start(self, request: Request[JobInfo]) -> None:
        self.notice.hide()
        self.verdict.hide()
        self.readiness.hold()
        self.engine.ask(request, self._begin, self._refuse, owner=self)

    def _follow(self) -> None:
        self.readiness.show_running(self._watch.current)
        self.interrupted.show_busy(self._watch.current is not None)

    def _show_jobs(self, status: LibraryStatus) -> None:
        self._watch.adopt(status.jobs)
        self.pictures.show_status(status)
        if self._watch.current is not None:
            self.verdict.hide()

    def _show_last_verdict(self, models: tuple[ModelInfo, ...]) -> None:
        """Show what came of the last tuning, unless one goes on."""
        self.pictures.show_models(models)
        tuned = [model for model in models if model.kind == "text" and model.gate is not None]
        if tuned and self._watch.current is None:
            last = max(tuned, key=lambda model: model.created_at)
            previous = any(model.previous for model in models if model.kind == "text")
            self.verdict.show_model(last, can_roll_back=previous)

    def _begin(self, info: JobInfo) -> None:
        self._watch.adopt((info,))
        self._follow()

    def _refuse(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            show_error(error, self)
        self._follow()

    def _tell_roll_back(self, model: ModelInfo) -> None:
        self.notice.say("good", f"“{model.name}” is in use again", "The other one is kept.")
        self.load()

    def _leave_it_to_resuming(self) -> None:
        """That the tuning can go on says more than that it ended with the engine."""
        if self._told_of_engine:
            self._told_of_engine = False
            self.notice.hide()

    def _tell_end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=TuneReport() as report):
                self.verdict.show_report(report)
            case Finished(result=ActivationReport() as report):
                self.notice.say("good", "The model is in use now", _IN_USE)
            case Failed():
                self.live.forget()
                self._told_of_engine = end.title == ENGINE_ENDED
                words = "\n".join(part for part in (end.message, end.hint) if part)
                self.notice.say("danger", end.title, words)
            case Cancelled():
                self.live.forget()
        self.load()
