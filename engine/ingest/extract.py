"""Read files through the extractor worker: text, title and pages, or why not."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import EngineError, InvalidInput, WorkerFailed
from engine.ingest.extractor_worker import Answer, FileRead, ReadFile
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.records import Extracted

_WORKER = "engine.ingest.extractor_worker"
_START_TIMEOUT_S = 120.0
_WINDOW = 16
"""Files that the worker has been asked for and has not delivered: enough to keep it busy."""
_PATIENCE_S = 0.5
_OUT_OF_MEMORY = "Out of memory"


class Extractor:
    """Owns the worker: it is started for the first file and again after every crash.

    For one thread at a time.
    """

    def __init__(self, timeout_s: float = 60.0, memory_mb: int = 2048) -> None:
        """Limits for the reading process.

        Args:
            timeout_s: how long one file may take.
            memory_mb: how much memory the process may hold.
        """
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._worker: WorkerProcess[Answer] | None = None
        self._answered = 0

    def extract(self, path: Path) -> Extracted:
        """Read one file.

        Raises:
            InvalidInput: it cannot be read; the title is the reason in a few words.
            WorkerFailed: it crashed the worker, or took too long or too much memory.
        """
        ((_, outcome),) = self.extract_many([path])
        if isinstance(outcome, EngineError):
            raise outcome
        return outcome

    def extract_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Extracted | EngineError]]:
        """Read files in their order, each with what it holds or why it could not be read.

        A file that ends the worker fails alone; those after it go to a new one. Raises WorkerFailed
        only where no worker can be started. A consumer may stop early.
        """
        if self._worker and not self._worker.alive:
            self.close()  # It ended while it had nothing to do: no file is to blame.
        waiting = iter(paths)
        asked: deque[Path] = deque()
        retried: Path | None = None
        exhausted = False
        try:
            while True:
                while not exhausted and len(asked) < _WINDOW:
                    path = next(waiting, None)
                    exhausted = path is None
                    if path is not None:
                        asked.append(path)
                        self._ask(path)
                if not asked:
                    return
                try:
                    outcome = self._receive()
                except WorkerFailed as error:
                    self.close()
                    # What files before it left in memory is not this file's fault.
                    if error.title == _OUT_OF_MEMORY and self._answered and asked[0] != retried:
                        retried = asked[0]
                    else:
                        yield asked.popleft(), _explained(error, self._timeout_s)
                    for path in asked:
                        self._ask(path)
                    continue
                yield asked.popleft(), outcome
        finally:
            if asked:
                self.close()

    def close(self) -> None:
        """End the worker; the next file starts a new one."""
        if self._worker:
            self._worker.stop(_PATIENCE_S)
            self._worker = None

    def __enter__(self) -> Extractor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, path: Path) -> None:
        worker = self._worker or self._start()
        # A worker that is gone says so when its answer is waited for, after those it gave before.
        with contextlib.suppress(WorkerFailed):
            worker.send(ReadFile(os.fsencode(path)))

    def _receive(self) -> Extracted | EngineError:
        """The answer for the file that was asked for first; raises WorkerFailed."""
        assert self._worker
        answer = self._worker.receive(self._timeout_s)
        self._answered += 1
        match answer:
            case FileRead(extracted):
                return extracted
            case WorkerError(title, message, hint):
                return InvalidInput(title, message, hint)
            case _:
                raise WorkerFailed("Stopped unexpectedly", "The reading process lost its way.")

    def _start(self) -> WorkerProcess[Answer]:
        worker: WorkerProcess[Answer] = WorkerProcess(_WORKER, Answer, memory_mb=self._memory_mb)
        self._worker = worker
        self._answered = 0
        try:
            worker.receive(_START_TIMEOUT_S)
        except WorkerFailed as error:
            self.close()
            raise WorkerFailed(
                "Files cannot be read",
                f"The process that reads files does not start ({error.message}).",
                "Restart Attune. If that does not help, install it again.",
            ) from error
        return worker


def _explained(error: WorkerFailed, timeout_s: float) -> WorkerFailed:
    """What the worker's end means for the file that it was reading."""
    if isinstance(error, WorkerTimeout):
        return WorkerFailed(
            "Took too long",
            f"It was not read within {timeout_s:.0f} seconds.",
            "The time allowed can be raised in the settings.",
        )
    if error.title == _OUT_OF_MEMORY:
        return WorkerFailed(
            "Out of memory",
            "Reading it needs more memory than is allowed.",
            "The memory allowed can be raised in the settings, or split the file.",
        )
    return WorkerFailed(
        "Could not be read",
        "Its content made the reading process stop.",
        "Open it with the program that made it, and save it again.",
    )
