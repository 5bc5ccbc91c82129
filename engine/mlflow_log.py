"""Runs written to an MLflow server as well, where the user named one; in a worker, by the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from engine.errors import EngineError, WorkerFailed
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.mlflow_worker import Answer, LogRun
from engine.training_records import RunRecord

_PATIENCE_S = 120.0
_CLOSING_S = 20.0
_POLL_S = 0.2


class MlflowLog:
    """Sends runs one after another; a server that is away costs a warning, never a job."""

    def __init__(self, warn: Callable[[EngineError], None]) -> None:
        self._warn = warn
        self._line = ThreadPoolExecutor(1, thread_name_prefix="mlflow")
        self._give_up = threading.Event()

    def send(self, address: str, run: RunRecord) -> None:
        """Send a run in the background; what goes wrong is warned of."""
        self._line.submit(self._send, address, run)

    def close(self) -> None:
        """Let what is on its way arrive, for some seconds."""
        giving_up = threading.Timer(_CLOSING_S, self._give_up.set)
        giving_up.daemon = True
        giving_up.start()
        self._line.shutdown(wait=True)
        giving_up.cancel()

    def _send(self, address: str, run: RunRecord) -> None:
        try:
            answer = self._answer(LogRun(address, run))
        except EngineError as error:
            self._warn(_not_sent(error.message))
            return
        if isinstance(answer, WorkerError):
            self._warn(EngineError(answer.title, answer.message, answer.hint))

    def _answer(self, order: LogRun) -> object:
        deadline = time.monotonic() + _PATIENCE_S
        worker: WorkerProcess[object] = WorkerProcess("engine.mlflow_worker", Answer)
        with worker:
            worker.send(order)
            while time.monotonic() < deadline and not self._give_up.is_set():
                try:
                    return worker.receive(_POLL_S)
                except WorkerTimeout:
                    continue
        raise WorkerFailed("Took too long", "It did not answer in time.")


def _not_sent(what: str) -> EngineError:
    return EngineError(
        "The run was not written to MLflow",
        what,
        "It is in the run log here. Check the address of MLflow in the settings, or clear it.",
    )
