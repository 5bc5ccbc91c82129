"""Fits the model for pictures to what is said of pictures: what there is, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from engine.errors import EngineError, EngineGone
from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.records import (
    ActivationReport,
    EvalSetInfo,
    JobInfo,
    LibraryStatus,
    ModelInfo,
    PictureTraining,
    TuneReport,
)
from engine.requests import ActivateModel, Finetune, GetPictureTraining
from gui.background import Engine
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.card import Card, explanation
from gui.widgets.job_card import JobCard
from gui.widgets.notice import Notice
from gui.widgets.stat import Stat
from gui.widgets.training_source import TrainingSource, of_set_in_words
from gui.widgets.verdict_card import VerdictCard
from gui.wording import count


class PictureTrainingCard(Card):
    """Counts, the button that starts a fit, and the verdict on the last one."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            "Pictures",
            "Captions, tags, judgments, and file names that say something teach the model for "
            "pictures your words for what they show.",
            parent,
        )
        self._engine = engine
        self._training: PictureTraining | None = None
        self._models: tuple[ModelInfo, ...] = ()
        self._dismissed = ""
        self._watch = JobWatch(engine, ("finetune",), self, model_kind="image")
        self._watch.changed.connect(self._show_readiness)
        self._watch.ended.connect(self._tell_end)
        self._stats = {
            "n_captions": Stat("captions and tags", "Yours, and those that files carry"),
            "n_titles": Stat("telling names", "Names of files that say what is to be seen"),
            "n_judgments": Stat("judgments", "Relevant results and thumbs up, on pictures"),
            "n_pictures": Stat("different pictures", "Among all of these"),
            "new_since_last": Stat("new since the last fit"),
        }
        self._enough = QProgressBar()
        self._enough.setTextVisible(False)
        self._enough.setAccessibleName("How many of the needed pictures there are")
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.source = TrainingSource(Finetune(kind="image"), "My own pictures")
        self.source.setAccessibleName("What to fit the model for pictures to")
        self.source.currentIndexChanged.connect(self._show_readiness)
        self.fit_button = QPushButton(icon("sparkle", "on_accent"), "Fit to my pictures")
        set_role(self.fit_button, "primary")
        self.fit_button.setEnabled(False)
        self.fit_button.clicked.connect(self.fit)
        self.notice = Notice()
        self.job_card = JobCard(self._watch, pausable=False)
        self.verdict = VerdictCard()
        self.verdict.asked_to_use.connect(self.use)
        self.verdict.dismissed.connect(self._dismiss)
        self._build()

    def load(self) -> None:
        """Ask what there is to fit to."""
        self._engine.ask(GetPictureTraining(), self._show_training, owner=self)

    def show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        """Offer the evaluation sets of pictures."""
        self.source.show_sets(sets)
        self._choice.setVisible(self.source.count() > 1)
        self._show_readiness()

    def show_status(self, status: LibraryStatus) -> None:
        """Take up a fit that goes on; a library without pictures has nothing to show here."""
        self._watch.adopt(status.jobs)
        self.setVisible(bool(status.n_pictures))

    def show_models(self, models: tuple[ModelInfo, ...]) -> None:
        """Show what came of the last fit, unless one goes on."""
        self._models = models
        fitted = [model for model in models if model.kind == "image" and model.gate is not None]
        if not fitted or self._watch.current is not None:
            return
        last = max(fitted, key=lambda model: model.created_at)
        assert last.gate is not None
        if last.id != self._dismissed:
            self.verdict.show_verdict(
                last.name, last.gate, in_use=last.active, kind="image", notes=last.notes
            )
            self._offered = last.id

    def fit(self) -> None:
        """Start fitting to what is chosen."""
        self.notice.hide()
        self.verdict.hide()
        self.fit_button.setEnabled(False)
        self._engine.ask(self.source.chosen, self._begin, self._refuse, owner=self)

    def use(self) -> None:
        """Put the last fitted model to work."""
        self.notice.hide()
        request = ActivateModel(self._offered)
        self._engine.ask(request, self._watch.follow, self._refuse, owner=self)

    def _build(self) -> None:
        numbers = QHBoxLayout()
        numbers.setSpacing(Space.XL)
        for stat in self._stats.values():
            numbers.addWidget(stat)
        numbers.addStretch()
        label = QLabel("&Fit to")
        label.setBuddy(self.source)
        self._choice = QWidget()
        choice = QHBoxLayout(self._choice)
        choice.setContentsMargins(0, 0, 0, 0)
        choice.setSpacing(Space.M)
        choice.addWidget(label)
        choice.addWidget(self.source)
        start = QHBoxLayout()
        start.setSpacing(Space.M)
        start.addWidget(self._choice)
        start.addWidget(self.reason, 1)
        start.addWidget(self.fit_button)
        self._offered = ""
        self._choice.hide()
        self.body.addLayout(numbers)
        self.body.addWidget(self._enough)
        self.body.addLayout(start)
        for widget in (self.notice, self.job_card, self.verdict):
            self.body.addWidget(widget)
        self.body.addWidget(
            explanation(
                "It takes seconds. Part of the pictures is held out to test the result, and the "
                "model in use stays until you say otherwise."
            )
        )

    def _show_training(self, training: PictureTraining) -> None:
        self._training = training
        for name, stat in self._stats.items():
            stat.show_number(getattr(training, name))
        self._enough.setMaximum(max(training.n_needed, 1))
        self._enough.setValue(min(training.n_pictures, training.n_needed))
        self._show_readiness()

    def _show_readiness(self) -> None:
        """Say whether fitting can start, and if not, why."""
        own, training, running = self.source.is_own, self._training, self._watch.current
        lacking = training.missing if own and training else ""
        self._enough.setVisible(bool(lacking))
        if running is not None:
            why, ready = f"{running.title} goes on.", False
        elif not own:
            why, ready = of_set_in_words(self.source.chosen.split), True
        elif training is None:
            why, ready = "", False
        elif lacking:
            why, ready = lacking, False
        else:
            pictures = count(training.n_pictures, "picture")
            why, ready = f"There is enough to learn from: {pictures} with words of yours.", True
        self.reason.setText(why)
        set_role(self.reason, "warning" if lacking and running is None else "muted")
        self.fit_button.setEnabled(ready)
        self.fit_button.setToolTip("Takes seconds; searching goes on meanwhile" if ready else why)

    def _begin(self, info: JobInfo) -> None:
        self._watch.follow(info)
        self._show_readiness()

    def _refuse(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            self._say_failure(error.title, error.message, error.hint)
        self._show_readiness()

    def _dismiss(self) -> None:
        self._dismissed = self._offered
        self.verdict.hide()

    def _tell_end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=TuneReport() as report):
                self._offered = report.model
                self.verdict.show_verdict(report.model, report.gate, in_use=False, kind="image")
            case Finished(result=ActivationReport() as report):
                names = {model.id: model.name for model in self._models}
                self.verdict.hide()
                self.notice.say(
                    "good",
                    f"“{names.get(report.model, report.model)}” is in use now",
                    "On the models page you can return to the one before.",
                )
            case Failed():
                self._say_failure(end.title, end.message, end.hint)
            case Cancelled():
                pass
        self.load()

    def _say_failure(self, title: str, message: str, hint: str) -> None:
        self.notice.say("danger", title, "\n".join(part for part in (message, hint) if part))
