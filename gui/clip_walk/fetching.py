"""The third step to a CLIP model: it is downloaded or read, made ready and verified."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.records import ImportReport, JobInfo
from engine.requests import CancelJob, DownloadModel, ImportModel
from gui.background import Engine
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.job_card import JobCard
from gui.widgets.notice import Notice
from gui.wording import duration

_FRESH_START = "Start again, or go back to choose another."


class FetchStep(QWidget):
    """Progress with a way to stop it, then what came of it."""

    title = "Get and verify it"
    changed = Signal()
    """It began or ended."""
    ended = Signal()
    """It is here, or could not be got."""
    cancelled = Signal()
    """It was stopped; nothing of it is left."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._is_running = False
        self._stop_wanted = False
        self._job: JobInfo | None = None
        self.report: ImportReport | None = None
        self._watch = JobWatch(engine, (), self)
        self._watch.ended.connect(self._end)
        self._waiting = QLabel("Asking the engine…")
        set_role(self._waiting, "muted")
        self.job_card = JobCard(self._watch, pausable=False)
        self.notice = Notice()
        self._about = QLabel(
            "The model is checked number by number: Attune works with a form of it that needs "
            "neither torch nor a graphics card, and what that says has to agree with the original."
        )
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setWordWrap(True)
        set_role(self._about, "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        for widget in (self._waiting, self.job_card, self.notice, self._about):
            column.addWidget(widget)
        column.addStretch()

    @property
    def is_running(self) -> bool:
        """Whether it is being got."""
        return self._is_running

    def begin(self, request: DownloadModel | ImportModel) -> None:
        """Start; `changed` tells of its end."""
        self.report = None
        self._job = None
        self._stop_wanted = False
        self.notice.hide()
        self._waiting.show()
        self._become_running(True)
        self._engine.ask(request, self._follow, self._refuse, owner=self)

    def stop(self) -> None:
        """Stop it; `cancelled` tells when nothing of it is left."""
        self._stop_wanted = True
        if self._job is not None:
            self._engine.ask(CancelJob(self._job.id), lambda _: None, lambda _: None, owner=self)

    def _follow(self, info: JobInfo) -> None:
        self._job = info
        self._waiting.hide()
        self._watch.follow(info)
        if self._stop_wanted:
            self.stop()

    def _refuse(self, error: EngineError) -> None:
        self._fail(error.title, error.message, error.hint)

    def _end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=ImportReport() as report):
                self.report = report
                self.notice.say(
                    "good",
                    "The model is here, and it works",
                    f"{agreement_in_words(report.agreement)} It took "
                    f"{duration(report.seconds)}. Nothing in your library has changed yet.",
                )
                self._become_running(False)
                self.ended.emit()
            case Cancelled():
                self._become_running(False)
                self.cancelled.emit()
            case Failed():
                self._fail(end.title, end.message, end.hint)

    def _fail(self, title: str, message: str, hint: str) -> None:
        self._waiting.hide()
        words = "\n".join(part for part in (message, hint or _FRESH_START) if part)
        self.notice.say("danger", title, words)
        self._become_running(False)
        self.ended.emit()

    def _become_running(self, running: bool) -> None:
        self._is_running = running
        self._about.setVisible(running)
        self.changed.emit()


def agreement_in_words(difference: float) -> str:
    """How closely Attune's form of a model follows the original.

    `difference` is the greatest one of any number; vectors have length 1, so no number is beyond 1.
    """
    if difference == 0:
        return "Attune's form of it gives the very numbers of the original."
    place = max(0, -math.floor(math.log10(difference)))
    most = math.ceil(difference * 10**place) / 10**place  # rounded up to one digit
    return (
        f"Attune's form of it and the original differ by no more than {most:.{place}f} in any "
        "number."
    )
