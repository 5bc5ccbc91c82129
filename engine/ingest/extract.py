"""Read files through the extractor worker: text, passages and what they say of themselves.

Archives and mails hold further files: each of these members comes as an outcome of its own, before
that of the file that holds it.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.encoders.image_encoder import Preprocessing
from engine.errors import EngineError, InvalidInput, WorkerFailed
from engine.ingest.extractor_worker import (
    Answer,
    ContainerRead,
    FileRead,
    GoOn,
    MemberFound,
    ReadFile,
    StillReading,
)
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.records import Extracted, OcrLevel, Sight
from engine.storage.documents import Cut

_WORKER = "engine.ingest.extractor_worker"
_START_TIMEOUT_S = 120.0
_WINDOW = 512
"""Files that the worker may be asked for before it has delivered: it works on while the engine
writes."""
_WINDOW_BYTES = 8 << 20
"""The same in bytes on disk; one file may have more."""
_PATIENCE_S = 0.5
_OUT_OF_MEMORY = "Out of memory"
_MOST_DEADLY = 3
"""Members of one file that may end the worker; at the next the rest of the file is given up."""

_NO_TEXT = Cut()

Wanted = Callable[[MemberFound], bool]


@dataclass(frozen=True, slots=True)
class MemberOutcome:
    """What came of a file within another."""

    path: Path
    """Of the file on disk."""
    member: MemberFound
    outcome: Extracted | EngineError | None
    """None where it was not wanted."""
    cut: Cut = _NO_TEXT
    unread_pictures: bool = False
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of a file on disk; all its members came before."""

    path: Path
    outcome: Extracted | EngineError | None
    """None where it only holds other files."""
    cut: Cut = _NO_TEXT
    unread_pictures: bool = False
    complete: bool = True
    """Whether reading came to the file's end, so that there are no other members."""
    sight: Sight | None = None


Outcome = MemberOutcome | FileOutcome | StillReading


@dataclass(frozen=True, slots=True)
class Part:
    """What is wanted of a file where that is not all."""

    itself: bool
    """Its own content."""
    holders: tuple[str, ...] = ()
    """Documents in it whose pictures are wanted, by their path in it; empty for the file itself."""


_WHOLE = Part(itself=True)


@dataclass(slots=True)
class _Asked:
    """A file that the worker was asked for."""

    path: Path
    part: Part
    wanted: Wanted
    size: int
    """Bytes on disk."""
    told: set[str] = field(default_factory=set)
    """Members whose outcome is known, deadly ones among them."""
    at_hand: MemberFound | None = None
    """The member that is being read."""
    n_deadly: int = 0
    retried: str | None = None
    """What was at hand when it was begun anew for want of memory."""


class Extractor:
    """Owns the worker: it is started for the first file and again after every crash.

    For one thread at a time.
    """

    def __init__(self, timeout_s: float = 60.0, memory_mb: int = 2048) -> None:
        """Limits for the reading process.

        Args:
            timeout_s: how long one file may take, or one part of what is read in parts.
            memory_mb: how much memory the process may hold.
        """
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._worker: WorkerProcess[Answer] | None = None
        self._answered = 0
        self._ocr: OcrLevel = "off"
        self._password = ""

    def extract(self, path: Path, *, ocr: OcrLevel = "off", password: str = "") -> Extracted:
        """Read one file that is no archive.

        Raises:
            InvalidInput: it cannot be read; the title is the reason in a few words.
            WorkerFailed: it crashed the worker, or took too long or too much memory.
        """
        *_, last = self.extract_many([path], lambda _: False, ocr=ocr, password=password)
        assert isinstance(last, FileOutcome)
        if isinstance(last.outcome, EngineError):
            raise last.outcome
        if last.outcome is None:
            raise InvalidInput("Not a document", "It holds other files and no text of its own.")
        return last.outcome

    def extract_many(
        self,
        paths: Iterable[Path],
        wanted: Wanted = lambda _: True,
        *,
        ocr: OcrLevel = "off",
        password: str = "",
        preprocessing: Preprocessing | None = None,
        parts: Mapping[Path, Part] | None = None,
    ) -> Iterator[Outcome]:
        """Read files in their order, each with what it holds or why it could not be read.

        A file or member that ends the worker fails alone; those after it go to a new one. Raises
        WorkerFailed only where no worker can be started. A consumer may stop early.

        Args:
            paths: the files.
            wanted: whether a member is to be read, or known already.
            ocr: how far text in pictures is read.
            password: tried on what is locked.
            preprocessing: of the image encoder that pictures are made small for.
            parts: what is wanted of a file; of those that are absent, all but the pictures inside.
        """
        if self._worker and not self._worker.alive:
            self.close()  # It ended while it had nothing to do: no file is to blame.
        self._ocr, self._password, self._preprocessing = ocr, password, preprocessing
        waiting = iter(paths)
        asked: deque[_Asked] = deque()
        n_bytes = 0
        exhausted = False
        try:
            while True:
                while not exhausted and len(asked) < _WINDOW and n_bytes < _WINDOW_BYTES:
                    path = next(waiting, None)
                    exhausted = path is None
                    if path is not None:
                        part = (parts or {}).get(path, _WHOLE)
                        asked.append(_Asked(path, part, wanted, _size(path)))
                        n_bytes += asked[-1].size
                        self._ask(asked[-1])
                if not asked:
                    return
                try:
                    outcome = self._receive(asked[0])
                except WorkerFailed as error:
                    self.close()
                    outcome = self._after_crash(asked[0], error)
                    if isinstance(outcome, FileOutcome):
                        n_bytes -= asked.popleft().size
                    if outcome:
                        yield outcome
                    for file in asked:
                        self._ask(file)
                    continue
                if isinstance(outcome, FileOutcome):
                    n_bytes -= asked.popleft().size
                if outcome:
                    yield outcome
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

    def _ask(self, file: _Asked) -> None:
        self._send(
            ReadFile(
                os.fsencode(file.path),
                self._ocr,
                self._password,
                self._preprocessing,
                file.part.itself,
                file.part.holders,
            )
        )

    def _send(self, message: ReadFile | GoOn) -> None:
        worker = self._worker or self._start()
        # A worker that is gone says so when its answer is waited for, after those it gave before.
        with contextlib.suppress(WorkerFailed):
            worker.send(message)

    def _receive(self, file: _Asked) -> Outcome | None:
        """What comes next of the file that was asked for first; raises WorkerFailed."""
        assert self._worker
        answer = self._worker.receive(self._timeout_s)
        cut = _NO_TEXT
        unread = False
        sight: Sight | None = None
        outcome: Extracted | EngineError | None
        match answer:
            case MemberFound():
                return self._decide(file, answer)
            case StillReading():
                return answer
            case FileRead(outcome, cut, unread, sight):
                pass
            case ContainerRead():
                outcome = None
            case WorkerError(title, message, hint):
                outcome = InvalidInput(title, message, hint)
            case _:
                raise WorkerFailed("Stopped unexpectedly", "The reading process lost its way.")
        self._answered += 1
        if file.at_hand is None:
            return FileOutcome(file.path, outcome, cut, unread, sight=sight)
        member, file.at_hand = file.at_hand, None
        file.told.add(member.inside)
        return MemberOutcome(file.path, member, outcome, cut, unread, sight)

    def _decide(self, file: _Asked, member: MemberFound) -> MemberOutcome | None:
        """Have a member read, unless it was told of before the worker had to be started anew."""
        known = member.inside in file.told
        wanted = not known and file.wanted(member)
        if wanted:
            file.at_hand = member
        self._send(GoOn(wanted))
        if known or wanted:
            return None
        file.told.add(member.inside)
        return MemberOutcome(file.path, member, None)

    def _after_crash(self, file: _Asked, error: WorkerFailed) -> MemberOutcome | FileOutcome | None:
        """What the worker's end means for the file that it was reading; None: it is begun anew."""
        member, file.at_hand = file.at_hand, None
        place = member.inside if member else ""
        # What was read before it left in memory is not this file's fault.
        if error.title == _OUT_OF_MEMORY and self._answered and file.retried != place:
            file.retried = place
            return None
        explained = _explained(error, self._timeout_s)
        file.n_deadly += 1
        if member is None or file.n_deadly > _MOST_DEADLY:
            return FileOutcome(file.path, explained, complete=False)
        file.told.add(member.inside)
        return MemberOutcome(file.path, member, explained)

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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # The worker says why it cannot be read.


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
