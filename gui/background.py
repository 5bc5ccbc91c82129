"""Asks the engine without making the window wait: answers and events arrive on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from traceback import format_exception
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from engine.client import EngineState
from engine.errors import EngineBug, EngineError, EngineGone
from engine.events import Event
from engine.request import Request
from gui.error_dialog import show_error

R = TypeVar("R")
Failure = Callable[[EngineError], None]
OnEvent = Callable[[Event], None]
OnState = Callable[[EngineState, EngineError | None], None]


class Client(Protocol):
    """What is needed of `engine.client.EngineClient`."""

    def ask(self, request: Request[R]) -> Future[R]:
        """Ask; the future may be settled on any thread."""

    def cancel(self, future: Future[Any]) -> None:
        """Forget a question."""

    def open_again(self) -> None:
        """Try to open the library once more, where it was refused."""

    def close(self) -> None:
        """End the engine."""


class Pending:
    """A question whose answer has not been delivered yet."""

    def __init__(
        self,
        client: Client,
        future: Future[Any],
        success: Callable[[Any], None],
        failure: Failure,
        owner: QObject | None,
    ) -> None:
        self._client = client
        self._future = future
        self._success = success
        self._failure = failure
        self._owner = owner
        self._open = True

    @property
    def open(self) -> bool:
        """Whether an answer is still to come."""
        return self._open

    def cancel(self) -> None:
        """Give up on the answer: neither callback is called, and the engine is told."""
        if self._open:
            self._open = False
            self._client.cancel(self._future)

    def deliver(self) -> None:
        """Call back with the outcome, unless nobody wants it any more. On the GUI thread."""
        if not self._open:
            return
        self._open = False
        if self._future.cancelled() or (self._owner is not None and not isValid(self._owner)):
            return
        try:
            answer = self._future.result()
        except CancelledError:
            return
        except EngineError as error:
            self._failure(error)
        except Exception as error:  # noqa: BLE001 (a bug is shown with its traceback)
            what = f"{type(error).__name__}: {error}"
            self._failure(EngineBug("Unexpected error", what, "".join(format_exception(error))))
        else:
            self._success(answer)


class Engine(QObject):
    """The engine as the window's parts see it. All signals and callbacks are on the GUI thread."""

    event_heard = Signal(object)
    """An `engine.events.Event`. (`event` is a method of every QObject.)"""
    state_changed = Signal(str, object)
    """An `EngineState`, and the EngineError with it or None."""

    _event_came = Signal(object)
    _state_came = Signal(str, object)
    _settled = Signal(object)

    def __init__(
        self, connect: Callable[[OnEvent, OnState], Client], parent: QObject | None = None
    ) -> None:
        """Start the engine: `connect` opens a client that calls back on a thread of its own."""
        super().__init__(parent)
        queued = Qt.ConnectionType.QueuedConnection
        self._event_came.connect(self.event_heard, queued)
        self._state_came.connect(self._become, queued)
        self._settled.connect(self._deliver, queued)
        self._state: EngineState = "starting"
        self._client = connect(self._event_came.emit, self._state_came.emit)

    @property
    def state(self) -> EngineState:
        """How the engine stands, as far as this thread was told."""
        return self._state

    def ask(
        self,
        request: Request[R],
        success: Callable[[R], None],
        failure: Failure | None = None,
        owner: QObject | None = None,
    ) -> Pending:
        """Ask the engine; exactly one of the callbacks is called later, from the event loop.

        Neither is called once the pending question was cancelled or its owner was deleted. Without
        a `failure` the error is shown in a dialog over the owner's window.
        """
        if failure is None:

            def failure(error: EngineError) -> None:
                _show_over(owner, error)

        future = self._client.ask(request)
        pending = Pending(self._client, future, success, failure, owner)
        future.add_done_callback(lambda _: self._settled.emit(pending))
        return pending

    def open_again(self) -> None:
        """Try to open the library once more, where it was refused."""
        self._client.open_again()

    def close(self) -> None:
        """End the engine; waits until it has written what it was writing."""
        self._client.close()

    def _become(self, state: EngineState, error: EngineError | None) -> None:
        self._state = state
        self.state_changed.emit(state, error)

    def _deliver(self, pending: Pending) -> None:
        pending.deliver()


def _show_over(owner: QObject | None, error: EngineError) -> None:
    """Show an error over the window of its owner.

    That the engine is gone is told by the window's banner, not by a dialog for each question.
    """
    if not isinstance(error, EngineGone):
        show_error(error, owner if isinstance(owner, QWidget) else None)
