from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from engine.errors import NotFound
from engine.events import Finished, Started
from engine.records import ActivationReport, SearchResults, TuneReport
from engine.requests import ListModels, RollBackModel
from engine.training_requests import GetModelDetails, Overrule, SearchWith
from gui.pages.training import TrainingPage
from gui.training.before_after import moves
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.found import answer
from tests.gui.pages.samples import ACCEPTED, BUNDLED, TUNED, job
from tests.gui.training.tune_samples import CHECKED_MODEL, DETAILS, SCRIPT, TUNING

SWITCHING = job("activate", "Switching")
WITH_REFUSED: dict[Any, Any] = SCRIPT | {
    ListModels: (BUNDLED, CHECKED_MODEL),
    GetModelDetails: DETAILS,
}
IN_USE = (replace(BUNDLED, active=False, previous=True), replace(TUNED, active=True))


def search_with(request: SearchWith) -> SearchResults:
    """The tuned model has the last first, and one document is not among its first."""
    found = answer("oxygen deep water")
    if request.model == BUNDLED.id:
        return found
    turned = tuple(reversed(found.results[1:]))
    results = tuple(replace(result, rank=rank) for rank, result in enumerate(turned, start=1))
    return replace(found, results=results)


def test_that_the_tests_of_the_gate_are_told_one_by_one(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, WITH_REFUSED)
    words = page.tune_view.verdict.words
    assert "Passed: Held-out searches. nDCG@10 0.652 before, 0.659 after." in words
    assert "Failed: General knowledge. It lost 0.023; asked: at most 0.01." in words


def test_that_a_verdict_of_an_older_version_has_no_tests_to_tell(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(TrainingPage, WITH_REFUSED)
    client.tell(Started(TUNING))
    client.script[ListModels] = IN_USE
    client.tell(Finished(TUNING.id, TuneReport(TUNED.id, BUNDLED.id, True, "", ACCEPTED, 300)))
    qtbot.waitUntil(lambda: TUNED.name in page.tune_view.verdict.words)
    assert "General knowledge" not in page.tune_view.verdict.words


def test_that_changed_queries_are_shown_by_what_became_of_them(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, WITH_REFUSED)
    verdict = page.tune_view.verdict
    verdict.changes_button.click()
    client.settle()
    changes = verdict.changes
    assert changes.summary.text().startswith("2 better, 1 worse, 1 the same.")
    assert [c.query for c in changes.table.visible_records] == [
        "oxygen in deep water",
        "who signed the contract",
    ]
    changes.kinds._group.button(1).click()
    assert [c.query for c in changes.table.visible_records] == ["nets and probes"]
    changes.kinds._group.button(2).click()
    assert [c.query for c in changes.table.visible_records][-1] == "nets and probes"
    verdict.changes_button.click()
    assert not changes.isVisible()


def test_that_a_query_is_answered_by_both_models_side_by_side(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, WITH_REFUSED | {SearchWith: search_with})
    verdict = page.tune_view.verdict
    verdict.changes_button.click()
    client.settle()
    answers = verdict.changes.answers
    assert not answers.isVisible()
    verdict.changes.table.selectRow(0)
    client.settle()
    assert client.asked_for(SearchWith) == [
        SearchWith(BUNDLED.id, "oxygen in deep water"),
        SearchWith(CHECKED_MODEL.id, "oxygen in deep water"),
    ]
    before, after = (table.visible_records for table in answers.tables)
    assert [moved.words for moved in before] == ["gone", *[""] * (len(before) - 1)]
    assert after[0].words.startswith("▲")
    assert not answers.said.isVisible()


def test_that_a_model_that_cannot_be_searched_with_is_told(open_page: OpenPage) -> None:
    gone = NotFound("No such model", "It was deleted.", "Tune again.")
    page, client = open_page(TrainingPage, WITH_REFUSED | {SearchWith: gone})
    page.tune_view.verdict.changes_button.click()
    client.settle()
    page.tune_view.verdict.changes.table.selectRow(0)
    client.settle()
    said = page.tune_view.verdict.changes.answers.said
    assert said.text() == "No such model. It was deleted. Tune again."


def test_that_moves_are_counted_in_ranks() -> None:
    found = answer("oxygen deep water").results
    second = (replace(found[1], rank=1), replace(found[0], rank=2), replace(found[2], rank=3))
    left, right = moves(found[:2], second, {found[1].document_id})
    assert [moved.words for moved in left] == ["", ""]
    assert [moved.relevant for moved in (*left, *right)] == [False, True, True, False, False]
    assert [moved.words for moved in right] == ["▲ 1", "▼ 1", "new"]


def test_that_without_kept_changes_that_is_said(open_page: OpenPage) -> None:
    bare = replace(DETAILS, record=None)
    page, client = open_page(TrainingPage, WITH_REFUSED | {GetModelDetails: bare})
    page.tune_view.verdict.changes_button.click()
    client.settle()
    changes = page.tune_view.verdict.changes
    assert changes.nothing.text() == "Which queries changed was not kept for this model."
    assert not changes.table.isVisible()


def test_that_a_refused_model_is_used_only_with_a_reason(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, WITH_REFUSED | {Overrule: SWITCHING})
    verdict = page.tune_view.verdict
    assert not verdict.back_button.isVisible()
    verdict.use_button.click()
    dialog: Any = verdict.findChild(QDialog)
    dialog.reason.setPlainText("Because  I")
    assert not dialog.do.isEnabled()
    dialog.reason.setPlainText("It finds what\nI look for")
    dialog.do.click()
    client.settle()
    assert client.asked_for(Overrule) == [Overrule(CHECKED_MODEL.id, "It finds what I look for")]
    used = replace(CHECKED_MODEL, active=True, overruled="It finds what I look for")
    client.script[ListModels] = (replace(BUNDLED, active=False, previous=True), used)
    client.tell(Finished(SWITCHING.id, ActivationReport(used.id, 10, 3.0)))
    qtbot.waitUntil(lambda: "is in use as you wanted" in verdict.words)
    assert "You set the verdict aside: It finds what I look for" in verdict.words
    assert page.tune_view.notice.words.startswith("The model is in use now")
    assert verdict.back_button.isVisible()
    assert not verdict.use_button.isVisible()


def test_that_an_accepted_model_can_be_rolled_back(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {ListModels: IN_USE, RollBackModel: BUNDLED})
    verdict = page.tune_view.verdict
    assert not verdict.use_button.isVisible()
    client.script[ListModels] = (BUNDLED, TUNED)
    verdict.back_button.click()
    qtbot.waitUntil(page.tune_view.notice.isVisible)
    assert client.asked_for(RollBackModel) == [RollBackModel()]
    assert page.tune_view.notice.words.startswith(f"“{BUNDLED.name}” is in use again")
    qtbot.waitUntil(lambda: not verdict.back_button.isVisible())


def test_that_answers_are_read_with_the_keyboard(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, WITH_REFUSED | {SearchWith: search_with})
    page.tune_view.verdict.changes_button.click()
    client.settle()
    table = page.tune_view.verdict.changes.table
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Down)
    client.settle()
    assert client.asked_for(SearchWith)[-1].query == "who signed the contract"
