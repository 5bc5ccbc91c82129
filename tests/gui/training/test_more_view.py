from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.errors import NotEnoughData
from engine.events import Cancelled, Failed, Finished
from engine.requests import GetStatus
from engine.training_records import (
    DistillReport,
    MiningReport,
    OriginCount,
    SynthesisReport,
    TrainingOverview,
)
from engine.training_requests import (
    Distill,
    ForgetMade,
    GetTrainingOverview,
    ListPairs,
    MineNegatives,
    Synthesize,
)
from gui.pages.training import DATA as DATA_VIEW
from gui.pages.training import MORE as MORE_VIEW
from gui.pages.training import TrainingPage
from gui.training.gathering_card import GatheringCard
from gui.training.more_view import MoreDataView
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import job, status
from tests.gui.pages.scripted_client import ScriptedClient
from tests.gui.training.data_samples import (
    DATA,
    EMPTY_OVERVIEW,
    LABELLING,
    MAKING,
    MINING,
    MORE,
    OVERVIEW,
    SYNTHESIS,
)
from tests.gui.training.tune_samples import SCRIPT

ALL = SCRIPT | DATA | MORE
WITH_MADE = replace(
    OVERVIEW,
    origins=(
        *OVERVIEW.origins,
        OriginCount("title", 200, 190, 100.0),
        OriginCount("cloze", 300, 290, 90.0),
    ),
)


def _open(open_page: OpenPage, script: dict[Any, Any]) -> tuple[MoreDataView, ScriptedClient]:
    view, client = open_page(MoreDataView, script)
    view.load()
    client.settle()
    return view, client


def _agree(card: GatheringCard, words: str) -> None:
    question = card.findChild(QMessageBox)
    assert question is not None
    next(button for button in question.buttons() if button.text() == words).click()


def test_that_each_way_says_what_it_brought(open_page: OpenPage) -> None:
    view, _ = _open(open_page, ALL | {GetTrainingOverview: WITH_MADE})
    assert view.negatives.brought.text() == (
        "214 hard negatives would be taught. 17 doubtful wait for you to look at."
    )
    assert view.queries.brought.text().startswith("500 pairs of 480 queries would be learnt")
    assert "marked as made" in view.llm.brought.text()
    assert "left out" in view.labels.brought.text()


def test_that_where_nothing_was_made_there_is_nothing_to_throw_away(open_page: OpenPage) -> None:
    view, _ = _open(open_page, ALL | {GetTrainingOverview: EMPTY_OVERVIEW})
    assert view.queries.brought.text() == "Nothing so far."
    assert not view.queries.forget_button.isVisibleTo(view)
    assert not view.queries.look_button.isVisibleTo(view)
    assert not view.negatives.review_button.isVisibleTo(view)


def test_that_the_last_run_is_told_also_after_a_restart(open_page: OpenPage) -> None:
    view, _ = _open(open_page, ALL)
    assert "40 queries gave 120 hard negatives (82 % of what was checked)" in (
        view.negatives.last_run.text()
    )
    assert not view.queries.last_run.isVisibleTo(view)


def test_that_hard_negatives_are_looked_for_with_the_options(open_page: OpenPage) -> None:
    view, client = _open(open_page, ALL)
    view.show_source("scifact", "train")
    card = view.negatives
    assert not card.options.isVisibleTo(view)
    card.options_button.click()
    assert card.options.isVisibleTo(view)
    card.search_depth.setValue(50)
    card.margin.setValue(2.5)
    card.per_query.setValue(3)
    card.start_button.click()
    client.settle()
    wanted = MineNegatives("scifact", "train", depth=50, margin=2.5, per_query=3)
    assert client.asked_for(MineNegatives) == [wanted]
    assert card.job_card.isVisibleTo(view)
    assert not card.start_button.isEnabled()


def test_that_queries_are_made_and_some_of_them_shown(open_page: OpenPage, qtbot: QtBot) -> None:
    view, client = _open(open_page, ALL)
    card = view.queries
    card.by.setCurrentIndex(card.by.findData("cloze"))
    card.number.setValue(40)
    card.start_button.click()
    client.settle()
    assert client.asked_for(Synthesize) == [Synthesize(by="cloze", n_passages=40)]
    n_asked = len(client.asked_for(GetTrainingOverview))
    client.tell(Finished(MAKING.id, SYNTHESIS))
    qtbot.waitUntil(lambda: "412 of 500 (82 %)" in card.last_run.text())
    assert "“lakes”" in card.examples.text()
    assert not card.job_card.isVisibleTo(view)
    assert card.start_button.isEnabled()
    assert len(client.asked_for(GetTrainingOverview)) > n_asked


def test_that_unchecked_queries_are_all_kept(open_page: OpenPage) -> None:
    view, client = _open(open_page, ALL)
    view.queries.check.setChecked(False)
    view.queries.start_button.click()
    client.settle()
    assert client.asked_for(Synthesize)[-1].round_trip == 0


def test_that_a_run_that_found_nothing_new_says_what_to_do(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    view, client = _open(open_page, ALL)
    view.queries.start_button.click()
    view.negatives.start_button.click()
    view.labels.start_button.click()
    client.settle()
    for running, report, card in (
        (MAKING, SynthesisReport("title", 0, 0, 1.0), view.queries),
        (MINING, MiningReport(0, 0, 0, 0, 1.0), view.negatives),
        (LABELLING, DistillReport(0, 0, 1.0), view.labels),
    ):
        client.tell(Finished(running.id, report))
        client.settle()
        assert "nothing new" in card.last_run.text()


def test_that_the_cross_encoder_labels_as_many_as_wanted(open_page: OpenPage) -> None:
    view, client = _open(open_page, ALL)
    view.labels.number.setValue(20)
    view.labels.start_button.click()
    client.settle()
    assert client.asked_for(Distill) == [Distill(n_queries=20)]


def test_that_a_job_that_began_before_is_shown_on_its_own_card(open_page: OpenPage) -> None:
    estimating = job("gather", "Estimating what tuning takes")
    view, _ = _open(open_page, ALL | {GetStatus: status(jobs=(estimating, LABELLING))})
    shown = [card for card in view.cards if card.job_card.isVisibleTo(view)]
    assert shown == [view.labels]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (
            Failed(LABELLING.id, "No queries to ask about", "There are neither.", "Make some."),
            "Make some.",
        ),
        (Cancelled(LABELLING.id), "What was made until then is kept."),
    ],
)
def test_that_an_end_without_a_report_is_told(
    open_page: OpenPage, end: Failed | Cancelled, words: str
) -> None:
    view, client = _open(open_page, ALL)
    view.labels.start_button.click()
    client.settle()
    client.tell(end)
    client.settle()
    assert words in view.labels.notice.words


def test_that_a_refusal_lets_it_be_tried_again(open_page: OpenPage) -> None:
    refusal = NotEnoughData("Nothing to ask about", "The library is empty.", "Add a folder.")
    view, client = _open(open_page, ALL | {Synthesize: refusal})
    view.queries.start_button.click()
    client.settle()
    assert "The library is empty." in view.queries.notice.words
    assert view.queries.start_button.isEnabled()


def test_that_what_was_made_is_thrown_away_only_after_asking(open_page: OpenPage) -> None:
    view, client = _open(open_page, ALL | {GetTrainingOverview: WITH_MADE})
    view.queries.forget_button.click()
    assert not client.asked_for(ForgetMade)
    _agree(view.queries, "Throw it away")
    client.settle()
    assert client.asked_for(ForgetMade) == [ForgetMade(("title", "heading", "phrase", "cloze"))]
    view.negatives.forget_button.click()
    _agree(view.negatives, "Throw it away")
    client.settle()
    assert client.asked_for(ForgetMade)[-1] == ForgetMade(negatives=True)
    assert not view.negatives.last_run.isVisibleTo(view)


def test_that_a_link_shows_the_pairs_that_were_made(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, ALL)
    page.views.choose(MORE_VIEW)
    client.settle()
    page.more_view.llm.look_button.click()
    client.settle()
    assert page.views.current == DATA_VIEW
    assert client.asked_for(ListPairs)[-1].filter.origins == ("llm",)


def test_that_an_overview_that_cannot_be_had_stops_nothing(open_page: OpenPage) -> None:
    refusal = NotEnoughData("Nothing is judged", "The split has no judgments.", "")
    view, client = _open(open_page, ALL | {GetTrainingOverview: refusal})
    view.queries.start_button.click()
    client.settle()
    assert client.asked_for(Synthesize)
    overview: TrainingOverview = OVERVIEW
    client.script[GetTrainingOverview] = overview
    view.show_source("scifact", "train")
    client.settle()
    assert "812 pairs" in view.llm.brought.text()
