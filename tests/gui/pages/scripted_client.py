"""An engine client that answers from a script, and says what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication

from engine.client import EngineState
from engine.errors import EngineError
from engine.events import Event
from engine.request import Request

R = TypeVar("R")
Q = TypeVar("Q", bound=Request[Any])
Script = Mapping[Any, Any]
"""Answers by type of request."""


class ScriptedClient:
    """Answers a request with what the script has for its type.

    That is a record, an EngineError to fail with, or a function of the request that returns either.
    A request that the script does not know is never answered.
    """

    def __init__(
        self,
        script: Script,
        on_event: Callable[[Event], None],
        on_state: Callable[[EngineState, EngineError | None], None],
    ) -> None:
        self.script = dict(script)
        self.asked: list[Request[Any]] = []
        self.tell = on_event
        self.become = on_state

    def ask(self, request: Request[R]) -> Future[R]:
        """Answer at once."""
        self.asked.append(request)
        future: Future[R] = Future()
        if type(request) not in self.script:
            return future
        answer = self.script[type(request)]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, EngineError):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future

    def asked_for(self, kind: type[Q]) -> list[Q]:
        """The requests of one type, in order."""
        return [request for request in self.asked if isinstance(request, kind)]

    def settle(self) -> None:
        """Let every answer and event arrive, and what is asked because of them."""
        asked = -1
        while asked != len(self.asked):
            asked = len(self.asked)
            for _ in range(3):
                QCoreApplication.processEvents()

    def cancel(self, future: Future[Any]) -> None:
        """Nothing to stop."""
        future.cancel()

    def open_again(self) -> None:
        """As an engine that starts anew."""
        self.become("starting", None)

    def close(self) -> None:
        """Nothing to end."""
