"""The engine process: owns one workspace and answers its window over one pipe.

`python -m engine.host FOLDER`. Requests run in threads, so a search never waits for another
request; a request that is cancelled before it starts costs nothing, and a search that is cancelled
stops at its next stage. Where the workspace cannot be opened, it stays to put a backup back.
"""

from __future__ import annotations

import re
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from engine.client import (
    Answer,
    Ask,
    CancelAsk,
    FromHost,
    FromWindow,
    Notice,
    OpenAgain,
    Ready,
    Refused,
    StartAnew,
    Trouble,
)
from engine.errors import EngineBug, EngineError, JobCancelled
from engine.evaluation_requests import EvaluationRequest
from engine.events import Event
from engine.jobs.worker import Parent
from engine.records import BackupInfo
from engine.requests import AnyRequest, ListBackups, RestoreBackup, Search
from engine.storage.library import restorable, restore_now
from engine.training_requests import TrainingRequest
from engine.workspace import Workspace

_THREADS = 8


def method_of(request_type: type[Any]) -> str:
    """The method that answers a request: `GetStatus` -> `get_status`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", request_type.__name__).lower()


class Host:
    """Answers what its parent asks until the parent is gone."""

    def __init__(self, parent: Parent[FromWindow | None], workspace: Workspace) -> None:
        self._parent = parent
        self._workspace = workspace
        self.starts_anew = False
        """A backup lies ready, and is put in place when the workspace is opened again."""
        self._stale: dict[int, threading.Event] = {}
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="request")

    def serve(self) -> None:
        """Answer until the parent closes the pipe, or the workspace has to be opened anew."""
        while (message := self._parent.receive()) is not None:
            match message:
                case Ask(id=number, request=request):
                    stale = self._stale[number] = threading.Event()
                    self._pool.submit(self._answer, number, request, stale)
                case CancelAsk(id=number):
                    if number in self._stale:
                        self._stale[number].set()
                case OpenAgain():
                    pass  # it is open
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, number: int, request: AnyRequest, stale: threading.Event) -> None:
        def checkpoint() -> None:
            if stale.is_set():
                raise JobCancelled

        reply: FromHost | None
        try:
            checkpoint()
            if isinstance(request, Search):
                result: object = self._workspace.search(request, checkpoint)
            else:
                owner: object = self._workspace
                if isinstance(request, EvaluationRequest):
                    owner = self._workspace.judging
                elif isinstance(request, TrainingRequest):
                    owner = self._workspace.bench
                result = getattr(owner, method_of(type(request)))(request)
            reply = Answer(number, msgspec.Raw(msgspec.msgpack.encode(result)))
        except JobCancelled:
            reply = None
        except EngineError as error:
            reply = Trouble.of(number, error)
        except Exception as error:  # noqa: BLE001 (a bug is told to the window, with its traceback)
            reply = Trouble.of(number, as_bug(error))
        finally:
            self._stale.pop(number, None)
        if reply is not None:
            self._parent.send(reply)
        if isinstance(request, RestoreBackup) and isinstance(reply, Answer):
            self.starts_anew = True
            self._parent.put(None)


def serve_closed(parent: Parent[FromWindow | None], folder: Path) -> None:
    """Answer for a workspace that cannot be opened: which backups there are, and put one back.

    Ends once it is worth opening again, when the window asks for that, or when it is gone.
    """
    while (message := parent.receive()) is not None:
        if isinstance(message, OpenAgain):
            parent.send(StartAnew())
            return
        if not isinstance(message, Ask):
            continue
        number, restored = message.id, False
        result: tuple[BackupInfo, ...] | None = None
        try:
            match message.request:
                case ListBackups():
                    result = restorable(folder)
                case RestoreBackup(name=name):
                    restore_now(folder, name)
                    restored = True
                case _:
                    raise EngineError("Not open", "The library is not open.", "Open it first.")
            parent.send(Answer(number, msgspec.Raw(msgspec.msgpack.encode(result))))
        except EngineError as error:
            parent.send(Trouble.of(number, error))
        except Exception as error:  # noqa: BLE001 (a bug is told to the window, with its traceback)
            parent.send(Trouble.of(number, as_bug(error)))
        if restored:
            parent.send(StartAnew())
            return


def as_bug(error: Exception) -> EngineBug:
    """An unexpected exception as an error that carries its traceback."""
    return EngineBug(
        "Unexpected error",
        f"{type(error).__name__}: {error}",
        "".join(traceback.format_exception(error)),
    )


def main() -> None:
    """Open the workspace, say whether it could be, and serve."""
    parent: Parent[FromWindow | None]
    parent = Parent(FromWindow, on_gone=lambda: parent.put(None))

    def emit(event: Event) -> None:
        try:
            parent.send(Notice(event))
        except OSError:
            return  # the window is gone; the pipe's end ends this process

    folder = Path(sys.argv[1])
    try:
        workspace = Workspace(folder, emit)
    except Exception as error:  # noqa: BLE001 (told once: starting it again would end the same way)
        why = error if isinstance(error, EngineError) else as_bug(error)
        parent.send(Refused.of(why))
        serve_closed(parent, folder)
        return
    with workspace:
        parent.send(Ready())
        workspace.start()
        host = Host(parent, workspace)
        host.serve()
    if host.starts_anew:
        parent.send(StartAnew())


if __name__ == "__main__":
    main()
