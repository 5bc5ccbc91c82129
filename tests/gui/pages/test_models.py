from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput
from engine.events import Finished, Started
from engine.records import ActivationReport
from engine.requests import (
    ActivateModel,
    GetStatus,
    ListModels,
    RemoveModel,
    RollBackModel,
)
from gui.pages.models import ModelsPage
from gui.widgets.model_card import ModelCard
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import (
    BUNDLED,
    CLASSIFIER,
    CLIP,
    FITTED,
    IMAGE_MODELS,
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
    assert not page.texts.roll_back_button.isEnabled()


def test_that_rolling_back_says_which_model_answers_again(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    models = (replace(BUNDLED, active=False, previous=True), replace(TUNED, active=True))
    page, client = open_page(ModelsPage, SCRIPT | {ListModels: models, RollBackModel: BUNDLED})
    page.texts.roll_back_button.click()
    assert client.asked_for(RollBackModel)
    qtbot.waitUntil(lambda: f"“{BUNDLED.name}” answers again" in page.notice.words)


def test_that_each_kind_has_its_own_section_and_way_back(open_page: OpenPage, qtbot: QtBot) -> None:
    images = (replace(CLASSIFIER, active=False, previous=True), replace(CLIP, active=True), FITTED)
    page, client = open_page(
        ModelsPage, SCRIPT | {ListModels: MODELS + images, RollBackModel: CLASSIFIER}
    )
    assert {model.kind for model in page.texts.models} == {"text"}
    assert page.pictures.models[0].id == CLIP.id  # the one in use comes first
    assert not page.texts.roll_back_button.isEnabled()
    page.pictures.roll_back_button.click()
    assert client.asked_for(RollBackModel) == [RollBackModel("image")]
    qtbot.waitUntil(lambda: f"“{CLASSIFIER.name}” answers again" in page.notice.words)


def test_that_a_model_for_pictures_counts_pictures(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(
        ModelsPage,
        SCRIPT | {ListModels: MODELS + IMAGE_MODELS, GetStatus: status(n_pictures=1000)},
    )
    labels = [label.text() for label in card(page, CLIP.id).findChildren(QLabel)]
    assert "240 of 1,000 pictures encoded" in labels
    assert "on 240 held-out pictures" in " ".join(
        label.text() for label in card(page, FITTED.id).findChildren(QLabel)
    )
    client.tell(Started(ACTIVATING))
    client.tell(Finished(ACTIVATING.id, ActivationReport(CLIP.id, 760, 90)))
    qtbot.waitUntil(page.notice.isVisible)
    assert "760 pictures newly encoded" in page.notice.words


def test_that_a_model_is_removed_only_once_confirmed(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(
        ModelsPage, SCRIPT | {ListModels: MODELS + IMAGE_MODELS, RemoveModel: None}
    )
    card(page, CLIP.id).remove.click()
    assert not client.asked_for(RemoveModel)
    question = page.findChild(QMessageBox)
    assert "frees 605.2 MB" in question.informativeText()
    next(button for button in question.buttons() if button.text() == "Remove").click()
    assert client.asked_for(RemoveModel) == [RemoveModel(CLIP.id)]
    qtbot.waitUntil(lambda: f"“{CLIP.name}” was removed" in page.notice.words)


def test_that_what_is_needed_cannot_be_removed_and_says_why(open_page: OpenPage) -> None:
    used = replace(CLIP, active=True)
    fitted = replace(FITTED, base=TUNED.id)
    page, _ = open_page(ModelsPage, SCRIPT | {ListModels: (*MODELS, used, fitted)})
    for model, why in ((BUNDLED, "comes with"), (used, "in use")):
        assert not card(page, model.id).remove.isEnabled()
        assert why in card(page, model.id).remove.toolTip()
    again = replace(FITTED, id="fitted-2", base=FITTED.id)
    page, _ = open_page(ModelsPage, SCRIPT | {ListModels: (BUNDLED, CLASSIFIER, FITTED, again)})
    assert "made from it" in card(page, FITTED.id).remove.toolTip()
    assert card(page, again.id).remove.isEnabled()


def test_that_a_removal_that_is_refused_is_told(open_page: OpenPage) -> None:
    refusal = InvalidInput("This model is needed", "It is in use.", "Put another to work first.")
    page, client = open_page(
        ModelsPage, SCRIPT | {ListModels: MODELS + IMAGE_MODELS, RemoveModel: refusal}
    )
    card(page, CLIP.id).remove.click()
    question = page.findChild(QMessageBox)
    next(button for button in question.buttons() if button.text() == "Remove").click()
    client.settle()
    assert "Put another to work first." in page.notice.words


def test_that_comparing_models_leads_to_another_page(open_page: OpenPage, qtbot: QtBot) -> None:
    page, _ = open_page(ModelsPage, SCRIPT)
    with qtbot.waitSignal(page.compare_asked):
        page.compare_button.click()


def test_that_long_names_do_not_widen_the_page(open_page: OpenPage) -> None:
    models = (BUNDLED, replace(REFUSED_MODEL, name="a long name " * 20))
    page, _ = open_page(ModelsPage, SCRIPT | {ListModels: models})
    assert page.area.widget().minimumSizeHint().width() <= 1000
