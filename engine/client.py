"""The engine from its window's side: asks over a pipe, hears events, restarts an engine that died.

Free of Qt and of everything slow. `ask` may be called from any thread and answers with a Future;
`on_event` and `on_state` are called on the client's own thread.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import msgspec

from engine import errors
from engine.errors import EngineError, EngineGone, WorkerFailed
from engine.events import Event
from engine.jobs.process import WorkerProcess
from engine.request import Request
from engine.requests import AnyRequest, ListBackups, RestoreBackup

R = TypeVar("R")
EngineState = Literal["starting", "ready", "restarting", "refused", "stopped"]

_CRASHES_ALLOWED = 3
_WITHIN_S = 60.0
_CLOSING_S = 10.0
_ENDING_S = 2.0


class Ask(msgspec.Struct, frozen=True, tag=True):
    """To the engine: answer this."""

    id: int
    request: AnyRequest


class CancelAsk(msgspec.Struct, frozen=True, tag=True):
    """To the engine: the answer is no longer wanted."""

    id: int


class OpenAgain(msgspec.Struct, frozen=True, tag=True):
    """To an engine that could not open the workspace: try once more."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """From the engine: the workspace is open."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """From the engine: the workspace cannot be opened; `WHILE_REFUSED` can be asked."""

    kind: str
    title: str
    message: str
    hint: str

    @classmethod
    def of(cls, error: EngineError) -> Refused:
        """An error as a message."""
        return cls(_kind(error), error.title, error.message, error.hint)


class StartAnew(msgspec.Struct, frozen=True, tag=True):
    """From the engine, as its last word: it ends in order to be started again."""


class Answer(msgspec.Struct, frozen=True, tag=True):
    """From the engine: the answer, encoded as the request's type says."""

    id: int
    result: msgspec.Raw


class Trouble(msgspec.Struct, frozen=True, tag=True):
    """From the engine: an error instead of an answer."""

    id: int
    kind: str
    title: str
    message: str
    hint: str

    @classmethod
    def of(cls, number: int, error: EngineError) -> Trouble:
        """An error as a message."""
        return cls(number, _kind(error), error.title, error.message, error.hint)


class Notice(msgspec.Struct, frozen=True, tag=True):
    """From the engine: something happened."""

    event: Event


FromHost = Ready | Refused | StartAnew | Answer | Trouble | Notice
FromWindow = Ask | CancelAsk | OpenAgain
WHILE_REFUSED = (ListBackups, RestoreBackup)
"""What is answered although the workspace cannot be opened."""


def answer_type(request: type[Request[Any]]) -> Any:
    """The type of the answer to a request: R of its `Request[R]`."""
    return get_args(request.__orig_bases__[0])[0]  # type: ignore[attr-defined]


@dataclass(slots=True)
class _Pending:
    request: Request[Any]
    future: Future[Any]
    sent: bool = False


class EngineClient:
    """Keeps one engine process for a workspace running, and talks to it."""

    def __init__(
        self,
        workspace: Path,
        on_event: Callable[[Event], None],
        on_state: Callable[[EngineState, EngineError | None], None],
    ) -> None:
        self._workspace = workspace
        self._on_event = on_event
        self._on_state = on_state
        self._numbers = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._lock = threading.Lock()
        self._process: WorkerProcess[FromHost] | None = None
        self._ready = False
        self._refused = False
        self._closing = threading.Event()
        self._ended: EngineError | None = None
        self._thread = threading.Thread(target=self._supervise, name="engine client", daemon=True)
        self._thread.start()

    def ask(self, request: Request[R]) -> Future[R]:
        """Ask; what is asked while the engine starts is sent once it is ready.

        The future fails with an EngineError; `EngineGone` where the engine died over it.
        """
        future: Future[R] = Future()
        with self._lock:
            heard = self._refused and isinstance(request, WHILE_REFUSED)
            if self._ended is not None and not heard:
                future.set_exception(self._ended)
                return future
            number = next(self._numbers)
            self._pending[number] = pending = _Pending(request, future)
            if self._ready or heard:
                self._send(number, pending)
        return future

    def open_again(self) -> None:
        """Try to open the workspace once more, where it was refused."""
        with self._lock:
            if self._refused:
                self._tell(OpenAgain())

    def cancel(self, future: Future[Any]) -> None:
        """Forget a question: its future is cancelled, and the engine is told."""
        with self._lock:
            number = next((n for n, p in self._pending.items() if p.future is future), None)
            if number is None:
                return
            pending = self._pending.pop(number)
            if pending.sent and self._process is not None:
                self._tell(CancelAsk(number))
        future.cancel()

    def close(self) -> None:
        """End the engine, letting it finish what it is writing."""
        self._closing.set()
        process = self._process
        if process is not None:
            process.stop(_CLOSING_S)
        self._thread.join(timeout=_CLOSING_S)

    @property
    def engine_pid(self) -> int | None:
        """The engine's process id, while it runs."""
        return self._process.pid if self._process else None

    def _supervise(self) -> None:
        crashes: list[float] = []
        self._on_state("starting", None)
        while not self._closing.is_set():
            in_good_order = self._run_once()
            if self._closing.is_set():
                break
            if in_good_order:
                self._on_state("starting", None)
                continue
            now = time.monotonic()
            crashes = [at for at in crashes if now - at < _WITHIN_S] + [now]
            if len(crashes) > _CRASHES_ALLOWED:
                self._end(
                    "stopped",
                    EngineGone(
                        "The search engine keeps stopping",
                        f"It ended {len(crashes)} times within a minute.",
                        "Restart the program. Nothing that you judged or indexed is lost.",
                    ),
                )
                return
            self._on_state("restarting", None)
        self._fail_all(EngineGone("Closed", "The program is closing."))

    def _run_once(self) -> bool:
        """Run one engine process to its end: whether it ended in good order, to be started again.

        False where it died.
        """
        process: WorkerProcess[FromHost] = WorkerProcess(
            "engine.host", FromHost, str(self._workspace)
        )
        self._process = process
        try:
            while not self._closing.is_set():  # set before this process could be seen by `close`
                match process.receive():
                    case Ready():
                        self._begin()
                        self._on_state("ready", None)
                    case Refused() as refused:
                        self._end("refused", _rebuild(refused))
                    case StartAnew():
                        self._lose(
                            EngineGone(
                                "Starting anew", "The search engine starts anew.", "Try again."
                            )
                        )
                        return True
                    case Answer(id=number, result=result):
                        self._settle(number, result)
                    case Trouble(id=number) as trouble:
                        self._settle(number, _rebuild(trouble))
                    case Notice(event=event):
                        self._on_event(event)
            return False
        except WorkerFailed as failure:
            gone = EngineGone(
                "The search engine stopped", failure.message, "It is being restarted: try again."
            )
            self._lose(gone)
            return False
        finally:
            process.stop(_CLOSING_S if self._closing.is_set() else _ENDING_S)

    def _lose(self, error: EngineGone) -> None:
        """The engine is gone: what it was asked fails, what comes now waits for the next one."""
        with self._lock:
            self._ready = self._refused = False
            self._ended = None
        self._fail_all(error)

    def _begin(self) -> None:
        with self._lock:
            self._ready = True
            for number, pending in self._pending.items():
                self._send(number, pending)

    def _send(self, number: int, pending: _Pending) -> None:
        pending.sent = True
        self._tell(Ask(number, pending.request))  # type: ignore[arg-type]

    def _tell(self, message: FromWindow) -> None:
        assert self._process is not None
        try:
            self._process.send(message)
        except WorkerFailed:
            return  # the supervising thread sees the end too, and fails what is pending

    def _settle(self, number: int, result: msgspec.Raw | EngineError) -> None:
        with self._lock:
            pending = self._pending.pop(number, None)
        if pending is None or not pending.future.set_running_or_notify_cancel():
            return
        if isinstance(result, EngineError):
            pending.future.set_exception(result)
        else:
            decoded = msgspec.msgpack.decode(result, type=answer_type(type(pending.request)))
            pending.future.set_result(decoded)

    def _fail_all(self, error: EngineError) -> None:
        with self._lock:
            sent = [n for n, p in self._pending.items() if p.sent or self._closing.is_set()]
            failed = [self._pending.pop(number) for number in sent]
        for pending in failed:
            if pending.future.set_running_or_notify_cancel():
                pending.future.set_exception(error)

    def _end(self, state: EngineState, error: EngineError) -> None:
        """Fail whatever is asked from now on; a refusal may be mended, and leaves a way to."""
        with self._lock:
            self._ended = error
            self._refused = state == "refused"
            failed, self._pending = list(self._pending.values()), {}
        for pending in failed:
            if pending.future.set_running_or_notify_cancel():
                pending.future.set_exception(error)
        self._on_state(state, error)


def _kind(error: EngineError) -> str:
    """The name of the nearest class in `engine.errors`: a window knows no other."""
    return next(kind.__name__ for kind in type(error).__mro__ if hasattr(errors, kind.__name__))


def _rebuild(trouble: Refused | Trouble) -> EngineError:
    """The error that the engine raised, as an exception of the same class."""
    kind = getattr(errors, trouble.kind, EngineError)
    error: EngineError = kind(trouble.title, trouble.message, trouble.hint)
    return error
