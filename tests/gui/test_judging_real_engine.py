"""The judging room over a real engine process: what was answered outlives the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.client import EngineClient
from engine.evaluation_records import System
from engine.evaluation_requests import AddQueries, CreateEvalSet, ListTasks, Pool
from engine.events import Event, Failed, Finished
from engine.records import JobInfo
from engine.request import Request
from engine.requests import AddRoots, Sync
from gui.background import Engine
from gui.pages.judging import JudgingPage

R = TypeVar("R")
_PATIENCE_MS = 60_000


@pytest.fixture
def client(library_folder: Path) -> Iterator[list[EngineClient]]:
    clients: list[EngineClient] = []
    yield clients
    for opened in clients:
        opened.close()


def test_that_judging_goes_on_after_the_engine_was_killed(
    qtbot: QtBot, client: list[EngineClient], library_folder: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(6):
        (notes / f"{number}.txt").write_text(f"Green tea number {number} steeps for a while.")

    def connect(*callbacks: object) -> EngineClient:
        client.append(partial(EngineClient, library_folder)(*callbacks))  # type: ignore[arg-type]
        return client[0]

    engine = Engine(connect)
    ended: set[str] = set()

    def hear(event: Event) -> None:
        if isinstance(event, Finished | Failed):
            ended.add(event.job)

    engine.event_heard.connect(hear)
    page = JudgingPage(engine)
    engine.setParent(page)
    qtbot.addWidget(page)
    page.show()

    def until(there: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(there()), timeout=_PATIENCE_MS)

    def ask(request: Request[R]) -> R:
        return client[0].ask(request).result(60)

    def do(request: Request[JobInfo]) -> None:
        job = ask(request)
        until(lambda: job.id in ended)

    def grades() -> list[int]:
        given = [task.given for task in ask(ListTasks("teas", "ann", "q1"))]
        return [each.grade for each in given if each is not None and each.grade is not None]

    until(lambda: engine.state == "ready")
    ask(AddRoots((str(notes),)))
    do(Sync())
    ask(CreateEvalSet("teas"))
    ask(AddQueries("teas", ("green tea",)))
    do(Pool("teas", (System("lexical"),), 6))
    page.begin("teas", "ann")
    until(lambda: page.session is not None and page.session.task is not None)
    session = page.session
    assert session is not None
    QTest.keyClicks(page.room, "3")
    QTest.keyClicks(page.room, "2")
    until(lambda: not session.saves.n_waiting)

    pid = client[0].engine_pid
    assert pid is not None
    killed = psutil.Process(pid)
    killed.suspend()
    QTest.keyClicks(page.room, "1")
    assert page.room.progress.saved_words == "Saving…"
    killed.kill()
    until(lambda: session.saves.not_saved)
    assert page.room.notice.words.startswith("Not saved: 1 judgment")
    until(lambda: engine.state == "ready")
    QTest.keyClicks(page.room, "r")
    until(lambda: not session.saves.n_waiting and not session.saves.not_saved)
    assert not page.room.notice.words
    assert sorted(grades()) == [1, 2, 3]
    QTest.keyClick(page.room, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page.room, "0")  # meant for the pair that comes back
    until(lambda: 0 in grades())
    assert sorted(grades()) == [0, 2, 3]
