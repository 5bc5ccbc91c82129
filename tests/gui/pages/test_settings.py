from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import EngineGone, InvalidInput, NotEnoughData
from engine.events import Changed, Failed, Finished, Progress
from engine.records import BackupInfo, DoctorReport, Finding, RerankAdvice
from engine.requests import (
    AdviseReranking,
    ChangeSettings,
    Diagnose,
    GetSettings,
    GetStatus,
    ListBackups,
    MakeBackup,
    RestoreBackup,
)
from engine.settings import Settings
from engine.training_requests import ForgetVisits
from gui.doctor_dialog import DoctorDialog
from gui.pages.settings import SettingsPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import NOW, job, status
from tests.gui.pages.scripted_client import ScriptedClient

OWN = Settings(
    mode="dense",
    balance=0.7,
    results=30,
    max_file_mb=50,
    encoder_threads=4,
    watch=False,
    exclude=("drafts/", "*.bak"),
    ocr="all",
    gentle=False,
)
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
    page.reranking.ask_button.click()
    qtbot.waitUntil(page.reranking.advice.isVisible)
    assert (
        "Reranking helps here\nIt helps on your 12 judged queries." in page.reranking.advice.words
    )
    assert page.reranking.ask_button.isEnabled()


def test_that_too_few_judgments_for_advice_are_told_in_place(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    too_few = NotEnoughData("Too few judgments", "10 queries are needed.", "Judge more.")
    page, _ = open_page(SettingsPage, SCRIPT | {AdviseReranking: too_few})
    page.reranking.ask_button.click()
    qtbot.waitUntil(page.reranking.advice.isVisible)
    assert page.reranking.advice.words == "Too few judgments\n10 queries are needed. Judge more."


def test_that_patterns_are_applied_when_their_field_is_left(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    page.exclude.text.setFocus()
    page.exclude.text.setPlainText("drafts/\n\n  *.tmp  \n")
    page.results.setFocus()
    qtbot.waitUntil(lambda: bool(client.asked_for(ChangeSettings)))
    assert client.asked_for(ChangeSettings) == [
        ChangeSettings(replace(OWN, exclude=("drafts/", "*.tmp")))
    ]


def test_that_a_wrong_pattern_is_told_in_place_and_kept_to_be_mended(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    def change(request: ChangeSettings) -> Settings | InvalidInput:
        if "[a" in request.settings.exclude:
            return InvalidInput("Not a pattern", "“[a” has no end.", "Close it with ].")
        return request.settings

    page, client = open_page(SettingsPage, SCRIPT | {ChangeSettings: change})
    page.exclude.text.setPlainText("[a")
    page.results.setValue(55)
    qtbot.waitUntil(lambda: page.exclude.error == "“[a” has no end. Close it with ].")
    qtbot.waitUntil(lambda: newest_change(client) == replace(OWN, results=55))
    client.settle()
    page.load()
    client.settle()
    assert page.exclude.text.toPlainText() == "[a"
    assert page.window().findChild(QMessageBox) is None
    page.exclude.text.setPlainText("[ab]")
    qtbot.waitUntil(lambda: newest_change(client).exclude == ("[ab]",))
    client.settle()
    assert page.exclude.error == ""


# Backups

BACKUPS = (
    BackupInfo("new.db", NOW - 100, "asked", 184_300_000, 246),
    BackupInfo("old.db", NOW - 90_000, "migration", 180_000_000, 201),
)


def test_that_backups_are_listed_with_why_they_were_made(open_page: OpenPage) -> None:
    page, client = open_page(SettingsPage, SCRIPT | {ListBackups: ()})
    assert not page.backups.table.isVisible()
    client.script[ListBackups] = BACKUPS
    client.tell(Changed("backups"))
    QTest.qWait(200)
    client.settle()
    page.backups.table.selectRow(1)
    page.backups.table.copy_selected()
    assert "Before a new version of Attune changed the library\t201\t180.0 MB" in (
        QGuiApplication.clipboard().text()
    )


def test_that_a_backup_is_made_on_demand(open_page: OpenPage) -> None:
    page, client = open_page(SettingsPage, SCRIPT | {ListBackups: (), MakeBackup: BACKUPS[0]})
    client.script[ListBackups] = BACKUPS
    page.backups.make_button.click()
    client.settle()
    assert page.backups.notice.words == "The library was copied\n184.3 MB, with 246 labels."
    assert page.backups.table.visible_records == list(BACKUPS)


@pytest.mark.parametrize("sure", [True, False])
def test_that_restoring_says_what_happens_and_asks_first(open_page: OpenPage, sure: bool) -> None:
    page, client = open_page(SettingsPage, SCRIPT | {ListBackups: BACKUPS, RestoreBackup: None})
    assert not page.backups.restore_button.isEnabled()
    page.backups.table.selectRow(1)
    page.backups.restore_button.click()
    dialog = page.backups.findChild(QMessageBox)
    assert dialog is not None
    assert "201 labels" in dialog.informativeText()
    assert "copied first" in dialog.informativeText()
    if sure:
        next(b for b in dialog.buttons() if b.text() == "Restore").click()
    else:
        dialog.reject()
    client.settle()
    assert client.asked_for(RestoreBackup) == ([RestoreBackup("old.db")] if sure else [])


def test_that_an_engine_that_ends_to_restore_is_no_error(open_page: OpenPage) -> None:
    gone = EngineGone("The engine stopped", "It ended before it answered.")
    page, client = open_page(SettingsPage, SCRIPT | {ListBackups: BACKUPS, RestoreBackup: gone})
    page.backups._restore(BACKUPS[0])
    client.settle()
    assert page.window().findChild(QMessageBox) is None
    assert page.backups.make_button.isEnabled()


# Checking the library

CHECKING = job("index", "Checking the library")
FOUND = DoctorReport(
    (
        Finding("Library", "sound", "Its pages agree."),
        Finding("Keyword index", "repaired", "It was built anew."),
    ),
    12.0,
)


def open_doctor(page: SettingsPage, client: ScriptedClient) -> DoctorDialog:
    page.check_button.click()
    client.settle()
    dialog = page.findChild(DoctorDialog)
    assert dialog is not None
    return dialog


@pytest.mark.parametrize("rebuild", [False, True])
def test_that_checking_shows_its_progress_and_then_what_was_found(
    open_page: OpenPage, rebuild: bool
) -> None:
    page, client = open_page(SettingsPage, SCRIPT | {Diagnose: CHECKING})
    dialog = open_doctor(page, client)
    assert not client.asked_for(Diagnose)
    dialog.rebuild.setChecked(rebuild)
    dialog.check_button.click()
    client.settle()
    assert client.asked_for(Diagnose) == [Diagnose(rebuild)]
    client.tell(Progress(CHECKING.id, "Checking the vectors", 3, 10, "passages"))
    client.settle()
    assert "3 of 10 passages" in dialog.job_card.words
    client.tell(Finished(CHECKING.id, FOUND))
    client.settle()
    assert not dialog.job_card.isVisible()
    assert dialog.notice.words == "1 store repaired; all is well now\nIt took 12 s."
    assert dialog.words.splitlines() == [
        "Library: Sound. Its pages agree.",
        "Keyword index: Repaired. It was built anew.",
    ]


def test_that_a_check_that_failed_says_why_and_can_be_begun_again(open_page: OpenPage) -> None:
    page, client = open_page(SettingsPage, SCRIPT | {Diagnose: CHECKING})
    dialog = open_doctor(page, client)
    dialog.check_button.click()
    client.settle()
    client.tell(Failed(CHECKING.id, "The disk is full", "Nothing was kept.", "Free some space."))
    client.settle()
    assert dialog.notice.words == "The disk is full\nNothing was kept. Free some space."
    assert dialog.check_button.isEnabled()


# Tuning

TUNING = replace(
    OWN,
    suggest_tuning=False,
    auto_tune=True,
    keep_searches=False,
    keep_visits=False,
    models_budget_mb=9000,
    mlflow="http://127.0.0.1:5000",
)


def answer(page: SettingsPage, text: str) -> None:
    """Press a button of the question that is asked."""
    question = page.findChild(QMessageBox)
    assert question is not None
    next(button for button in question.buttons() if button.text() == text).click()


def test_that_what_is_set_about_tuning_is_shown_and_kept(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(SettingsPage, SCRIPT | {GetSettings: TUNING})
    assert page.chosen == TUNING
    page.tuning.auto.click()
    page.tuning.budget.setValue(7000)
    page.tuning.mlflow.setText(" /srv/mlflow ")
    page.tuning.mlflow.editingFinished.emit()
    qtbot.waitUntil(lambda: bool(client.asked_for(ChangeSettings)))
    assert newest_change(client) == replace(
        TUNING, auto_tune=False, models_budget_mb=7000, mlflow="/srv/mlflow"
    )


def test_that_an_address_is_not_taken_while_it_is_typed(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    page.tuning.mlflow.setText("http://12")
    page.results.setValue(40)
    qtbot.waitUntil(lambda: bool(client.asked_for(ChangeSettings)))
    assert newest_change(client) == replace(OWN, results=40)


def test_that_restoring_leaves_what_is_set_on_the_training_page(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    in_force = replace(TUNING, recipe="Thorough")
    page, client = open_page(SettingsPage, SCRIPT | {GetSettings: in_force})
    page.restore_defaults()
    assert newest_change(client) == Settings(recipe="Thorough")
    client.settle()
    page.restore_defaults()
    assert "at their defaults already" in page.notice.words


def test_that_searches_are_forgotten_only_once_confirmed(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(SettingsPage, SCRIPT)
    page.tuning.searches.click()
    assert page.tuning.searches.isChecked()
    answer(page, "Forget")
    qtbot.waitUntil(lambda: bool(client.asked_for(ChangeSettings)))
    assert newest_change(client) == replace(OWN, keep_searches=False)


def test_that_visits_are_forgotten_only_once_confirmed(open_page: OpenPage) -> None:
    page, client = open_page(SettingsPage, SCRIPT | {ForgetVisits: None})
    page.tuning.forget_button.click()
    assert not client.asked_for(ForgetVisits)
    answer(page, "Forget")
    client.settle()
    assert client.asked_for(ForgetVisits)
    assert "is forgotten" in page.tuning.notice.words
