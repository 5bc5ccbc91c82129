from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from engine.events import Failed, Finished, Progress, Started
from engine.records import INSIDE, NEEDS_PASSWORD, Failure, IndexReport
from engine.requests import GetStatus, IgnoreFiles, ListFailures, RetryFiles
from gui.pages.problems import ProblemsPage
from gui.password_dialog import PasswordDialog
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import FAILURES, NOW, job, status
from tests.gui.pages.scripted_client import ScriptedClient

RETRYING = job("index", "Trying files again")
LOCKED, DAMAGED, LARGE = FAILURES
INSIDE_ZIP = Failure(
    11, f"/home/ines/papers.zip{INSIDE}one/paper.pdf", NEEDS_PASSWORD, "Retry.", NOW
)
IGNORED = Failure(12, "/home/ines/cache.bin", "Damaged", "", NOW, ignored=True)
ALL = (*FAILURES, INSIDE_ZIP, IGNORED)
SCRIPT = {GetStatus: status(), ListFailures: ALL, RetryFiles: RETRYING, IgnoreFiles: None}
REPORT = IndexReport(1, 0, 0, 0, 0, 0, 0, 1, 1)


def choose(page: ProblemsPage, client: ScriptedClient, reason: str) -> None:
    (item,) = page.reasons.findItems(reason, Qt.MatchFlag.MatchExactly)
    page.reasons.setCurrentItem(item)
    client.settle()


def press(button: QAbstractButton, client: ScriptedClient) -> None:
    assert button.isEnabled()
    button.click()
    client.settle()


def test_that_files_are_counted_by_reason_and_shown_by_it(open_page: OpenPage) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    assert page.reasons.words == [
        "All problems 4",
        "Needs a password 2",
        "Damaged 1",
        "Larger than 200 MB 1",
        "Ignored 1",
    ]
    assert len(page.files.table.visible_records) == 4
    choose(page, client, "Needs a password")
    assert page.files.table.visible_records == [LOCKED, INSIDE_ZIP]
    page.filter.setText("papers")
    assert page.files.table.visible_records == [INSIDE_ZIP]


def test_that_selected_files_are_tried_again_with_what_came_of_it(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    page.files.table.selectAll()
    press(page.files.retry_button, client)
    assert client.asked_for(RetryFiles) == [RetryFiles((7, 8, 9, 11))]
    client.tell(Started(RETRYING))
    client.tell(Progress(RETRYING.id, "Reading files", 1, 4, "files"))
    client.settle()
    assert "1 of 4 files" in page.job_card.words
    client.script[ListFailures] = (LARGE,)
    client.tell(Finished(RETRYING.id, REPORT))
    qtbot.waitUntil(page.notice.isVisible)
    assert page.notice.words.startswith("3 of 4 files could be read")
    assert page.files.table.visible_records == [LARGE]


def test_that_all_of_a_reason_are_tried_again(open_page: OpenPage) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    choose(page, client, "Damaged")
    press(page.retry_all, client)
    assert client.asked_for(RetryFiles) == [RetryFiles((DAMAGED.file_id,))]


def test_that_a_password_is_asked_for_and_sent_for_locked_files_only(open_page: OpenPage) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    page.files.table.selectAll()
    press(page.files.password_button, client)
    dialog = page.findChild(PasswordDialog)
    assert dialog is not None
    assert not dialog.retry.isEnabled()
    dialog.field.setText("s3cret ")
    dialog.retry.click()
    client.settle()
    assert client.asked_for(RetryFiles) == [RetryFiles((7, 11), "s3cret ")]


def test_that_a_password_is_not_offered_where_it_does_not_help(open_page: OpenPage) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    choose(page, client, "Damaged")
    page.files.table.selectAll()
    assert page.files.retry_button.isEnabled()
    assert not page.files.password_button.isEnabled()


def test_that_a_wrong_password_is_told(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    choose(page, client, "Needs a password")
    page.files.table.selectRow(0)
    press(page.files.retry_button, client)
    client.tell(Started(RETRYING))
    client.tell(Finished(RETRYING.id, REPORT))
    qtbot.waitUntil(page.notice.isVisible)
    assert page.notice.words.startswith("It still cannot be read")


def test_that_files_are_ignored_with_a_key_and_listened_to_again(open_page: OpenPage) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    page.files.table.setFocus()
    page.files.table.selectRow(1)
    QTest.keyClick(page.files.table, Qt.Key.Key_Delete)
    client.settle()
    choose(page, client, "Ignored")
    assert page.files.table.visible_records == [IGNORED]
    page.files.table.selectAll()
    press(page.files.listen_button, client)
    assert client.asked_for(IgnoreFiles) == [
        IgnoreFiles((DAMAGED.file_id,)),
        IgnoreFiles((IGNORED.file_id,), False),
    ]


def test_that_one_file_is_explained_in_full_and_its_path_copied(open_page: OpenPage) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    page.files.table.selectRow(1)
    assert page.files.words == f"scan_0043.tiff: Damaged. {DAMAGED.hint}"
    press(page.files.copy_button, client)
    assert QGuiApplication.clipboard().text() == DAMAGED.path


def test_that_a_job_that_failed_says_why(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    press(page.retry_all, client)
    client.tell(Started(RETRYING))
    client.tell(Failed(RETRYING.id, "The disk is full", "Nothing was kept.", "Free some space."))
    qtbot.waitUntil(page.notice.isVisible)
    assert page.notice.words == "The disk is full\nNothing was kept. Free some space."


@pytest.mark.parametrize(("failures", "empty"), [((), True), ((IGNORED,), False)])
def test_that_having_none_is_good_news(
    open_page: OpenPage, failures: tuple[Failure, ...], empty: bool
) -> None:
    page, _ = open_page(ProblemsPage, SCRIPT | {ListFailures: failures})
    assert page.empty.isVisible() == empty
    assert page.reasons.isVisible() != empty
    assert not page.files.isVisible()


def test_that_a_selection_outlives_loading(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ProblemsPage, SCRIPT)
    page.files.table.selectRow(1)
    client.script[ListFailures] = tuple(replace(f, at=f.at) for f in FAILURES[1:])
    page.load()
    qtbot.waitUntil(lambda: len(page.files.table.visible_records) == 2)
    assert page.files.table.selected == [DAMAGED]


def test_that_it_fits_the_smallest_window(open_page: OpenPage) -> None:
    page, _ = open_page(ProblemsPage, SCRIPT)
    page.resize(772, 480)
    QTest.qWait(20)
    assert page.area.horizontalScrollBar().maximum() == 0
