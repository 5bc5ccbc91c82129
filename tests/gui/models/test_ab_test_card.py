from __future__ import annotations

from dataclasses import replace

from engine.errors import InvalidInput
from engine.requests import ActivateModel, ListModels
from engine.training_records import AbTest
from engine.training_requests import GetAbTest, StartAbTest, StopAbTest
from gui.pages.models import ModelsPage
from tests.gui.models.model_samples import SCRIPT
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import BUNDLED, NOW, TUNED, job

RUNNING = AbTest(
    first=BUNDLED.id,
    second=TUNED.id,
    began_at=NOW - 90_000,
    ended_at=None,
    n_searches=41,
    n_decided=17,
    wins_first=0,
    wins_second=0,
    preference=0.5,
    ci=(0.0, 1.0),
    verdict="17 of 41 searches prefer one of the models.",
)
WON = replace(
    RUNNING,
    ended_at=NOW,
    wins_first=2,
    wins_second=15,
    preference=15 / 17,
    ci=(0.66, 0.97),
    verdict=f"{TUNED.id} is better: you preferred its results in 15 of 17 searches.",
)
UNDECIDED = replace(WON, ci=(0.4, 0.7), verdict=f"No clear winner: {BUNDLED.id}, {TUNED.id}.")


def test_that_two_models_are_let_compete_and_stopped(open_page: OpenPage) -> None:
    page, client = open_page(
        ModelsPage, {**SCRIPT, GetAbTest: None, StartAbTest: RUNNING, StopAbTest: WON}
    )
    card = page.ab_test
    assert not card.stop_button.isVisible()
    assert card.first.chosen == BUNDLED.id  # the one in use
    card.second.choose(TUNED.id)
    card.start_button.click()
    client.settle()
    assert client.asked_for(StartAbTest) == [StartAbTest(BUNDLED.id, TUNED.id)]
    assert not card.first.isEnabled()
    assert not card.bar.isVisible()  # who leads would sway the user
    assert "41 searches, 17 of them decided" in card.progress.text()
    card.stop_button.click()
    client.settle()
    assert client.asked_for(StopAbTest)
    assert card.bar.isVisible()
    assert card.first.isEnabled()


def test_that_before_the_first_search_nothing_is_counted(open_page: OpenPage) -> None:
    fresh = replace(RUNNING, n_searches=0, n_decided=0, verdict="0 searches so far.")
    page, _ = open_page(ModelsPage, {**SCRIPT, GetAbTest: fresh})
    assert page.ab_test.progress.text().endswith(": no searches yet.")
    assert not page.ab_test.verdict.isVisible()


def test_that_a_winner_is_named_and_put_to_work(open_page: OpenPage) -> None:
    page, client = open_page(
        ModelsPage, {**SCRIPT, GetAbTest: WON, ActivateModel: job("activate", "Activating")}
    )
    card = page.ab_test
    assert card.verdict.text().startswith(f"“{TUNED.name}” is better")
    assert "88% of the searches" in card.bar.scale.accessibleName()
    assert "66% to 97%" in card.bar.scale.accessibleName()
    card.use_button.click()
    client.settle()
    assert client.asked_for(ActivateModel) == [ActivateModel(TUNED.id)]


def test_that_the_first_model_may_win_too(open_page: OpenPage) -> None:
    lost = replace(WON, wins_first=15, wins_second=2, preference=2 / 17, ci=(0.03, 0.34))
    page, _ = open_page(ModelsPage, {**SCRIPT, GetAbTest: lost})
    card = page.ab_test
    assert card.winner is not None and card.winner.id == BUNDLED.id
    assert not card.use_button.isVisible()  # it is in use already
    assert "66% to 97%" in card.bar.scale.accessibleName()


def test_that_chance_makes_no_winner(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, {**SCRIPT, GetAbTest: UNDECIDED})
    assert not page.ab_test.use_button.isVisible()
    assert f"“{BUNDLED.name}”, “{TUNED.name}”." in page.ab_test.verdict.text()


def test_that_a_model_cannot_compete_with_itself(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, {**SCRIPT, GetAbTest: None})
    page.ab_test.second.choose(page.ab_test.first.chosen)
    assert not page.ab_test.start_button.isEnabled()
    assert "different" in page.ab_test.start_button.toolTip()


def test_that_a_test_that_is_refused_can_be_tried_again(open_page: OpenPage) -> None:
    refusal = InvalidInput("Not now", "No.", "Later.")
    page, client = open_page(ModelsPage, {**SCRIPT, GetAbTest: None, StartAbTest: refusal})
    page.ab_test.start_button.click()
    client.settle()
    assert page.ab_test.start_button.isEnabled()


def test_that_one_model_has_nobody_to_compete_with(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, {**SCRIPT, GetAbTest: None, ListModels: (BUNDLED,)})
    assert page.ab_test.isHidden()
    assert not page.beside_button.isEnabled()
