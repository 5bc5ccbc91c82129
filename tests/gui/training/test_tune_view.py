from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.errors import NotFound
from engine.events import Cancelled, Failed, Finished, Measured, Progress, Started
from engine.recipe import BALANCED, QUICK
from engine.requests import (
    CancelJob,
    ChangeSettings,
    Finetune,
    GetSettings,
    GetTrainingSummary,
    PauseJob,
    ResumeJob,
)
from engine.settings import Settings
from engine.training_records import EstimateReport, Suggestion, TuningEstimate
from engine.training_requests import EstimateTuning, FitAdapter, GetSuggestion, StopTuning
from gui.pages.training import DATA, TrainingPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import ENOUGH, TOO_LITTLE, job
from tests.gui.training.tune_samples import OWN_RECIPE, SCRIPT, TUNING

ESTIMATING = job("gather", "Estimating what tuning takes")
FITTING = job("finetune", "Fitting the instant adapter")


def role(button: object) -> object:
    return button.property("role")  # type: ignore[attr-defined]


# What is offered first


def test_that_with_many_judged_queries_tuning_is_the_one_click(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    readiness = page.tune_view.readiness
    assert role(readiness.tune_button) == "primary"
    assert role(readiness.adapter_button) != "primary"
    readiness.tune_button.click()
    assert client.asked_for(Finetune) == [Finetune()]


@pytest.mark.parametrize(
    "changes",
    [
        {GetTrainingSummary: replace(ENOUGH, n_queries=149)},
        {GetSuggestion: Suggestion("adapter", ("Few judged queries.",), "Quick", 34)},
    ],
    ids=["few queries", "suggested"],
)
def test_that_the_instant_adapter_comes_first_where_it_fits_the_data(
    open_page: OpenPage, qtbot: QtBot, changes: dict[type, object]
) -> None:
    page, client = open_page(TrainingPage, SCRIPT | changes | {FitAdapter: FITTING})
    readiness = page.tune_view.readiness
    assert role(readiness.adapter_button) == "primary"
    assert role(readiness.tune_button) != "primary"
    assert "it takes seconds" in readiness.advice.text()
    readiness.adapter_button.click()
    assert client.asked_for(FitAdapter) == [FitAdapter()]
    qtbot.waitUntil(page.tune_view.live.job_card.isVisible)
    assert not readiness.adapter_button.isEnabled()


def test_that_without_anything_new_no_labels_are_counted(open_page: OpenPage) -> None:
    script = SCRIPT | {GetTrainingSummary: replace(ENOUGH, new_since_last=0)}
    page, _ = open_page(TrainingPage, script)
    assert page.tune_view.readiness.reason.text() == (
        "There is enough to learn from, though nothing is new since the last tuning."
    )


def test_that_too_little_feedback_holds_the_adapter_back_too(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT | {GetTrainingSummary: TOO_LITTLE})
    readiness = page.tune_view.readiness
    assert not readiness.adapter_button.isEnabled()
    assert readiness.adapter_button.toolTip() == TOO_LITTLE.missing
    assert not readiness.advice.isVisible()


def test_that_the_source_is_told_to_all_views_and_hides_the_counts_of_ones_own(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {FitAdapter: FITTING})
    told: list[tuple[str | None, str]] = []
    for view in (page.data_view, page.more_view):
        monkeypatch.setattr(view, "show_source", lambda *source: told.append(source))
    page.source.setCurrentIndex(page.source.findText("scifact · train (809 queries)"))
    assert told == [("scifact", "train")] * 2
    assert page.tune_view.readiness._numbers.isHidden()
    assert role(page.tune_view.readiness.tune_button) == "primary"
    page.tune_view.readiness.adapter_button.click()
    assert client.asked_for(FitAdapter) == [FitAdapter("scifact", "train")]


# Recipes


def test_that_the_settings_recipe_is_chosen_and_needs_no_naming(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {GetSettings: Settings(recipe="Quick")})
    recipes = page.tune_view.recipes
    assert recipes.choice.currentText() == "Quick"
    assert recipes.about.text() == QUICK.about
    assert not recipes.usual_button.isVisible()
    page.tune_view.readiness.tune_button.click()
    assert client.asked_for(Finetune) == [Finetune(recipe=None)]


def test_that_another_recipe_goes_with_the_request_and_outlives_loading(
    open_page: OpenPage,
) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    recipes = page.tune_view.recipes
    recipes.choice.setCurrentText(OWN_RECIPE.name)
    recipes.choice.activated.emit(recipes.choice.currentIndex())
    page.tune_view.load()
    client.settle()
    assert recipes.chosen == OWN_RECIPE
    page.tune_view.readiness.tune_button.click()
    assert client.asked_for(Finetune) == [Finetune(recipe=OWN_RECIPE)]


def test_that_a_recipe_can_become_the_one_of_the_one_click(open_page: OpenPage) -> None:
    script = SCRIPT | {ChangeSettings: lambda request: request.settings}
    page, client = open_page(TrainingPage, script)
    recipes = page.tune_view.recipes
    recipes.choice.setCurrentText("Thorough")
    recipes.choice.activated.emit(recipes.choice.currentIndex())
    recipes.usual_button.click()
    client.settle()
    assert client.asked_for(ChangeSettings) == [ChangeSettings(Settings(recipe="Thorough"))]
    assert not recipes.usual_button.isVisible()


def test_that_an_estimate_is_told_in_words(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {EstimateTuning: ESTIMATING})
    recipes = page.tune_view.recipes
    recipes.estimate_button.click()
    client.settle()
    assert client.asked_for(EstimateTuning) == [EstimateTuning(BALANCED)]
    client.tell(Progress(ESTIMATING.id, "Trying some steps", 1, 8, "steps"))
    qtbot.waitUntil(lambda: recipes.estimate_words.text() == "Trying some steps…")
    estimate = TuningEstimate(1340, 1100, 2100, 94, 1500, "cpu", True, ("Larger batches swap.",))
    client.tell(Finished(ESTIMATING.id, EstimateReport(estimate)))
    qtbot.waitUntil(lambda: recipes.estimate_button.text() == "Estimate")
    assert recipes.estimate_words.text() == (
        "About 22 min until the verdict, 18 min of them training: 94 steps over 1,500 pairs on "
        "the processor in bfloat16, with up to 2.1 GB of memory. Larger batches swap."
    )
    assert recipes.estimate_button.isEnabled()
    recipes.choice.activated.emit(0)
    assert not recipes.estimate_words.isVisible()  # it was of another recipe


def test_that_estimating_can_be_stopped(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {EstimateTuning: ESTIMATING, CancelJob: None})
    recipes = page.tune_view.recipes
    recipes.estimate_button.click()
    client.settle()
    assert recipes.estimate_button.text() == "Stop estimating"
    recipes.estimate_button.click()
    assert client.asked_for(CancelJob) == [CancelJob(ESTIMATING.id)]
    client.tell(Cancelled(ESTIMATING.id))
    qtbot.waitUntil(lambda: recipes.estimate_button.text() == "Estimate")
    assert not recipes.estimate_words.isVisible()


def test_that_an_estimate_that_failed_is_told(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {EstimateTuning: ESTIMATING})
    recipes = page.tune_view.recipes
    recipes.estimate_button.click()
    client.settle()
    client.tell(Failed(ESTIMATING.id, "Too few pairs", "There are 3.", "Judge more."))
    qtbot.waitUntil(recipes.estimate_words.isVisible)
    assert recipes.estimate_words.text() == "Too few pairs. There are 3. Judge more."


# While it goes on


def test_that_a_tuning_is_watched_in_figures_and_curves(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    live = page.tune_view.live
    client.tell(Started(TUNING))
    client.tell(Measured(TUNING.id, "loss", 1, 2.5))
    client.tell(Measured(TUNING.id, "learning rate", 1, 5e-5))
    client.tell(Measured(TUNING.id, "validation loss", 1, 1.5))
    client.tell(Measured(TUNING.id, "nDCG@10", 1, 0.65))
    client.tell(Measured(TUNING.id, "pairs a second", 1, 34.2))
    client.tell(Progress(TUNING.id, "Training", 1, 400, "steps", 1.3, 215, "stage 1 of 2, 0.8 GB"))
    qtbot.waitUntil(live.stop_button.isVisible)
    assert live.loss.points == ((1, 2.5),)
    assert live.learning_rate.points == ((1, 5e-5),)
    assert live.quality.points == ((1, 0.65),)
    assert "Training: stage 1 of 2, 0.8 GB" in live.job_card.words
    assert "1 of 400 steps · 1.3 steps/s · 34 pairs/s" in live.job_card.words
    assert "About 4 min left" in live.job_card.words
    client.tell(Progress(TUNING.id, "Testing", 0))
    client.tell(Progress(TUNING.id, "Testing", 3, 32, "queries"))
    qtbot.waitUntil(lambda: "3 of 32 queries" in live.job_card.words)
    assert "pairs/s" not in live.job_card.words


def test_that_a_tuning_can_be_held_and_stopped_with_the_best_kept(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    script = SCRIPT | {PauseJob: None, ResumeJob: None, StopTuning: None}
    page, client = open_page(TrainingPage, script)
    live = page.tune_view.live
    client.tell(Started(TUNING))
    client.tell(Progress(TUNING.id, "Encoding the corpus", 5, 100, "passages"))
    client.settle()
    assert not live.stop_button.isVisible()  # there is nothing yet that could be kept
    client.tell(Progress(TUNING.id, "Training", 5, 400, "steps"))
    qtbot.waitUntil(live.stop_button.isVisible)
    live.job_card._pause.click()
    client.settle()
    assert client.asked_for(PauseJob) == [PauseJob(TUNING.id)]
    assert live.job_card._pause.text() == "Resume"
    live.stop_button.click()
    assert client.asked_for(StopTuning) == [StopTuning(TUNING.id)]
    assert not live.stop_button.isEnabled()
    client.tell(Progress(TUNING.id, "Measuring", 1, 41, "queries"))
    qtbot.waitUntil(lambda: not live.stop_button.isVisible())


def test_that_what_was_learnt_is_thrown_away_only_after_asking(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {CancelJob: None})
    card = page.tune_view.live.job_card
    client.tell(Started(TUNING))
    qtbot.waitUntil(card.isVisible)
    card._cancel.click()
    assert not client.asked_for(CancelJob)
    question = card.findChild(QMessageBox)
    next(b for b in question.buttons() if b.text() == "Throw it away").click()
    assert client.asked_for(CancelJob) == [CancelJob(TUNING.id)]
    assert card._cancel.text() == "Stopping…"


def test_that_the_pairs_behind_the_counts_are_one_click_away(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT)
    page.tune_view.readiness.data_button.click()
    assert page.views.current == DATA
    assert page.data_view.isVisible()


def test_that_stopping_what_has_just_ended_says_nothing(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {StopTuning: NotFound("No such job", "", "")})
    client.tell(Started(TUNING))
    client.tell(Progress(TUNING.id, "Training", 5, 400, "steps"))
    qtbot.waitUntil(page.tune_view.live.stop_button.isVisible)
    page.tune_view.live.stop_button.click()
    client.settle()
    assert page.window().findChild(QMessageBox) is None
    client.tell(Cancelled(TUNING.id))
    qtbot.waitUntil(lambda: not page.tune_view.live.isVisible())
