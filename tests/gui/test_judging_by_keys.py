"""From no set to the first judgments in the whole window, over a real engine, by keys alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from engine.client import EngineClient
from engine.evaluation_requests import ListTasks
from engine.events import Event, Failed, Finished
from engine.requests import AddRoots, Sync
from gui.background import Engine
from gui.main_window import MainWindow
from gui.theme import Theme
from gui.widgets.evalset_add_queries import AddQueriesDialog
from gui.widgets.evalset_form import SetForm
from gui.widgets.evalset_pool import PoolDialog
from gui.widgets.judging_room import JudgingRoom
from gui.widgets.judging_start import JudgingStart

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
_PATIENCE_MS = 60_000


class Keyboard:
    """Presses keys where a window's keyboard is, and waits for where it goes."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self._qtbot, self._window = qtbot, window

    @property
    def focus(self) -> QWidget:
        """What has the keyboard."""
        top = QApplication.activeModalWidget() or self._window
        return top.focusWidget() or top

    def write(self, words: str) -> None:
        """Type words where the keyboard is."""
        QTest.keyClicks(self.focus, words)

    def press(self, *keys: Qt.Key) -> None:
        """Press keys one after the other."""
        for key in keys:
            QTest.keyClick(self.focus, key)

    def hold_control(self, key: Qt.Key) -> None:
        """Press a key together with Ctrl."""
        QTest.keyClick(self.focus, key, CONTROL)

    def until(self, there: Callable[[], object]) -> None:
        """Wait for something."""
        self._qtbot.waitUntil(lambda: bool(there()), timeout=_PATIENCE_MS)

    def until_on(self, words: str) -> None:
        """Wait until a button with these words has the keyboard."""
        self.until(lambda: getattr(self.focus, "text", str)() == words)

    def until_in(self, kind: type[QWidget]) -> None:
        """Wait until a dialog of a kind is open."""
        self.until(lambda: isinstance(QApplication.activeModalWidget(), kind))


@pytest.fixture
def clients() -> Iterator[list[EngineClient]]:
    opened: list[EngineClient] = []
    yield opened
    for client in opened:
        client.close()


def test_that_keys_alone_lead_from_no_set_to_the_first_judgments(
    qtbot: QtBot,
    qapp: QApplication,
    clients: list[EngineClient],
    library_folder: Path,
    tmp_path: Path,
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(6):
        (notes / f"{number}.txt").write_text(f"Green tea number {number} steeps for a while.")

    def connect(*callbacks: object) -> EngineClient:
        clients.append(partial(EngineClient, library_folder)(*callbacks))  # type: ignore[arg-type]
        return clients[0]

    engine = Engine(connect)
    ended: set[str] = set()

    def hear(event: Event) -> None:
        if isinstance(event, Finished | Failed):
            ended.add(event.job)

    engine.event_heard.connect(hear)
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    window = MainWindow(engine, Theme(qapp), memory, library_folder)
    engine.setParent(window)
    qtbot.addWidget(window)
    window.show()
    keys = Keyboard(qtbot, window)
    keys.until(lambda: engine.state == "ready")
    clients[0].ask(AddRoots((str(notes),))).result(60)
    job = clients[0].ask(Sync()).result(60)
    keys.until(lambda: job.id in ended)

    window.activateWindow()
    keys.hold_control(Key.Key_5)
    keys.until_on("New set…")
    keys.press(Key.Key_Return)
    keys.until_in(SetForm)
    keys.write("teas")
    keys.press(Key.Key_Return)
    keys.until_on("Type or paste…")
    keys.press(Key.Key_Return)
    keys.until_in(AddQueriesDialog)
    keys.write("green tea")
    keys.hold_control(Key.Key_Return)
    keys.until_on("Pool…")
    keys.press(Key.Key_Return)
    keys.until_in(PoolDialog)
    keys.press(Key.Key_Return)
    keys.until_on("Judge…")
    keys.press(Key.Key_Return)
    keys.until_on("Begin")
    assert isinstance(keys.focus.parentWidget(), JudgingStart)
    keys.press(Key.Key_Return)
    keys.until(lambda: isinstance(keys.focus, JudgingRoom))
    room = keys.focus
    assert isinstance(room, JudgingRoom)
    keys.until(lambda: room.session is not None and room.session.task is not None)
    for digit in "32103":
        keys.write(digit)
    session = room.session
    assert session is not None
    keys.until(lambda: not session.saves.n_waiting)
    tasks = clients[0].ask(ListTasks("teas", session.rater, "q1")).result(60)
    grades = [task.given.grade for task in tasks if task.given is not None]
    assert sorted(grade for grade in grades if grade is not None) == [0, 1, 2, 3, 3]
    assert not window.findChildren(QDialog, options=Qt.FindChildOption.FindDirectChildrenOnly)
