from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import NotFound
from engine.events import Cancelled, Changed, Failed, Finished, Progress, Started, Warned
from engine.records import IndexReport
from engine.requests import (
    AddRoots,
    AddSampleLibrary,
    CancelJob,
    GetStatus,
    ListFailures,
    PauseJob,
    RemoveRoot,
    ResumeJob,
    Sync,
)
from gui.pages.library import LibraryPage, report_in_words
from gui.widgets.root_row import RootRow
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import FAILURES, ROOTS, job, status

INDEXING = job("index", "Indexing the library")
REPORT = IndexReport(120, 3, 0, 2, 8000, 3, 1200, 180, 12)
FULL = {GetStatus: status(), ListFailures: FAILURES}


def button(parent: QWidget, text: str) -> QPushButton:
    """The visible button of a text."""
    return next(b for b in parent.findChildren(QPushButton) if b.text() == text and b.isVisible())


def test_that_an_empty_library_leads_to_the_sample_library(open_page: OpenPage) -> None:
    page, client = open_page(LibraryPage, {GetStatus: status(()), AddSampleLibrary: ROOTS[:1]})
    assert page.empty.isVisible()
    assert not page.keywords.isVisible()
    button(page.empty, "Try the sample library").click()
    assert client.asked_for(AddSampleLibrary)


def test_that_a_library_shows_its_counts_health_and_failures(open_page: OpenPage) -> None:
    page, _ = open_page(LibraryPage, FULL)
    assert not page.empty.isVisible()
    assert page.passages.shown == "61,240"
    assert page.keywords.words == "Ready: 61,240 of 61,240 passages"
    assert page.meaning.words == "Catching up: 48,211 of 61,240 passages"
    assert page.failures.words.startswith("3 files could not be read\nNeeds a password (1)")
    assert len(page.findChildren(RootRow)) == len(ROOTS)


def test_that_long_paths_do_not_widen_the_page(open_page: OpenPage) -> None:
    page, _ = open_page(LibraryPage, FULL)
    assert page.area.widget().minimumSizeHint().width() <= 1000


def test_that_what_is_dropped_is_added(open_page: OpenPage) -> None:
    page, client = open_page(LibraryPage, {GetStatus: status(()), AddRoots: ROOTS[:1]})
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/papers"), QUrl("https://example.org/x")])
    page.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert client.asked_for(AddRoots) == [AddRoots(("/tmp/papers",))]


def test_that_pictures_are_counted_where_there_are_any(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(LibraryPage, {GetStatus: status()})
    assert not page.pictures.isVisible()
    assert not page.sight.isVisible()
    indexing = job("index", "Indexing")
    client.script[GetStatus] = status(
        n_pictures=1000, n_seen=980, image_model="clip-vit-b-32", jobs=(indexing,)
    )
    page.load()
    client.settle()
    assert page.pictures.shown == "1,000"
    assert page.sight.words.startswith("Catching up: 980 of 1,000 pictures")
    assert "clip-vit-b-32" in page.sight.words
    client.script[GetStatus] = status(n_pictures=1000, n_seen=998)
    page.load()
    client.settle()
    assert page.sight.words == "Ready: 998 of 1,000 pictures"  # two cannot be looked at


def test_that_a_folder_is_removed_only_once_confirmed(open_page: OpenPage) -> None:
    page, client = open_page(LibraryPage, FULL | {RemoveRoot: None})
    page.findChildren(RootRow)[0].asked_to_remove.emit(ROOTS[0])
    dialog = page.findChild(QMessageBox)
    assert "judgments are kept" in dialog.informativeText()
    assert not client.asked_for(RemoveRoot)
    button(dialog, "Remove").click()
    assert client.asked_for(RemoveRoot) == [RemoveRoot(1)]


def test_that_progress_is_told_in_words(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(LibraryPage, FULL)
    assert not page.job_card.isVisible()
    client.tell(Started(INDEXING))
    client.tell(Progress(INDEXING.id, "Reading files", 1204, 9514, "files", 38.2, 217, "a.pdf"))
    client.tell(Warned(INDEXING.id, "Away", "A drive is missing.", "Plug it in."))
    qtbot.waitUntil(page.job_card.isVisible)
    words = page.job_card.words
    for expected in (
        "Reading files: a.pdf",
        "1,204 of 9,514 files · 38 files/s",
        "About 4 min left",
        "Away. A drive is missing. Plug it in.",
    ):
        assert expected in words


def test_that_a_job_that_ran_before_the_page_opened_can_be_paused_resumed_and_cancelled(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    running = {GetStatus: status(jobs=(INDEXING,)), ListFailures: FAILURES}
    page, client = open_page(
        LibraryPage, running | {PauseJob: None, ResumeJob: None, CancelJob: None}
    )
    button(page.job_card, "Pause").click()
    qtbot.waitUntil(lambda: "Paused" in page.job_card.words)
    button(page.job_card, "Resume").click()
    qtbot.waitUntil(lambda: "Paused" not in page.job_card.words)
    button(page.job_card, "Cancel").click()
    assert client.asked_for(PauseJob) == [PauseJob(INDEXING.id)]
    assert client.asked_for(ResumeJob) == [ResumeJob(INDEXING.id)]
    assert client.asked_for(CancelJob) == [CancelJob(INDEXING.id)]


def test_that_cancelling_a_job_that_has_just_ended_is_silent(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    ended = NotFound("The job has ended", "It cannot be cancelled.")
    page, client = open_page(
        LibraryPage, {GetStatus: status((), jobs=(INDEXING,)), CancelJob: ended}
    )
    button(page.job_card, "Cancel").click()
    client.script[GetStatus] = status(())
    client.tell(Cancelled(INDEXING.id))
    qtbot.waitUntil(lambda: not page.job_card.isVisible())
    assert not page.notice.isVisible()
    assert page.findChild(QMessageBox) is None


def test_that_a_status_from_before_its_end_does_not_bring_a_job_back(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(LibraryPage, {GetStatus: status((), jobs=(INDEXING,))})
    client.tell(Finished(INDEXING.id, REPORT))  # the script's status still lists the job
    qtbot.waitUntil(lambda: not page.job_card.isVisible())
    asked = len(client.asked_for(GetStatus))
    qtbot.waitUntil(lambda: len(client.asked_for(GetStatus)) > asked)
    client.settle()
    assert not page.job_card.isVisible()


def test_that_the_end_of_indexing_is_summed_up(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(LibraryPage, FULL)
    client.tell(Started(INDEXING))
    client.tell(Finished(INDEXING.id, REPORT))
    qtbot.waitUntil(page.notice.isVisible)
    assert "3 files could not be read" in page.notice.words
    assert "120 added, 3 changed, 2 removed" in page.notice.words


@pytest.mark.parametrize("asked", [True, False])
def test_that_only_who_asked_is_told_that_nothing_changed(
    open_page: OpenPage, qtbot: QtBot, asked: bool
) -> None:
    page, client = open_page(LibraryPage, FULL | {Sync: INDEXING})
    if asked:
        button(page, "Sync now").click()
    client.settle()
    client.tell(Started(INDEXING))
    client.tell(Finished(INDEXING.id, IndexReport(0, 0, 0, 0, 9, 1, 0, 2, 1)))
    client.settle()
    assert ("Nothing has changed. It took 2 s." in page.notice.words) == asked


def test_that_a_failed_job_says_why_and_what_to_do(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(LibraryPage, FULL)
    client.tell(Started(INDEXING))
    client.tell(Failed(INDEXING.id, "The disk is full", "Nothing was kept.", "Free some space."))
    qtbot.waitUntil(page.notice.isVisible)
    assert page.notice.words == "The disk is full\nNothing was kept. Free some space."


def test_that_jobs_end_with_the_engine(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(LibraryPage, {GetStatus: status((), jobs=(INDEXING,))})
    client.become("restarting", None)
    qtbot.waitUntil(lambda: not page.job_card.isVisible())
    assert "ended together with the search engine" in page.notice.words


def test_that_failures_lead_to_where_they_are_listed(open_page: OpenPage) -> None:
    page, _ = open_page(LibraryPage, FULL)
    asked: list[bool] = []
    page.problems_asked.connect(lambda: asked.append(True))
    button(page.failures, "Show them").click()
    assert asked == [True]


def test_that_ignored_failures_are_not_spoken_of(open_page: OpenPage) -> None:
    ignored = tuple(replace(failure, ignored=True) for failure in FAILURES)
    page, _ = open_page(LibraryPage, FULL | {ListFailures: ignored})
    assert page.failures.words == ""


def test_that_a_hidden_page_asks_nothing_until_it_is_seen(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(LibraryPage, FULL)
    page.hide()
    asked = len(client.asked)
    client.tell(Changed("library"))
    qtbot.wait(250)
    assert len(client.asked) == asked
    page.show()
    qtbot.waitUntil(lambda: len(client.asked) > asked)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (REPORT, "120 added, 3 changed, 2 removed; 1,200 passages newly encoded. It took 3 min."),
        (IndexReport(0, 0, 0, 0, 9, 0, 40, 8, 1), "40 passages newly encoded. It took 8 s."),
    ],
)
def test_that_a_report_says_only_what_happened(report: IndexReport, words: str) -> None:
    assert report_in_words(report) == words
