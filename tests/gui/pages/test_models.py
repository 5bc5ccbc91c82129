from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from engine.events import Finished
from engine.records import ActivationReport
from engine.requests import (
    ActivateModel,
    GetStatus,
    ListModels,
    RollBackModel,
)
from gui.pages.models import ModelsPage
from gui.widgets.model_card import ModelCard
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import (
    BUNDLED,
    MODELS,
    REFUSED_MODEL,
    TUNED,
    job,
    status,
)

ACTIVATING = job("activate", "Activating")
SCRIPT = {GetStatus: status(), ListModels: MODELS}


def card(page: ModelsPage, model_id: str) -> ModelCard:
    """The card of a model."""
    return next(shown for shown in page.cards if shown.model.id == model_id)


def test_that_a_model_is_activated_and_its_end_is_told(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ModelsPage, SCRIPT | {ActivateModel: ACTIVATING})
    card(page, TUNED.id).activate.click()
    assert client.asked_for(ActivateModel) == [ActivateModel(TUNED.id)]
    qtbot.waitUntil(lambda: not card(page, TUNED.id).activate.isEnabled())
    client.tell(Finished(ACTIVATING.id, ActivationReport(TUNED.id, 48_840, 372)))
    qtbot.waitUntil(page.notice.isVisible)
    assert f"“{TUNED.name}” is in use now" in page.notice.words
    assert "48,840 passages newly encoded in 6 min" in page.notice.words


def test_that_a_refused_model_cannot_be_activated(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, SCRIPT)
    assert not card(page, REFUSED_MODEL.id).activate.isEnabled()
    assert "gate refused" in card(page, REFUSED_MODEL.id).activate.toolTip()
    assert card(page, TUNED.id).activate.isEnabled()
    assert not hasattr(card(page, BUNDLED.id), "activate")


def test_that_rolling_back_needs_something_to_return_to(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, SCRIPT)
    assert not page.roll_back_button.isEnabled()


def test_that_rolling_back_says_which_model_answers_again(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    models = (replace(BUNDLED, active=False, previous=True), replace(TUNED, active=True))
    page, client = open_page(ModelsPage, SCRIPT | {ListModels: models, RollBackModel: BUNDLED})
    page.roll_back_button.click()
    assert client.asked_for(RollBackModel)
    qtbot.waitUntil(lambda: f"“{BUNDLED.name}” answers again" in page.notice.words)


def test_that_comparing_models_leads_to_another_page(open_page: OpenPage, qtbot: QtBot) -> None:
    page, _ = open_page(ModelsPage, SCRIPT)
    with qtbot.waitSignal(page.compare_asked):
        page.compare_button.click()


def test_that_long_names_do_not_widen_the_page(open_page: OpenPage) -> None:
    models = (BUNDLED, replace(REFUSED_MODEL, name="a long name " * 20))
    page, _ = open_page(ModelsPage, SCRIPT | {ListModels: models})
    assert page.area.widget().minimumSizeHint().width() <= 1000
