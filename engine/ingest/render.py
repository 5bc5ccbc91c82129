"""Pages as they look: drawn by the render worker, with what was found marked on them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path

from engine.errors import EngineError, InvalidInput, NotFound, WorkerFailed
from engine.ingest.media_types import PDF
from engine.ingest.render_worker import Answer, DrawPage, PageDrawn
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.records import INSIDE, Document, PageImage

_WORKER = "engine.ingest.render_worker"
_START_TIMEOUT_S = 60.0
_PATIENCE_S = 0.5
_LOOK_UP_S = 0.2
_WIDTHS = (16, 4096)
"""Pixels, the least and the most."""


class Renderer:
    """Owns the worker: it is started for the first page, and ended once nobody asks for a while.

    For any thread; one page is drawn at a time.
    """

    def __init__(
        self, timeout_s: float = 20.0, memory_mb: int = 1536, idle_s: float = 60.0
    ) -> None:
        """Limits for the drawing process.

        Args:
            timeout_s: how long one page may take.
            memory_mb: how much memory the process may hold.
            idle_s: how long it is kept without a question.
        """
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._worker: WorkerProcess[Answer] | None = None
        self._idle: threading.Timer | None = None
        self._newest = 0  # number of the question that was asked last
        self._known: tuple[str, int, int, str] | None = None  # path, size, mtime: its hash

    def draw(
        self, document: Document, number: int, width: int, marked: Sequence[str] = ()
    ) -> PageImage:
        """Draw a page, and find the places of the marked texts on it.

        Args:
            document: it must lie in a file that is still the one that was indexed.
            number: of the page, from 1; a picture is its own page 1.
            width: in pixels; a picture is never made larger than it is.
            marked: texts whose places are wanted, on a picture by the boxes read from it.

        Raises:
            NotFound: the file or the page is not there any more.
            InvalidInput: a document of this type has no pages, or the page cannot be drawn.
            WorkerFailed: it crashed the worker, or took too long or too much memory.
            EngineError: another page was asked for before this one had its turn.
        """
        if not has_pages(document.media_type):
            raise InvalidInput(
                "No pages to show", "Documents of this type are shown as text.", "Read the text."
            )
        with self._turn():
            path, inside = self._unchanged(document)
            fit = min(max(width, _WIDTHS[0]), _WIDTHS[1])
            asked = DrawPage(
                os.fsencode(path),
                document.media_type,
                number,
                fit,
                tuple(marked),
                inside,
                document.content_hash,
            )
            image = self._ask(asked)
        if document.media_type != PDF and number == 1:
            marks, texts = _boxes(document, marked)
            image = replace(image, marks=marks, texts=texts)
        return image

    def close(self) -> None:
        """End the worker; the next page starts a new one."""
        with self._lock:
            self._end()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the page that is being drawn; of those who wait, only the newest is wanted.

        The window turns pages faster than a heavy one is drawn, and threads are few.
        """
        self._newest += 1
        number = self._newest
        while not self._lock.acquire(timeout=_LOOK_UP_S):
            if number != self._newest:
                raise EngineError("Not drawn", "Another page was asked for meanwhile.")
        try:
            yield
        finally:
            self._lock.release()

    def _unchanged(self, document: Document) -> tuple[Path, str]:
        """A file that still holds the document, and where in it; what is inside is not checked."""
        places = [path.partition(INSIDE) for path in document.paths if os.path.isabs(path)]
        if not places:
            raise NotFound("No pages to show", "It came with a dataset and has no file.")
        there = [(Path(path), inside) for path, _, inside in places if Path(path).is_file()]
        if not there:
            raise NotFound(
                "The file is gone",
                f"{places[0][0]} is not there any more.",
                "Plug in its drive, or sync the library.",
            )
        # A file of its own is opened faster than what lies in another.
        for path, inside in sorted(there, key=lambda place: bool(place[1])):
            if inside or self._holds(path, document.content_hash):
                return path, inside
        raise NotFound(
            "The file has changed",
            f"{there[0][0]} is not what it was when it was indexed.",
            "Sync the library, and search again.",
        )

    def _holds(self, path: Path, content_hash: str) -> bool:
        """Whether a file's content has this hash; a file that has not changed is read once."""
        try:
            stat = path.stat()
            if not self._known or self._known[:3] != (str(path), stat.st_size, stat.st_mtime_ns):
                with path.open("rb") as file:
                    digest = file_digest(file, "sha256").hexdigest()
                self._known = (str(path), stat.st_size, stat.st_mtime_ns, digest)
        except OSError as error:
            raise InvalidInput(
                "The file cannot be opened",
                f"{path}: {error.strerror or error}.",
                "Check that you are allowed to read it.",
            ) from error
        return self._known[3] == content_hash

    def _ask(self, asked: DrawPage) -> PageImage:
        if self._idle:
            self._idle.cancel()
        worker = self._worker if self._worker and self._worker.alive else self._start()
        try:
            worker.send(asked)
            answer = worker.receive(self._timeout_s)
        except WorkerFailed as error:
            self._end()
            raise _explained(error, self._timeout_s) from error
        self._idle = threading.Timer(self._idle_s, self._end_if_idle, [worker])
        self._idle.daemon = True
        self._idle.start()
        match answer:
            case PageDrawn(image):
                return image
            case WorkerError(title, message, hint):
                raise InvalidInput(title, message, hint)
            case _:
                raise WorkerFailed("The page cannot be shown", "The drawing process lost its way.")

    def _start(self) -> WorkerProcess[Answer]:
        self._end()
        worker: WorkerProcess[Answer] = WorkerProcess(_WORKER, Answer, memory_mb=self._memory_mb)
        self._worker = worker
        try:
            worker.receive(_START_TIMEOUT_S)
        except WorkerFailed as error:
            self._end()
            raise WorkerFailed(
                "Pages cannot be shown",
                f"The process that draws pages does not start ({error.message}).",
                "Restart Attune. If that does not help, install it again.",
            ) from error
        return worker

    def _end_if_idle(self, worker: WorkerProcess[Answer]) -> None:
        # Whoever holds the lock is asking for a page, and sets a new timer.
        if self._lock.acquire(blocking=False):
            try:
                if self._worker is worker:
                    self._end()
            finally:
                self._lock.release()

    def _end(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None
        if self._worker:
            self._worker.stop(_PATIENCE_S)
            self._worker = None


def has_pages(media_type: str) -> bool:
    """Whether documents of this type can be drawn."""
    return media_type == PDF or media_type.startswith("image/")


def _boxes(
    document: Document, marked: Sequence[str]
) -> tuple[tuple[tuple[float, float, float, float], ...], tuple[int, ...]]:
    """The boxes on a picture whose text overlaps a marked text, and which text that is."""
    marks, texts = [], []
    for number, text in enumerate(marked):
        start = document.text.find(text) if text else -1
        while start >= 0:
            end = start + len(text)
            for box in document.boxes:
                if box.start < end and start < box.end:
                    marks.append((box.left, box.top, box.right, box.bottom))
                    texts.append(number)
            start = document.text.find(text, end)
    return tuple(marks), tuple(texts)


def _explained(error: WorkerFailed, timeout_s: float) -> WorkerFailed:
    if isinstance(error, WorkerTimeout):
        what = f"Drawing it took longer than {timeout_s:.0f} seconds."
    elif error.title == "Out of memory":
        what = "Drawing it needs more memory than is allowed."
    else:
        what = "Its content made the drawing process stop."
    return WorkerFailed("The page cannot be shown", what, "Open it in its program.")
