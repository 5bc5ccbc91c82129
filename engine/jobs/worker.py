"""The child's side of a worker process: takes messages from its parent, sends messages back.

The real standard output belongs to the messages, so whatever a library prints goes to standard
error. A worker whose parent is gone ends at once, whatever it is doing, unless it
says otherwise (`on_gone`).
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from engine.errors import EngineError
from engine.wire import Channel

M = TypeVar("M")


class WorkerError(msgspec.Struct, frozen=True, tag=True):
    """What a worker tells its parent of an error that a user may be told about."""

    title: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, error: EngineError) -> WorkerError:
        """The same error as a message."""
        return cls(error.title, error.message, error.hint)


class Parent(Generic[M]):
    """The parent as its worker sees it."""

    def __init__(self, receives: Any, on_gone: Callable[[], None] = lambda: os._exit(0)) -> None:
        self._on_gone = on_gone
        messages_out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        # Unbuffered: a thread that waits in a buffered reader makes Python abort when it exits.
        messages_in = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 (until the end)
        self._channel: Channel[M] = Channel(messages_in, messages_out, receives)
        self._inbox: queue.SimpleQueue[M] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="parent", daemon=True).start()

    def send(self, message: object) -> None:
        """Tell the parent."""
        self._channel.send(message)

    def receive(self) -> M:
        """Wait for the parent's next message."""
        return self._inbox.get()

    def waiting(self) -> M | None:
        """The parent's next message where there is one already."""
        try:
            return self._inbox.get_nowait()
        except queue.Empty:
            return None

    def put(self, message: M) -> None:
        """Put a message of one's own where `receive` finds it."""
        self._inbox.put(message)

    def _listen(self) -> None:
        try:
            while True:
                self._inbox.put(self._channel.receive())
        except (EOFError, OSError):
            self._on_gone()
