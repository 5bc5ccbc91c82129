"""The window's status bar: how the engine stands, and how far its work is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from engine.client import EngineState
from engine.events import Progress
from gui.confirm import confirm_cancel
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.widgets.job_card import counts_in_words, time_left

_BAR_WIDTH = 160
_SAID_MS = 5000
_STATES: dict[str, tuple[str, str, str]] = {
    "starting": ("Starting…", "clock", "muted"),
    "ready": ("Ready", "check", "good"),
    "restarting": ("Restarting…", "refresh", "warning"),
    "refused": ("The library is not open", "error", "danger"),
    "stopped": ("Stopped", "error", "danger"),
}


class StatusLine(QStatusBar):
    """Says one thing at the left, and shows the current job at the right."""

    def __init__(self, watch: JobWatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watch = watch
        self._idle = ""
        self._state: EngineState = "starting"
        self.setSizeGripEnabled(False)
        self._state_icon = IconLabel("clock", "muted", 16)
        self._words = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._said = QTimer(self, interval=_SAID_MS, singleShot=True)
        self._said.timeout.connect(self._show_idle)
        self.addWidget(self._padded(self._state_icon, self._words), 1)
        self._job = self._build_job()
        self.addPermanentWidget(self._job)
        watch.changed.connect(self._follow)
        watch.progressed.connect(self._show_progress)
        self.show_state("starting")
        self._follow()

    @property
    def words(self) -> str:
        """What it says."""
        job = "" if self._job.isHidden() else f"{self._stage.text()} {self._counts.text()}"
        return f"{self._words.text()} {job}".strip()

    def show_state(self, state: EngineState) -> None:
        """Show how the engine stands."""
        self._state = state
        _, icon_name, color = _STATES[state]
        self._state_icon.show_icon(icon_name, color)
        self._show_idle()

    def show_idle(self, words: str) -> None:
        """What to say while there is nothing else to say."""
        self._idle = words
        if not self._said.isActive():
            self._show_idle()

    def say(self, words: str) -> None:
        """Say something for a few seconds."""
        self._words.setText(words)
        self._said.start()

    def _show_idle(self) -> None:
        self._said.stop()
        words = _STATES[self._state][0]
        self._words.setText(self._idle if self._state == "ready" and self._idle else words)

    def _build_job(self) -> QWidget:
        self._stage = QLabel()
        self._stage.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_WIDTH)
        self._counts = QLabel()
        self._pause = QToolButton()
        self._pause.clicked.connect(self._pause_or_resume)
        self._cancel = QToolButton()
        self._cancel.setIcon(icon("stop"))
        self._cancel.setAccessibleName("Cancel this job")
        self._cancel.clicked.connect(self._stop)
        return self._padded(self._stage, self._bar, self._counts, self._pause, self._cancel)

    @staticmethod
    def _padded(*widgets: QWidget) -> QWidget:
        padded = QWidget()
        row = QHBoxLayout(padded)
        row.setContentsMargins(Space.S, 2, Space.S, 2)
        row.setSpacing(Space.S)
        for widget in widgets:
            row.addWidget(widget, 1 if isinstance(widget, ElidedLabel) else 0)
        return padded

    def _follow(self) -> None:
        """Show the job that is current now."""
        job = self._watch.current
        self._job.setVisible(job is not None)
        if job is None:
            self._counts.clear()
            return
        if not self._counts.text():
            self._bar.setRange(0, 0)
        paused = job.state == "paused"
        self._stage.setText(f"{job.title} (paused)" if paused else job.title)
        tuning = job.kind == "finetune" and job.model_kind == "text"  # pictures take seconds
        self._pause.setVisible(tuning or job.kind in ("index", "activate"))
        self._pause.setEnabled(job.state != "queued")
        self._cancel.setToolTip(
            "Cancel" if job.kind == "finetune" else "Cancel; what is done so far is kept"
        )
        self._pause.setIcon(icon("play" if paused else "pause"))
        self._pause.setToolTip("Go on" if paused else "Pause")
        self._pause.setAccessibleName("Resume this job" if paused else "Pause this job")

    def _show_progress(self, progress: Progress) -> None:
        job = self._watch.current
        if job is None or job.id != progress.job:
            return
        if job.state != "paused":
            self._stage.setText(progress.stage)
        self._stage.setToolTip(f"{job.title}\n{progress.detail}".rstrip())
        self._bar.setMaximum(progress.total or 0)
        self._bar.setValue(progress.done)
        left = progress.seconds_left
        parts = (counts_in_words(progress), "" if left is None else time_left(left))
        self._counts.setText(" · ".join(part for part in parts if part))

    def _pause_or_resume(self) -> None:
        if (job := self._watch.current) is not None:
            ask = self._watch.resume if job.state == "paused" else self._watch.pause
            ask(job.id)

    def _stop(self) -> None:
        if (job := self._watch.current) is not None:
            confirm_cancel(self, job, lambda: self._watch.cancel(job.id))
