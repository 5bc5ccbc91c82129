from __future__ import annotations

from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.errors import NotFound
from engine.events import Cancelled, Started
from engine.training_records import InterruptedTuning
from engine.training_requests import DiscardTuning, ListInterrupted, ResumeTuning
from gui.pages.training import TrainingPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import NOW
from tests.gui.training.tune_samples import SCRIPT, TUNING

LEFT = InterruptedTuning("finetune-9", "Thorough", NOW - 8e4, 120, 400, "scifact, train")
FRESH = InterruptedTuning("finetune-8", "Quick", NOW - 9e4, 0, 0, "Own feedback")
WITH_TWO = SCRIPT | {ListInterrupted: (LEFT, FRESH), ResumeTuning: TUNING, DiscardTuning: None}


def test_that_interrupted_tunings_are_told_with_how_far_they_came(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, WITH_TWO)
    first, second = page.tune_view.interrupted.words.splitlines()
    assert first.startswith("Thorough · scifact, train · step 120 of 400 · begun ")
    assert second.startswith("Quick · Own feedback · before its first checkpoint · begun ")


def test_that_without_any_nothing_is_said(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT)
    assert not page.tune_view.interrupted.isVisible()


def test_that_one_goes_on_and_the_others_wait(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, WITH_TWO)
    interrupted = page.tune_view.interrupted
    client.script[ListInterrupted] = (FRESH,)
    interrupted._rows[0].resume.click()
    client.settle()
    assert client.asked_for(ResumeTuning) == [ResumeTuning(LEFT.job)]
    assert page.tune_view.live.job_card.isVisible()
    assert interrupted.words.startswith("Quick")
    assert not interrupted._rows[0].resume.isEnabled()
    client.tell(Cancelled(TUNING.id))
    qtbot.waitUntil(lambda: interrupted._rows[0].resume.isEnabled())


def test_that_one_is_thrown_away_only_after_asking(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, WITH_TWO)
    interrupted = page.tune_view.interrupted
    interrupted._rows[0].discard.click()
    assert not client.asked_for(DiscardTuning)
    client.script[ListInterrupted] = ()
    question = interrupted.findChild(QMessageBox)
    next(b for b in question.buttons() if b.text() == "Throw it away").click()
    client.settle()
    assert client.asked_for(DiscardTuning) == [DiscardTuning(LEFT.job)]
    assert not interrupted.isVisible()


def test_that_a_refused_resumption_is_shown_and_can_be_tried_again(open_page: OpenPage) -> None:
    refusal = NotFound("The model is gone", "It was deleted.", "Discard this tuning.")
    page, client = open_page(TrainingPage, WITH_TWO | {ResumeTuning: refusal})
    page.tune_view.interrupted._rows[0].resume.click()
    client.settle()
    assert page.window().findChild(QMessageBox).text() == "The model is gone"
    assert page.tune_view.interrupted._rows[0].resume.isEnabled()


def test_that_a_tuning_that_can_go_on_is_told_of_once(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    view = page.tune_view
    client.tell(Started(TUNING))
    qtbot.waitUntil(view.live.job_card.isVisible)
    client.become("restarting", None)
    qtbot.waitUntil(view.notice.isVisible)
    client.script[ListInterrupted] = (LEFT,)
    client.become("ready", None)
    view.load()
    client.settle()
    assert view.interrupted.words.startswith("Thorough")
    assert not view.notice.isVisible()
