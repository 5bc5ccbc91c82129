from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from engine.events import Cancelled, Changed, Started
from engine.training_records import Suggestion
from engine.training_requests import GetSuggestion
from gui.background import Engine
from gui.widgets import tuning_hint
from gui.widgets.tuning_hint import TuningHint
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.conftest import open_page as open_page
from tests.gui.pages.samples import job
from tests.gui.pages.scripted_client import ScriptedClient

WORTH_IT = Suggestion("tune", ("62 searches were judged since the last tuning.",), "Balanced", 62)
NOTHING = Suggestion("none", (), "Quick", 0)
TUNING = job("finetune", "Tuning")


@pytest.fixture
def memory(tmp_path: Path) -> QSettings:
    """What the window remembers."""
    return QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(tuning_hint, "_FIRST_AFTER_MS", 1)
    monkeypatch.setattr(tuning_hint, "_SETTLE_MS", 1)


def open_hint(
    open_page: OpenPage, memory: QSettings, answer: Suggestion
) -> tuple[TuningHint, ScriptedClient]:
    def make(engine: Engine) -> TuningHint:
        return TuningHint(engine, memory)

    script: dict[Any, Any] = {GetSuggestion: answer}
    hint, client = open_page(make, script)
    hint.hide()  # as in a window, where nothing shows it but itself
    client.become("ready", None)
    return hint, client


def test_that_it_is_said_once_the_engine_is_ready_and_leads_to_training(
    open_page: OpenPage, memory: QSettings, qtbot: QtBot
) -> None:
    hint, _ = open_hint(open_page, memory, WORTH_IT)
    qtbot.waitUntil(hint.isVisible)
    assert "62 searches were judged" in hint.words
    with qtbot.waitSignal(hint.training_asked):
        hint.acted.emit()


def test_that_nothing_is_said_where_nothing_is_suggested(
    open_page: OpenPage, memory: QSettings, qtbot: QtBot
) -> None:
    hint, client = open_hint(open_page, memory, NOTHING)
    qtbot.waitUntil(lambda: bool(client.asked_for(GetSuggestion)))
    client.settle()
    assert not hint.isVisible()


def test_that_it_rests_for_a_week_once_dismissed(
    open_page: OpenPage, memory: QSettings, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint, _ = open_hint(open_page, memory, WORTH_IT)
    qtbot.waitUntil(hint.isVisible)
    dismiss = hint.findChild(QToolButton)
    assert dismiss is not None
    dismiss.click()
    assert not hint.isVisible()
    again, client = open_hint(open_page, memory, WORTH_IT)
    again.ask()
    assert not client.asked_for(GetSuggestion)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8 * 86_400)
    again.ask()
    client.settle()
    assert again.isVisible()


def test_that_it_asks_again_for_new_labels_but_not_at_once(
    open_page: OpenPage, memory: QSettings, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint, client = open_hint(open_page, memory, NOTHING)
    qtbot.waitUntil(lambda: len(client.asked_for(GetSuggestion)) == 1)
    client.tell(Changed("labels"))
    qtbot.wait(50)
    assert len(client.asked_for(GetSuggestion)) == 1
    monkeypatch.setattr(tuning_hint, "_EVERY_S", 0.0)
    hint._soon.stop()
    client.script[GetSuggestion] = WORTH_IT
    client.tell(Changed("labels"))
    qtbot.waitUntil(hint.isVisible)


def test_that_it_is_silent_when_settings_forbid_it(
    open_page: OpenPage, memory: QSettings, qtbot: QtBot
) -> None:
    hint, client = open_hint(open_page, memory, WORTH_IT)
    qtbot.waitUntil(hint.isVisible)
    client.script[GetSuggestion] = NOTHING
    client.tell(Changed("settings"))
    qtbot.waitUntil(hint.isHidden)


def test_that_it_is_silent_while_a_model_is_tuned(
    open_page: OpenPage, memory: QSettings, qtbot: QtBot
) -> None:
    hint, client = open_hint(open_page, memory, WORTH_IT)
    qtbot.waitUntil(hint.isVisible)
    client.tell(Started(TUNING))
    qtbot.waitUntil(hint.isHidden)
    client.tell(Cancelled(TUNING.id))
    qtbot.waitUntil(hint.isVisible)
