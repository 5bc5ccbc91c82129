"""The training page: what there is to learn from, tuning as it goes on, and the gate's verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)

from engine.errors import EngineError, EngineGone
from engine.events import Cancelled, Failed, Finished, JobEvent, Measured
from engine.records import (
    EvalSetInfo,
    JobInfo,
    LibraryStatus,
    ModelInfo,
    TrainingSummary,
    TuneReport,
)
from engine.requests import (
    Finetune,
    GetStatus,
    GetTrainingSummary,
    ListEvalSets,
    ListLabels,
    ListModels,
)
from gui.background import Engine
from gui.error_dialog import show_error
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.card import Card, explanation
from gui.widgets.curve import Curves
from gui.widgets.job_card import JobCard
from gui.widgets.labels_card import LabelsCard
from gui.widgets.notice import Notice
from gui.widgets.page import Page
from gui.widgets.picture_training_card import PictureTrainingCard
from gui.widgets.stat import Stat
from gui.widgets.training_source import TrainingSource, of_set_in_words
from gui.widgets.verdict_card import VerdictCard
from gui.wording import count


class TrainingPage(Page):
    """Tunes the active model to the user's field."""

    models_wanted = Signal()
    """The user wants to see the models page."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "Training",
            "Teach the model what is relevant in your field. A tuned model is used only if it "
            "answers queries better that it was not trained on.",
            ("labels", "models", "evalsets"),
            parent,
        )
        self._summary: TrainingSummary | None = None
        self._watch = JobWatch(engine, ("finetune",), self, model_kind="text")
        self._watch.changed.connect(self._show_readiness)
        self._watch.measured.connect(self._draw)
        self._watch.ended.connect(self._tell_end)
        self._drawn = ""
        self.notice = Notice()
        self.job_card = JobCard(self._watch, pausable=False)
        self.curves = Curves()
        self.curves.hide()
        self.verdict = VerdictCard()
        self.verdict.asked_for_models.connect(self.models_wanted)
        self.pictures = PictureTrainingCard(engine)
        self.pictures.hide()
        self.labels = LabelsCard()
        for widget in (
            self.notice,
            self._build_start(),
            self.job_card,
            self.verdict,
            self.curves,
            self.pictures,
            self.labels,
        ):
            self.body.addWidget(widget)
        self.body.addStretch()

    def load(self) -> None:
        """Ask what there is to train on, and whether a model is being tuned."""
        self.engine.ask(GetTrainingSummary(), self._show_summary, owner=self)
        self.engine.ask(ListEvalSets(), self._show_sets, owner=self)
        self.engine.ask(ListLabels(), self.labels.show_labels, owner=self)
        self.engine.ask(ListModels(), self._show_last_verdict, owner=self)
        self.engine.ask(GetStatus(), self._show_jobs, owner=self)
        self.pictures.load()

    def tune(self) -> None:
        """Start tuning on what is chosen."""
        self.notice.hide()
        self.verdict.hide()
        self.tune_button.setEnabled(False)
        self.engine.ask(self.source.chosen, self._begin, self._refuse, owner=self)

    def _build_start(self) -> Card:
        card = Card("What the model can learn from")
        self._stats = {
            "n_thumbs_up": Stat("thumbs up"),
            "n_thumbs_down": Stat("thumbs down"),
            "n_judgments": Stat("judgments", "Grades 0 to 3 that you gave"),
            "n_queries": Stat(
                "queries with a relevant result", "Different queries with something relevant"
            ),
            "n_pairs": Stat("training pairs", "A query with a passage that answers it"),
            "new_since_last": Stat("new since the last tuning"),
        }
        numbers = QHBoxLayout()
        numbers.setSpacing(Space.XL)
        for stat in self._stats.values():
            numbers.addWidget(stat)
        numbers.addStretch()
        self._enough = QProgressBar()
        self._enough.setTextVisible(False)
        self._enough.setAccessibleName("How much of the needed feedback there is")
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.source = TrainingSource(Finetune(), "My own feedback")
        self.source.setAccessibleName("What to train on")
        self.source.currentIndexChanged.connect(self._show_readiness)
        self.tune_button = QPushButton(icon("sparkle", "on_accent"), "Tune the model")
        set_role(self.tune_button, "primary")
        self.tune_button.setStyleSheet("padding: 11px 28px")  # the page's one large button
        self.tune_button.setEnabled(False)
        self.tune_button.clicked.connect(self.tune)
        label = QLabel("Train &on")
        label.setBuddy(self.source)
        start = QHBoxLayout()
        start.setSpacing(Space.M)
        start.addWidget(label)
        start.addWidget(self.source)
        start.addWidget(self.reason, 1)
        start.addWidget(self.tune_button)
        card.body.addLayout(numbers)
        card.body.addWidget(self._enough)
        card.body.addLayout(start)
        card.body.addWidget(
            explanation(
                "Part of the queries is held out to test the result. The model in use goes on "
                "answering meanwhile, and you can return to it at any time."
            )
        )
        return card

    def _show_summary(self, summary: TrainingSummary) -> None:
        self._summary = summary
        for name, stat in self._stats.items():
            stat.show_number(getattr(summary, name))
        self._enough.setMaximum(max(summary.n_needed, 1))
        self._enough.setValue(min(summary.n_queries, summary.n_needed))
        self._show_readiness()

    def _show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        self.source.show_sets(sets)
        self.pictures.show_sets(sets)
        self._show_readiness()

    def _show_readiness(self) -> None:
        """Say whether tuning can start, and if not, why."""
        own = self.source.is_own
        summary = self._summary
        running = self._watch.current
        self._enough.setVisible(bool(own and summary and summary.missing))
        if running is not None:
            why, ready = "A model is being tuned.", False
        elif not own:
            why, ready = of_set_in_words(self.source.chosen.split), True
        elif summary is None:
            why, ready = "", False
        elif summary.missing:
            why, ready = summary.missing, False
        else:
            new = count(summary.new_since_last, "label")
            why, ready = f"There is enough to learn from: {new} since the last tuning.", True
        self.reason.setText(why)
        blocked = own and summary is not None and bool(summary.missing) and running is None
        set_role(self.reason, "warning" if blocked else "muted")
        self.tune_button.setEnabled(ready)
        self.tune_button.setToolTip("Takes minutes; searching goes on meanwhile" if ready else why)

    def _show_jobs(self, status: LibraryStatus) -> None:
        self._watch.adopt(status.jobs)
        self.pictures.show_status(status)
        if self._watch.current is not None:
            self.curves.show()
            self.verdict.hide()

    def _show_last_verdict(self, models: tuple[ModelInfo, ...]) -> None:
        """Show what came of the last tuning, unless one goes on."""
        self.pictures.show_models(models)
        tuned = [model for model in models if model.kind == "text" and model.gate is not None]
        if tuned and self._watch.current is None:
            last = max(tuned, key=lambda model: model.created_at)
            assert last.gate is not None
            self.verdict.show_verdict(last.name, last.gate, in_use=last.active)

    def _begin(self, info: JobInfo) -> None:
        self._watch.adopt((info,))
        self._show_readiness()

    def _refuse(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            show_error(error, self)
        self._show_readiness()

    def _draw(self, point: Measured) -> None:
        if point.job != self._drawn:
            self._drawn = point.job
            self.curves.clear()
        self.curves.show()
        self.curves.add(point.series, point.step, point.value)

    def _tell_end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=TuneReport() as report):
                self.verdict.show_verdict(report.model, report.gate, in_use=report.accepted)
            case Failed():
                self.curves.hide()
                words = "\n".join(part for part in (end.message, end.hint) if part)
                self.notice.say("danger", end.title, words)
            case Cancelled():
                self.curves.hide()
        self.load_soon()
