"""A running job: what it does, how far it is, how long it will take, and the ways to stop it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from engine.events import Progress, Warned
from engine.records import JobInfo
from gui.confirm import confirm_cancel
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.elided_label import ElidedLabel
from gui.wording import count, duration, rate


class JobCard(Card):
    """The current job of a watch; hidden while there is none."""

    def __init__(
        self, watch: JobWatch, *, pausable: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self._watch = watch
        self._pausable = pausable
        self._job: JobInfo | None = None
        self._warnings: list[Warned] = []
        self._note = ""
        self.controls = QHBoxLayout()
        """Room for what else can be done with the job, beside pausing and cancelling."""
        self._build()
        watch.changed.connect(self._follow)
        watch.progressed.connect(self._show_progress)
        watch.warned.connect(self._show_warning)
        self._follow()

    @property
    def words(self) -> str:
        """What it says; empty while it is hidden."""
        if self.isHidden():
            return ""
        labels = (self._title, self._left, self._stage, self._counts, self._warning)
        return "\n".join(label.text() for label in labels if not label.isHidden())

    def show_note(self, words: str) -> None:
        """Say more beside how far the job is, from its next progress on."""
        self._note = words

    def _build(self) -> None:
        self._title = ElidedLabel()
        set_role(self._title, "heading")
        self._left = QLabel()
        set_role(self._left, "muted")
        self._stage = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._counts = QLabel()
        set_role(self._counts, "small")
        self._warning = QLabel()
        set_role(self._warning, "warning")
        self._warning.setWordWrap(True)
        self._warning.setTextFormat(Qt.TextFormat.PlainText)
        self._pause = QPushButton(icon("pause"), "Pause")
        self._pause.clicked.connect(self._pause_or_resume)
        self._cancel = QPushButton(icon("stop"), "Cancel")
        self._cancel.clicked.connect(self._stop)
        self._cancel_all = QPushButton("Cancel all")
        self._cancel_all.clicked.connect(self._stop_all)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._left)
        self.controls.setSpacing(Space.S)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addWidget(self._counts, 1)
        below.addLayout(self.controls)
        below.addWidget(self._pause)
        below.addWidget(self._cancel)
        below.addWidget(self._cancel_all)
        self.body.setSpacing(Space.S)
        self.body.addLayout(top)
        self.body.addWidget(self._stage)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._warning)
        self.body.addLayout(below)

    def _follow(self) -> None:
        """Show the job that is current now."""
        job = self._watch.current
        if job is None or self._job is None or job.id != self._job.id:
            self._clear()
        self._job = job
        self.setVisible(job is not None)
        if job is None:
            return
        waiting = len(self._watch.unfinished) - 1
        self._title.setText(f"{job.title} · {waiting} more waiting" if waiting else job.title)
        paused = job.state == "paused"
        self._pause.setVisible(self._pausable and job.state != "queued")
        self._pause.setText("Resume" if paused else "Pause")
        self._pause.setIcon(icon("play" if paused else "pause"))
        self._cancel_all.setVisible(waiting > 0)
        if job.state == "queued":
            self._left.setText("Waiting its turn")
        elif paused:
            self._left.setText("Paused")
        elif self._left.text() in ("Paused", "Waiting its turn"):
            self._left.clear()

    def _clear(self) -> None:
        self._note = ""
        self._warnings.clear()
        self._warning.hide()
        self._stage.setText("Starting")
        self._counts.clear()
        self._left.clear()
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)
        self._cancel.setText("Cancel")

    def _show_progress(self, progress: Progress) -> None:
        if self._job is None or progress.job != self._job.id:
            return
        self._stage.setText(
            f"{progress.stage}: {progress.detail}" if progress.detail else progress.stage
        )
        self._bar.setMaximum(progress.total or 0)
        self._bar.setValue(progress.done)
        counts = counts_in_words(progress)
        said = (counts, self._note) if counts else ()
        self._counts.setText(" · ".join(part for part in said if part))
        if self._job.state == "running":
            left = progress.seconds_left
            self._left.setText("" if left is None else time_left(left))

    def _show_warning(self, warning: Warned) -> None:
        if self._job is None or warning.job != self._job.id:
            return
        self._warnings.append(warning)
        words = f"{warning.title}. {warning.message} {warning.hint}".strip()
        more = len(self._warnings) - 1
        self._warning.setText(f"{words} ({count(more, 'warning')} before)" if more else words)
        self._warning.setToolTip("\n".join(f"{w.title}. {w.message}" for w in self._warnings[-20:]))
        self._warning.show()

    def _pause_or_resume(self) -> None:
        if self._job is None:
            return
        if self._job.state == "paused":
            self._watch.resume(self._job.id)
        else:
            self._watch.pause(self._job.id)

    def _stop(self) -> None:
        if (job := self._job) is not None:
            confirm_cancel(self, job, lambda: self._cancel_job(job))

    def _cancel_job(self, job: JobInfo) -> None:
        if self._job is not None and self._job.id == job.id:
            self._cancel.setEnabled(False)
            self._cancel.setText("Stopping…")
        self._watch.cancel(job.id)

    def _stop_all(self) -> None:
        def stop() -> None:
            for job in reversed(self._watch.unfinished):  # what waits first: none starts meanwhile
                self._watch.cancel(job.id)

        if self._job is not None:
            confirm_cancel(self, self._job, stop)


def counts_in_words(progress: Progress) -> str:
    """How much is done, and how fast: `1,204 of 5,000 files · 140 files/s`."""
    if not progress.unit and not progress.total:
        return ""
    of = f" of {count(progress.total)}" if progress.total is not None else ""
    words = f"{count(progress.done)}{of} {progress.unit}".rstrip()
    if progress.rate is not None and progress.unit:
        words += f" · {rate(progress.rate, progress.unit)}"
    return words


def time_left(seconds: float) -> str:
    """How long it will take, in words: `About 3 min left`."""
    if seconds < 10:
        return "A few seconds left"
    if seconds < 60:
        return "Less than a minute left"
    return f"About {duration(seconds)} left"
