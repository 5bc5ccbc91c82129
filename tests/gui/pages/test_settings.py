from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput, NotEnoughData
from engine.events import Changed
from engine.records import RerankAdvice
from engine.requests import AdviseReranking, ChangeSettings, GetSettings, GetStatus
from engine.settings import Settings
from gui.pages.settings import SettingsPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import status
from tests.gui.pages.scripted_client import ScriptedClient

OWN = Settings(mode="dense", balance=0.7, results=30, max_file_mb=50, encoder_threads=4)
SCRIPT = {
    GetStatus: status(),
    GetSettings: OWN,
    ChangeSettings: lambda request: request.settings,
}


def newest_change(client: ScriptedClient) -> Settings:
    """The settings that were asked for last."""
    return client.asked_for(ChangeSettings)[-1].settings


def press(page: SettingsPage, text: str) -> None:
    """Press a button by its text."""
    next(b for b in page.findChildren(QPushButton) if b.text() == text).click()


def test_that_the_form_shows_what_is_in_force_and_asks_for_nothing(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    assert page.chosen == OWN
    assert page.workspace.text() == status().workspace
    qtbot.wait(350)
    assert not client.asked_for(ChangeSettings)


def test_that_a_change_is_applied_once_it_rests(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    for value in range(70, 91):
        page.balance.setValue(value)
    page.theme.setCurrentIndex(page.theme.findData("dark"))
    qtbot.waitUntil(lambda: bool(client.asked_for(ChangeSettings)))
    assert client.asked_for(ChangeSettings) == [
        ChangeSettings(replace(OWN, balance=0.9, theme="dark"))
    ]


def test_that_a_refused_change_is_taken_back_and_told(open_page: OpenPage, qtbot: QtBot) -> None:
    refusal = InvalidInput("Not possible", "There is no such amount of memory.")
    page, _ = open_page(SettingsPage, SCRIPT | {ChangeSettings: refusal})
    page.extract_memory_mb.setValue(65536)
    qtbot.waitUntil(lambda: page.window().findChild(QMessageBox) is not None)
    assert page.chosen == OWN


def test_that_restoring_defaults_can_be_undone(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    press(page, "Restore defaults")
    assert newest_change(client) == Settings()
    client.settle()
    press(page, "Undo")
    assert newest_change(client) == OWN
    assert page.chosen == OWN


def test_that_a_change_made_elsewhere_is_shown(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    client.script[GetSettings] = replace(OWN, mode="lexical")
    client.tell(Changed("settings"))
    qtbot.waitUntil(lambda: page.mode.currentData() == "lexical")
    qtbot.wait(350)
    assert not client.asked_for(ChangeSettings)


def test_that_what_is_being_changed_is_not_overwritten(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    page.results.setValue(55)
    page.load()  # is answered with the settings from before, while the change is not yet sent
    qtbot.waitUntil(lambda: bool(client.asked_for(ChangeSettings)))
    assert newest_change(client).results == 55
    assert page.results.value() == 55


def test_that_the_balance_is_offered_only_where_it_counts(open_page: OpenPage) -> None:
    page, _ = open_page(SettingsPage, SCRIPT)
    assert page.balance.isEnabled()
    page.fusion.setCurrentIndex(page.fusion.findData("rrf"))
    assert not page.balance.isEnabled()


def test_that_scrolling_past_a_field_does_not_change_it(open_page: OpenPage) -> None:
    page, _ = open_page(SettingsPage, SCRIPT)
    for field in (page.mode, page.balance, page.results):
        middle = QPointF(field.mapTo(page.window(), field.rect().center()))
        QTest.wheelEvent(page.windowHandle(), middle, QPoint(0, -15))
    assert page.chosen == OWN
    assert page.area.verticalScrollBar().value() > 0


def test_that_advice_on_reranking_is_given_on_demand(open_page: OpenPage, qtbot: QtBot) -> None:
    advice = RerankAdvice(True, 0.6, 0.7, 12, "It helps on your 12 judged queries.")
    page, client = open_page(SettingsPage, SCRIPT | {AdviseReranking: advice})
    assert not client.asked_for(AdviseReranking)
    page.advise_button.click()
    qtbot.waitUntil(page.advice.isVisible)
    assert "Reranking helps here\nIt helps on your 12 judged queries." in page.advice.words
    assert page.advise_button.isEnabled()


def test_that_too_few_judgments_for_advice_are_told_in_place(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    too_few = NotEnoughData("Too few judgments", "10 queries are needed.", "Judge more.")
    page, _ = open_page(SettingsPage, SCRIPT | {AdviseReranking: too_few})
    page.advise_button.click()
    qtbot.waitUntil(page.advice.isVisible)
    assert page.advice.words == "Too few judgments\n10 queries are needed. Judge more."
