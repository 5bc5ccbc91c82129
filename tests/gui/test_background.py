from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from engine.errors import EngineBug, EngineError, EngineGone, NotFound
from engine.events import Changed
from engine.request import Request
from engine.requests import GetSettings
from engine.settings import Settings
from gui.background import Engine, OnEvent, OnState

R = TypeVar("R")


class ThreadedClient:
    """Settles its futures, tells its events and states on a thread of its own, when it is told."""

    def __init__(self, on_event: OnEvent, on_state: OnState) -> None:
        self.on_event, self.on_state = on_event, on_state
        self.futures: list[Future[Any]] = []
        self.cancelled: list[Future[Any]] = []

    def ask(self, request: Request[R]) -> Future[R]:
        future: Future[R] = Future()
        self.futures.append(future)
        return future

    def cancel(self, future: Future[Any]) -> None:
        self.cancelled.append(future)
        future.cancel()

    def open_again(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        pass

    def settle(self, result: object) -> None:
        future = self.futures[-1]
        if isinstance(result, Exception):
            elsewhere(lambda: future.set_exception(result))
        else:
            elsewhere(lambda: future.set_result(result))


def elsewhere(do: Any) -> None:
    thread = threading.Thread(target=do)
    thread.start()
    thread.join()


@pytest.fixture
def over(qtbot: QtBot) -> tuple[Engine, ThreadedClient]:
    clients: list[ThreadedClient] = []

    def connect(on_event: OnEvent, on_state: OnState) -> ThreadedClient:
        clients.append(ThreadedClient(on_event, on_state))
        return clients[0]

    return Engine(connect), clients[0]


def test_that_an_answer_arrives_on_the_thread_of_the_window(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot
) -> None:
    engine, client = over
    answers: list[tuple[Settings, threading.Thread]] = []
    engine.ask(GetSettings(), lambda answer: answers.append((answer, threading.current_thread())))
    client.settle(Settings())
    assert not answers, "it came from another thread, or before the event loop had its turn"
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [(Settings(), threading.main_thread())]


def test_that_events_and_states_arrive_on_the_thread_of_the_window(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot
) -> None:
    engine, client = over
    heard: list[object] = []
    engine.event_heard.connect(lambda e: heard.append((e, threading.current_thread())))
    engine.state_changed.connect(lambda s, e: heard.append((s, e, threading.current_thread())))
    elsewhere(lambda: client.on_event(Changed("library")))
    elsewhere(lambda: client.on_state("ready", None))
    qtbot.waitUntil(lambda: len(heard) == 2)
    here = threading.main_thread()
    assert heard == [(Changed("library"), here), ("ready", None, here)]
    assert engine.state == "ready"


def test_that_a_cancelled_question_is_silent_even_when_its_answer_is_on_the_way(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot
) -> None:
    engine, client = over
    called: list[object] = []
    pending = engine.ask(GetSettings(), called.append, called.append)
    client.settle(Settings())
    pending.cancel()
    qtbot.wait(20)
    assert not called
    assert client.cancelled == client.futures


def test_that_an_answer_for_a_deleted_owner_is_dropped(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot
) -> None:
    engine, client = over
    called: list[object] = []
    owner = QObject()
    engine.ask(GetSettings(), called.append, called.append, owner=owner)
    delete(owner)
    client.settle(Settings())
    qtbot.wait(20)
    assert not called


@pytest.mark.parametrize("error", [NotFound("No such thing", "It is gone."), EngineGone("a", "b")])
def test_that_an_error_goes_to_the_failure_path_alone(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot, error: EngineError
) -> None:
    engine, client = over
    answers: list[object] = []
    errors: list[EngineError] = []
    engine.ask(GetSettings(), answers.append, errors.append)
    client.settle(error)
    qtbot.waitUntil(lambda: bool(errors))
    assert errors == [error]
    assert not answers


def test_that_an_unexpected_exception_is_told_as_a_bug_with_its_traceback(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot
) -> None:
    engine, client = over
    errors: list[EngineError] = []
    engine.ask(GetSettings(), lambda _: None, errors.append)
    client.settle(ValueError("seven"))
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], EngineBug)
    assert "ValueError: seven" in errors[0].hint


def test_that_an_error_without_a_failure_path_is_shown_over_its_window(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot
) -> None:
    engine, client = over
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    engine.ask(GetSettings(), lambda _: None, owner=window)
    client.settle(NotFound("No such thing", "It is gone.", "Look elsewhere."))
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    dialog = window.findChild(QMessageBox)
    assert isinstance(dialog, QMessageBox)
    assert (dialog.text(), dialog.detailedText()) == ("No such thing", "")
    assert dialog.informativeText() == "It is gone.\n\nLook elsewhere."
    dialog.close()


def test_that_no_dialog_tells_that_the_engine_is_gone(
    over: tuple[Engine, ThreadedClient], qtbot: QtBot
) -> None:
    engine, client = over
    window = QWidget()
    qtbot.addWidget(window)
    engine.ask(GetSettings(), lambda _: None, owner=window)
    client.settle(EngineGone("The search engine stopped", "It ended."))
    qtbot.wait(20)
    assert window.findChild(QMessageBox) is None
