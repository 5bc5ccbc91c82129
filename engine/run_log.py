"""Every job that was run: kept as it ends, listed, exported."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from engine import run_facts
from engine.errors import EngineError, InvalidInput
from engine.evaluation.set_files.formats import write_file
from engine.evaluation_requests import Compare
from engine.events import (
    Cancelled,
    Changed,
    Emit,
    Event,
    Failed,
    Finished,
    Measured,
    Started,
    Warned,
)
from engine.mlflow_log import MlflowLog
from engine.parts import Parts
from engine.records import JobInfo
from engine.requests import Evaluate, Finetune
from engine.settings import Settings
from engine.storage import model_registry, runs
from engine.storage.database import Database
from engine.training_records import CurvePoint, RunFilter, RunRecord
from engine.training_requests import ExportRuns, FitAdapter, ResumeTuning

_KEPT = 5000
_INTERRUPTED = "The program ended while this was running."
_SENT = (Finetune, FitAdapter, ResumeTuning, Evaluate, Compare)
"""What an MLflow server is told of as well."""
_BY_THE_WAY = "index"
"""Kind of jobs that come by the dozen: kept once they have ended and changed something. What is
left of one that was interrupted is done at the next opening."""


@dataclass(slots=True)
class _Going:
    """A job that has not ended."""

    info: JobInfo
    began_at: float
    asked: object = None
    curves: dict[str, list[CurvePoint]] = field(default_factory=dict)


class RunLog:
    """Hears every event on its way to whoever listens, and keeps what jobs did."""

    def __init__(self, library: Database, settings: Callable[[], Settings], emit: Emit) -> None:
        self._library = library
        self._settings = settings
        self._pass_on = emit
        self._going: dict[str, _Going] = {}
        self._lock = threading.Lock()
        self._mlflow = MlflowLog(self._warn)
        with library.read() as connection:
            running = runs.find(connection, RunFilter(limit=_KEPT))
        if any(run.state == "running" for run in running):
            with library.write() as connection:
                runs.interrupt(connection, _INTERRUPTED)

    def asked(self, job_id: str, request: object) -> None:
        """Remember what a running job was asked."""
        with self._lock:
            if going := self._going.get(job_id):
                going.asked = request

    def tell(self, event: Event) -> None:
        """Note an event and pass it on; what is kept is kept before a job's end is known."""
        match event:
            case Started(info=info):
                self._begin(info)
            case Measured():
                self._measure(event)
            case Finished() | Cancelled() | Failed():
                self._end(event)
        self._pass_on(event)

    def close(self) -> None:
        """Wait a while for what is on its way to an MLflow server."""
        self._mlflow.close()

    def _begin(self, info: JobInfo) -> None:
        going = _Going(info, time.time())
        with self._lock:
            self._going[info.id] = going
        if info.kind != _BY_THE_WAY:
            self._keep(_record(going, "running"))

    def _measure(self, event: Measured) -> None:
        with self._lock:
            if going := self._going.get(event.job):
                curve = going.curves.setdefault(event.series, [])
                curve.append(CurvePoint(event.series, event.step, event.value))
                if len(curve) >= 4 * run_facts.MAX_POINTS:
                    curve[:] = run_facts.thinned(curve)

    def _end(self, event: Finished | Cancelled | Failed) -> None:
        with self._lock:
            going = self._going.pop(event.job, None)
        if going is None:
            return
        match event:
            case Finished(result=result):
                if run_facts.is_empty(result):
                    return
                record = _finished(going, event)
            case Failed(title=title, message=message):
                record = _record(going, "failed", f"{title}: {message}")
            case Cancelled():
                record = _record(going, "cancelled")
        self._keep(record, event)
        self._pass_on(Changed("runs"))
        if isinstance(going.asked, _SENT) and (address := self._settings().mlflow.strip()):
            self._mlflow.send(address, record)

    def _keep(self, record: RunRecord, event: Finished | Cancelled | Failed | None = None) -> None:
        """Keep a run; a job ends as it ends, even where that cannot be kept."""
        result = event.result if isinstance(event, Finished) else None
        try:
            with self._library.write() as connection:
                runs.put(connection, record)
                runs.thin_out(connection, _KEPT)
                active = model_registry.active(connection) or ""
                registered = model_registry.every(connection)
                for model_id, reached in run_facts.measured(result, active, time.time()):
                    if model_id in registered:
                        runs.put_measured(connection, model_id, reached)
        except EngineError as error:
            self._warn(error)

    def _warn(self, error: EngineError) -> None:
        self._pass_on(Warned("", error.title, error.message, error.hint))


def every(parts: Parts, wanted: RunFilter) -> tuple[RunRecord, ...]:
    """Jobs that were run, the newest first."""
    with parts.library.read() as connection:
        return runs.find(connection, wanted)


def one(parts: Parts, job_id: str) -> RunRecord:
    """One job that was run, with its curves; raises NotFound."""
    with parts.library.read() as connection:
        return runs.load(connection, job_id)


def export(parts: Parts, request: ExportRuns) -> str:
    """Write runs as CSV or JSON lines; raises InvalidInput, StorageFull."""
    path = Path(request.path).expanduser().absolute()
    formats = {".csv": as_csv, ".jsonl": as_lines}
    written = formats.get(path.suffix.lower())
    if written is None:
        raise InvalidInput(
            "Not a kind of file for runs",
            f"{path.name} ends in neither .csv nor .jsonl.",
            "Choose a name that ends in one of them.",
        )
    found = every(parts, request.filter)
    if written is as_lines:
        found = tuple(one(parts, run.job) for run in found)
    write_file(path, written(found))
    return str(path)


def as_lines(found: tuple[RunRecord, ...]) -> Iterator[bytes]:
    """Runs as JSON, one a line."""
    for run in found:
        yield msgspec.json.encode(run) + b"\n"


def as_csv(found: tuple[RunRecord, ...]) -> Iterator[bytes]:
    """A line a run, a column for each parameter and measure that any of them has; no curves."""
    params = sorted({name for run in found for name in run.params})
    metrics = sorted({name for run in found for name in run.metrics})
    plain = ("job", "kind", "title", "state", "began_at", "ended_at", "message")
    headings = [
        *plain,
        "artefacts",
        *(f"param {name}" for name in params),
        *(f"metric {name}" for name in metrics),
    ]
    yield _line(headings)
    for run in found:
        yield _line(
            [
                *(getattr(run, name) for name in plain),
                " ".join(run.artefacts),
                *(run.params.get(name, "") for name in params),
                *(run.metrics.get(name, "") for name in metrics),
            ]
        )


def _line(cells: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _finished(going: _Going, event: Finished) -> RunRecord:
    words, numbers = run_facts.facts(event.result)
    text = run_facts.message(event.result)
    words = {name: said for name, said in words.items() if said != text and name != "path"}
    return _record(
        going,
        "finished",
        text,
        words,
        numbers,
        run_facts.artefacts(event.result),
    )


def _record(
    going: _Going,
    state: str,
    message: str = "",
    words: dict[str, str] | None = None,
    metrics: dict[str, float] | None = None,
    artefacts: tuple[str, ...] = (),
) -> RunRecord:
    """What is known of a job by now."""
    return RunRecord(
        job=going.info.id,
        kind=going.info.kind,
        title=going.info.title,
        state=state,
        began_at=going.began_at,
        ended_at=None if state == "running" else time.time(),
        params=run_facts.params(going.asked) | (words or {}),
        metrics=metrics or {},
        artefacts=artefacts,
        message=message,
        points=tuple(
            point for curve in going.curves.values() for point in run_facts.thinned(curve)
        ),
    )
