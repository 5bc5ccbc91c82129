"""A tuning as it goes on: its figures and curves, and the ways to hold and to end it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError, EngineGone, NotFound
from engine.events import Measured, Progress
from engine.training_requests import StopTuning
from gui.background import Engine
from gui.error_dialog import show_error
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space
from gui.widgets.curve import Curve
from gui.widgets.job_card import JobCard
from gui.wording import rate

_LOW = 110
_STEPS = "steps"


class LiveTuning(QWidget):
    """The job's card over three curves; hidden until something is tuned."""

    def __init__(self, engine: Engine, watch: JobWatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._watch = watch
        self._drawn = ""
        self._steps_of = ""
        self.job_card = JobCard(watch)
        self.stop_button = QPushButton(icon("check"), "Stop and keep the best")
        self.stop_button.setToolTip(
            "Ends training here; the best model so far is tested as it would have been at the end"
        )
        self.stop_button.clicked.connect(self._stop)
        self.stop_button.hide()
        self.job_card.controls.addWidget(self.stop_button)
        self.loss = Curve("Training loss", "It appears with the first steps.")
        self.quality = Curve(
            "Validation nDCG@10",
            "Measured now and then on queries that are not trained on.",
            least_span=0.05,
        )
        self.learning_rate = Curve(
            "Learning rate", "How far each step moves the weights.", digits=".1e", height=_LOW
        )
        self.curves = QWidget()
        self._lay_out()
        watch.changed.connect(self._follow)
        watch.measured.connect(self._draw)
        watch.progressed.connect(self._show_progress)
        self._follow()

    def show_curves(self) -> None:
        """Show the curves, though no point has come."""
        self.curves.show()
        self.show()

    def forget(self) -> None:
        """Hide the curves: nothing came of the tuning."""
        self.curves.hide()
        self._follow()

    def _lay_out(self) -> None:
        pair = QHBoxLayout()
        pair.setSpacing(Space.L)
        pair.addWidget(self.loss, 1)
        pair.addWidget(self.quality, 1)
        below = QVBoxLayout(self.curves)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(Space.L)
        below.addLayout(pair)
        below.addWidget(self.learning_rate)
        self.curves.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        column.addWidget(self.job_card)
        column.addWidget(self.curves)

    def _follow(self) -> None:
        job = self._watch.current
        if job is None or job.id != self._steps_of:
            self.stop_button.hide()
        self.setVisible(job is not None or not self.curves.isHidden())

    def _show_progress(self, progress: Progress) -> None:
        """Only steps can be stopped before the last: a gate that was half asked says nothing."""
        if (job := self._watch.current) is None or progress.job != job.id:
            return
        in_steps = progress.unit == _STEPS and progress.done > 0
        if not in_steps:
            self.job_card.show_note("")  # the trainer's speed says nothing of what follows
        if in_steps and self._steps_of != job.id:
            self._steps_of = job.id
            self.stop_button.setEnabled(True)
        self.stop_button.setVisible(in_steps)

    def _draw(self, point: Measured) -> None:
        if point.job != self._drawn:
            self._drawn = point.job
            for curve in (self.loss, self.quality, self.learning_rate):
                curve.clear()
            self.job_card.show_note("")
        self.show_curves()
        match point.series:
            case "loss":
                self.loss.add(point.step, point.value)
            case "learning rate":
                self.learning_rate.add(point.step, point.value)
            case "pairs a second":
                self.job_card.show_note(rate(point.value, "pairs"))
            case "validation loss":
                pass  # nDCG@10 is what the best is chosen by
            case _:
                self.quality.add(point.step, point.value)

    def _stop(self) -> None:
        job = self._watch.current
        if job is None:
            return
        self.stop_button.setEnabled(False)
        self._engine.ask(StopTuning(job.id), lambda _: None, self._refuse, self)

    def _refuse(self, error: EngineError) -> None:
        if isinstance(error, NotFound | EngineGone):  # it has ended meanwhile, which is told
            return
        self.stop_button.setEnabled(True)
        show_error(error, self)
