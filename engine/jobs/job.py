"""Long background work: progress, pause, cancellation, and exactly one terminal event."""

from __future__ import annotations

import threading
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from engine.errors import EngineError, JobCancelled, NotFound
from engine.events import (
    Cancelled,
    Emit,
    Failed,
    Finished,
    JobEvent,
    JobResult,
    Measured,
    Progress,
    Started,
    Warned,
)
from engine.records import JobInfo, JobKind, JobState, ModelKind

_REPORT_EVERY_S = 0.1
_RATE_OVER_S = 5.0
_BACKGROUND: frozenset[JobKind] = frozenset({"index", "activate"})
"""Kinds of work that nobody waits for."""
_REST_FROM_S, _LONGEST_REST_S = 0.02, 1.0
_ENDED_JOBS = 100
"""So many that have ended can still be waited for."""


def _unhindered() -> float:
    """No rest at all."""
    return 0.0


class Job:
    """One piece of work as its own code sees it."""

    def __init__(
        self,
        kind: JobKind,
        title: str,
        emit: Emit,
        throttle: Callable[[], float] = _unhindered,
        model_kind: ModelKind = "text",
    ) -> None:
        """Get ready to `run`; `throttle` says how many seconds to rest for a second of work."""
        job_id = uuid.uuid4().hex[:12]
        self.info = JobInfo(job_id, kind, title, "queued", time.time(), model_kind)
        self._emit = emit
        self._go = threading.Event()
        self._go.set()
        self._cancelled = threading.Event()
        self._wrapping_up = threading.Event()
        self._interrupted = threading.Event()
        self._throttle = throttle
        self._rested_at = time.monotonic()
        self._stage = ""
        self._reported_at = 0.0
        self._marks: deque[tuple[float, int]] = deque()

    def checkpoint(self) -> None:
        """A safe point: waits while the job is paused, and rests a little where that is wanted.

        Raises JobCancelled once it is cancelled.
        """
        worked = time.monotonic() - self._rested_at
        if worked > _REST_FROM_S:
            if rest := self._throttle():
                self._cancelled.wait(min(worked * rest, _LONGEST_REST_S))
            self._rested_at = time.monotonic()
        if not self._go.is_set():
            self._marks.clear()  # a pause is no slowness
            self._go.wait()
            self._rested_at = time.monotonic()
        if self._cancelled.is_set():
            raise JobCancelled

    def rest(self, seconds: float) -> None:
        """A safe point that lasts; cancelling ends it."""
        self._cancelled.wait(seconds)
        self._rested_at = time.monotonic()
        self.checkpoint()

    def progress(
        self, stage: str, done: int, total: int | None = None, unit: str = "", detail: str = ""
    ) -> None:
        """Report how far it is; reports that come too fast are dropped, but never a stage's last.

        The rate is that of the last seconds.
        """
        now = time.monotonic()
        if stage != self._stage:
            self._stage = stage
            self._marks.clear()
        elif done != total and now - self._reported_at < _REPORT_EVERY_S:
            return
        self._reported_at = now
        self._marks.append((now, done))
        while now - self._marks[0][0] > _RATE_OVER_S and len(self._marks) > 2:
            self._marks.popleft()
        (began, first), rate, left = self._marks[0], None, None
        if now > began and done > first:
            rate = (done - first) / (now - began)
            left = (total - done) / rate if total is not None else None
        self._emit(Progress(self.info.id, stage, done, total, unit, rate, left, detail))

    def tell(self, event: Progress | Measured) -> None:
        """Report what was measured elsewhere: a point of a live curve, or progress."""
        self._emit(event)

    def warned(self, title: str, message: str, hint: str = "") -> None:
        """Report something that does not stop the job."""
        self._emit(Warned(self.info.id, title, message, hint))

    def pause(self) -> None:
        """Hold it at its next safe point."""
        self._go.clear()
        self._become("paused")

    def resume(self) -> None:
        """Let it go on."""
        self._become("running")
        self._go.set()

    def cancel(self) -> None:
        """Stop it at its next safe point."""
        if self.info.state == "queued":
            self._become("cancelled")  # nobody counts on it any more, though its turn is to come
        self._cancelled.set()
        self._go.set()

    def interrupt(self) -> None:
        """Stop it at its next safe point because the program ends: nobody gave it up."""
        self._interrupted.set()
        self.cancel()

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped by the program's end; what can go on later is worth keeping."""
        return self._interrupted.is_set()

    def wrap_up(self) -> None:
        """Ask it to end what it repeats and to make the best of what it has."""
        self._wrapping_up.set()
        if self.paused:
            self.resume()

    @property
    def paused(self) -> bool:
        """Whether its next safe point holds it."""
        return not self._go.is_set()

    @property
    def wraps_up(self) -> bool:
        """Whether it was asked to make the best of what it has."""
        return self._wrapping_up.is_set()

    def run(self, work: Callable[[Job], JobResult | None]) -> JobEvent:
        """Do the work here and now; returns the terminal event, which was also emitted."""
        self._become("running")
        self._emit(Started(self.info))
        end: JobEvent
        try:
            self.checkpoint()
            end = Finished(self.info.id, work(self))
            self._become("finished")
        except JobCancelled:
            end = Cancelled(self.info.id)
            self._become("cancelled")
        except EngineError as error:
            end = Failed(self.info.id, error.title, error.message, error.hint)
            self._become("failed")
        except Exception as error:  # noqa: BLE001 (a bug ends the job, not the engine)
            what = f"{type(error).__name__}: {error}"
            end = Failed(self.info.id, "Unexpected error", what, traceback.format_exc())
            self._become("failed")
        self._emit(end)
        return end

    def _become(self, state: JobState) -> None:
        self.info = replace(self.info, state=state)


class Jobs:
    """The jobs of one engine: those of a kind run one after another, kinds run side by side."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._lines: dict[JobKind, ThreadPoolExecutor] = {}
        self._jobs: dict[str, tuple[Job, Future[JobEvent]]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._throttle: Callable[[], float] | None = None

    def start(
        self,
        kind: JobKind,
        title: str,
        work: Callable[[Job], JobResult | None],
        model_kind: ModelKind = "text",
    ) -> JobInfo:
        """Queue work; its events follow. Raises JobCancelled once closed."""
        throttle = self._throttle if kind in _BACKGROUND else None
        job = Job(kind, title, self._emit, throttle or _unhindered, model_kind)
        with self._lock:
            if self._closed:
                raise JobCancelled
            self._forget_old()
            line = self._lines.setdefault(
                kind, ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{kind} job")
            )
            self._jobs[job.info.id] = (job, line.submit(job.run, work))
        return job.info

    def hold_back(self, throttle: Callable[[], float]) -> None:
        """Let jobs in the background rest, from the next one on; see `Job`."""
        self._throttle = throttle

    def wait(self, job_id: str) -> JobEvent:
        """Wait for a job's terminal event."""
        return self._jobs[job_id][1].result()

    def find(self, job_id: str) -> Job:
        """A job that has not ended; raises NotFound."""
        with self._lock:
            job, future = self._jobs.get(job_id, (None, None))
        if job is None or future is None or future.done():
            raise NotFound("The job has ended", "It cannot be paused, resumed or cancelled.")
        return job

    def unfinished(self) -> tuple[JobInfo, ...]:
        """The jobs that run, are paused or wait, oldest first."""
        with self._lock:
            return tuple(job.info for job, future in self._jobs.values() if not future.done())

    def close(self) -> None:
        """Cancel every job and wait for them."""
        with self._lock:
            self._closed = True
            for job, _ in self._jobs.values():
                job.interrupt()
            lines = list(self._lines.values())
        for line in lines:
            line.shutdown(wait=True)

    def _forget_old(self) -> None:
        """Drop all but the last jobs that have ended: watching starts many."""
        ended = [job_id for job_id, (_, future) in self._jobs.items() if future.done()]
        for job_id in ended[:-_ENDED_JOBS]:
            del self._jobs[job_id]
