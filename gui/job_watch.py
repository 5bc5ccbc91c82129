"""Follows the engine's jobs of some kinds, for whatever part of a window shows them.

An answer and an event may cross: a status that was put together before a job ended can arrive
after its end. So ends are remembered, and a job that has ended never comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.client import EngineState
from engine.errors import EngineError, EngineGone, NotFound
from engine.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    JobEvent,
    Measured,
    Progress,
    Started,
    Warned,
)
from engine.records import JobInfo, JobKind, JobState, ModelKind
from engine.requests import CancelJob, PauseJob, ResumeJob
from gui.background import Engine
from gui.error_dialog import show_error

ENGINE_ENDED = "Stopped half-way"
"""Title of the failure of a job that ended together with its engine."""
_UNFINISHED: tuple[JobState, ...] = ("queued", "running", "paused")


class JobWatch(QObject):
    """The jobs of some kinds that have not ended, and what becomes of them."""

    changed = Signal()
    """A job began, ended, or changed its state."""
    progressed = Signal(object)
    """A `Progress`."""
    measured = Signal(object)
    """A `Measured`."""
    warned = Signal(object)
    """A `Warned`."""
    ended = Signal(object, object)
    """A `JobInfo`, and its `Finished`, `Cancelled` or `Failed`."""

    def __init__(
        self,
        engine: Engine,
        kinds: tuple[JobKind, ...],
        parent: QObject | None = None,
        model_kind: ModelKind | None = None,
    ) -> None:
        """Watch the jobs of `kinds`, and any other that `follow` names.

        Where a `model_kind` is given, only those that work on a model of that kind.
        """
        super().__init__(parent)
        self._model_kind = model_kind
        self._engine = engine
        self._kinds = kinds
        self._jobs: dict[str, JobInfo] = {}
        self._ends: dict[str, JobEvent] = {}
        engine.event_heard.connect(self._hear)
        engine.state_changed.connect(self._hear_state)

    @property
    def unfinished(self) -> tuple[JobInfo, ...]:
        """The jobs that run, are paused or wait; oldest first."""
        return tuple(self._jobs.values())

    @property
    def current(self) -> JobInfo | None:
        """The job that is at work or paused, else the first that waits."""
        at_work = (job for job in self._jobs.values() if job.state != "queued")
        return next(at_work, next(iter(self._jobs.values()), None))

    def adopt(self, jobs: Iterable[JobInfo]) -> None:
        """Take up the jobs of a status: those that began before this watch did."""
        for info in jobs:
            if self._is_watched(info) or info.id in self._jobs:
                self._take(info)

    def follow(self, info: JobInfo) -> None:
        """Take up one job of any kind, also where it has ended before its answer came."""
        end = self._ends.get(info.id)
        if end is None:
            if info.id not in self._jobs:  # an event may have told a newer state already
                self._take(info)
        elif not self._is_watched(info):
            self.ended.emit(info, end)

    def pause(self, job_id: str) -> None:
        """Ask for a job to hold."""
        self._ask(PauseJob(job_id), job_id, "paused")

    def resume(self, job_id: str) -> None:
        """Ask for a paused job to go on."""
        self._ask(ResumeJob(job_id), job_id, "running")

    def cancel(self, job_id: str) -> None:
        """Ask for a job to stop; its end is told by `ended`."""
        self._ask(CancelJob(job_id), job_id, None)

    def _ask(
        self, request: PauseJob | ResumeJob | CancelJob, job_id: str, then: JobState | None
    ) -> None:
        def done(_: None) -> None:
            if then is not None and job_id in self._jobs:
                self._take(replace(self._jobs[job_id], state=then))

        def failed(error: EngineError) -> None:
            # That the job has ended meanwhile, or the engine, is told anyway.
            if not isinstance(error, NotFound | EngineGone):
                show_error(error)

        self._engine.ask(request, done, failed, owner=self)

    def _is_watched(self, info: JobInfo) -> bool:
        return info.kind in self._kinds and self._model_kind in (None, info.model_kind)

    def _take(self, info: JobInfo) -> None:
        if info.state not in _UNFINISHED or info.id in self._ends:
            return
        if self._jobs.get(info.id) != info:
            self._jobs[info.id] = info
            self.changed.emit()

    def _hear(self, event: Event) -> None:
        match event:
            case Started(info=info) if self._is_watched(info) or info.id in self._jobs:
                self._take(replace(info, state="running"))
            case Progress() if event.job in self._jobs:
                self.progressed.emit(event)
            case Measured() if event.job in self._jobs:
                self.measured.emit(event)
            case Warned() if event.job in self._jobs:
                self.warned.emit(event)
            case Finished() | Cancelled() | Failed():
                self._end(event)

    def _end(self, event: Finished | Cancelled | Failed) -> None:
        self._ends[event.job] = event
        info = self._jobs.pop(event.job, None)
        if info is not None:
            self.changed.emit()
            self.ended.emit(info, event)

    def _hear_state(self, state: EngineState, _: EngineError | None) -> None:
        """The engine's death is the end of its jobs."""
        if state not in ("restarting", "stopped"):
            return
        for job in self.unfinished:
            self._end(
                Failed(
                    job.id,
                    ENGINE_ENDED,
                    f"“{job.title}” ended together with the search engine.",
                    "Start it again; what was done so far is kept.",
                )
            )
