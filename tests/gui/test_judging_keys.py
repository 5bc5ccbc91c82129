"""Keys that the window's menus have too mean the judging room's while one judges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.evaluation_requests import RedoJudgment, UndoJudgment
from engine.requests import Redo, Undo
from gui.background import Engine, OnEvent, OnState
from gui.main_window import JUDGING, MainWindow
from gui.pages.judging import JudgingPage
from gui.shortcuts_dialog import ShortcutsDialog
from gui.theme import Theme
from tests.gui.judged_set import JudgedSet, task
from tests.gui.pages.found import LIBRARY
from tests.gui.pages.scripted_client import ScriptedClient

Key = Qt.Key
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> Iterator[tuple[MainWindow, ScriptedClient]]:
    """A window in whose judging room a set is open."""
    judged = JudgedSet([task(0, number) for number in range(5)])
    clients: list[ScriptedClient] = []

    def connect(on_event: OnEvent, on_state: OnState) -> ScriptedClient:
        clients.append(ScriptedClient(LIBRARY | judged.script(), on_event, on_state))
        return clients[0]

    before = qapp.styleSheet(), qapp.palette()
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    engine = Engine(connect)
    shown = MainWindow(engine, Theme(qapp), memory, tmp_path)
    engine.setParent(shown)
    qtbot.addWidget(shown)
    shown.show()
    clients[0].become("ready", None)
    shown.go_to(JUDGING)
    page = shown.page(JUDGING)
    assert isinstance(page, JudgingPage)
    page.begin("houses", "ann")
    clients[0].settle()
    shown.activateWindow()
    page.room.setFocus()
    yield shown, clients[0]
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])


@pytest.mark.parametrize("in_the_text", [False, True])
def test_that_undo_is_that_of_the_set_while_one_judges(
    window: tuple[MainWindow, ScriptedClient], in_the_text: bool
) -> None:
    shown, client = window
    page = shown.page(JUDGING)
    assert isinstance(page, JudgingPage)
    target = page.room.document.text if in_the_text else page.room
    target.setFocus()
    QTest.keyClicks(target, "2")
    client.settle()
    QTest.keyClick(target, Key.Key_Z, CONTROL)
    client.settle()
    QTest.keyClick(target, Key.Key_Z, CONTROL | SHIFT)
    client.settle()
    assert len(client.asked_for(UndoJudgment)) == len(client.asked_for(RedoJudgment)) == 1
    assert not client.asked_for(Undo)
    assert not client.asked_for(Redo)


def test_that_f1_shows_the_guideline_and_not_the_shortcuts(
    window: tuple[MainWindow, ScriptedClient],
) -> None:
    shown, client = window
    page = shown.page(JUDGING)
    assert isinstance(page, JudgingPage)
    QTest.keyClick(page.room, Key.Key_F1)
    client.settle()
    assert not page.room.head.folded
    assert shown.findChild(ShortcutsDialog) is None
