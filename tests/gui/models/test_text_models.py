from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput
from engine.events import Failed, Finished
from engine.records import ImportReport
from engine.requests import ActivateModel, ListModels, RemoveModel
from engine.training_records import (
    ExportReport,
    FieldDifference,
    MeasureDifference,
    ModelComparison,
)
from engine.training_requests import (
    CompareModels,
    DeleteModel,
    ExportModel,
    ImportTextModel,
    Overrule,
)
from gui.models.comparison_dialog import ComparisonDialog
from gui.models.details_dialog import DetailsDialog
from gui.models.export_dialog import ExportModelDialog
from gui.pages.models import ModelsPage
from gui.widgets.model_card import ModelCard
from gui.widgets.overrule_dialog import OverruleDialog
from tests.gui.models.model_samples import ADAPTER, CHECKED_TUNED, SCRIPT, details_of
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import BUNDLED, TUNED, job
from tests.gui.training.tune_samples import CHECKED_MODEL

EXPORTING = job("export", "Exporting")
IMPORTING = job("import", "Importing")


def card(page: ModelsPage, model_id: str) -> ModelCard:
    return next(shown for shown in page.cards if shown.model.id == model_id)


def test_that_a_card_leads_to_its_details(open_page: OpenPage) -> None:
    page, client = open_page(ModelsPage, SCRIPT)
    card(page, TUNED.id).details.click()
    client.settle()
    dialog = page.findChild(DetailsDialog)
    assert TUNED.name in dialog.origin.words or "131 pairs" in dialog.origin.words
    dialog.compare_button.click()
    client.settle()
    asked = client.asked_for(CompareModels)
    assert asked == [CompareModels(BUNDLED.id, TUNED.id)]  # beside what it was made from


def test_that_two_models_are_compared(open_page: OpenPage) -> None:
    def compare(request: CompareModels) -> ModelComparison:
        return ModelComparison(
            details_of(BUNDLED),
            details_of(CHECKED_TUNED),
            (FieldDifference("Learning rate", "–", "0.00005"),),
            (MeasureDifference("scifact / test, dense", "nDCG@10", 0.652, 0.701),)
            if TUNED.id in (request.first, request.second)
            else (),
        )

    page, client = open_page(ModelsPage, {**SCRIPT, CompareModels: compare})
    page.beside_button.click()
    client.settle()
    dialog = page.findChild(ComparisonDialog)
    assert dialog.first.chosen == BUNDLED.id
    dialog.second.setCurrentIndex(dialog.second.findData(TUNED.id))
    client.settle()
    assert len(dialog.measures.visible_records) == 1
    assert len(dialog.fields.visible_records) == 1
    dialog.second.setCurrentIndex(dialog.second.findData(ADAPTER.id))
    client.settle()
    assert dialog.measures.isHidden()
    assert "not yet measured on the same set" in dialog.said.text()
    dialog.second.setCurrentIndex(dialog.second.findData(BUNDLED.id))
    assert "two different" in dialog.said.text()


def test_that_an_export_tells_where_it_is_and_how_good(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ModelsPage, {**SCRIPT, ExportModel: EXPORTING})
    page.text_models.export(CHECKED_TUNED)
    dialog = page.findChild(ExportModelDialog)
    assert dialog.request == ExportModel(TUNED.id, "")
    dialog.formats["onnx"].setChecked(True)
    assert dialog.request == ExportModel(TUNED.id, "", "onnx")
    page.text_models.write(ExportModel(TUNED.id, "/tmp/here", "onnx"))
    client.settle()
    report = ExportReport(
        TUNED.id,
        "/tmp/here",
        ("model.onnx", "README.md"),
        91_000_000,
        0.99998,
        {"fp32": 0.512, "int8": 0.509},
        20,
    )
    client.tell(Finished(EXPORTING.id, report))
    notice = page.text_models.notice
    qtbot.waitUntil(notice.isVisible)
    for told in ("/tmp/here", "2 files, 91.0 MB", "0.99998", "fp32 0.512, int8 0.509"):
        assert told in notice.words


def test_that_an_imported_model_can_be_put_to_work(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(
        ModelsPage, {**SCRIPT, ImportTextModel: IMPORTING, ActivateModel: job("activate", "…")}
    )
    page.text_models.take_in("/tmp/a-model")
    client.settle()
    assert client.asked_for(ImportTextModel) == [ImportTextModel("/tmp/a-model")]
    client.tell(Finished(IMPORTING.id, ImportReport("a-model", 2e-6, 12)))
    notice = page.text_models.notice
    qtbot.waitUntil(notice.isVisible)
    assert "2e-06" in notice.words
    notice.acted.emit()
    assert client.asked_for(ActivateModel) == [ActivateModel("a-model")]


def test_that_an_import_that_fails_is_told(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ModelsPage, {**SCRIPT, ImportTextModel: IMPORTING})
    page.text_models.take_in("/tmp/a-model")
    client.settle()
    client.tell(Failed(IMPORTING.id, "No safe weights", "It has only a pickle.", "Convert it."))
    qtbot.waitUntil(page.text_models.notice.isVisible)
    assert "only a pickle. Convert it." in page.text_models.notice.words


def remove(page: ModelsPage, client: Any, model_id: str, button: str) -> str:
    """Press Remove and the button of the question; returns what was asked."""
    card(page, model_id).remove.click()
    client.settle()
    assert not client.asked_for(DeleteModel)
    question = page.findChild(QMessageBox)
    assert question is not None
    words = question.informativeText()
    next(each for each in question.buttons() if each.text() == button).click()
    client.settle()
    return words


def test_that_what_was_made_from_a_model_goes_with_it_and_is_named(open_page: OpenPage) -> None:
    page, client = open_page(ModelsPage, {**SCRIPT, DeleteModel: None})
    words = remove(page, client, TUNED.id, "Remove 2 models")
    assert ADAPTER.name in words
    assert client.asked_for(DeleteModel) == [DeleteModel(TUNED.id, dependents=True)]
    assert not client.asked_for(RemoveModel)
    assert "and 1 model made from it were removed" in page.text_models.notice.words


def test_that_a_removal_that_is_refused_is_told(open_page: OpenPage) -> None:
    refusal = InvalidInput("This model is being tested", "It competes.", "End the test first.")
    page, client = open_page(ModelsPage, {**SCRIPT, DeleteModel: refusal})
    remove(page, client, ADAPTER.id, "Remove")
    assert client.asked_for(DeleteModel) == [DeleteModel(ADAPTER.id, dependents=False)]
    assert "End the test first." in page.text_models.notice.words


def test_that_a_refused_model_is_used_for_a_reason(open_page: OpenPage) -> None:
    page, client = open_page(ModelsPage, {**SCRIPT, Overrule: job("activate", "Activating")})
    card(page, CHECKED_MODEL.id).details.click()
    client.settle()
    details = page.findChild(DetailsDialog)
    assert details.overrule_button.isVisible()
    details.overrule_button.click()
    dialog = page.findChild(OverruleDialog)
    dialog.reason.setPlainText("because")
    assert not dialog.do.isEnabled()
    dialog.reason.setPlainText("It finds what I look for")
    dialog.do.click()
    client.settle()
    assert client.asked_for(Overrule) == [Overrule(CHECKED_MODEL.id, "It finds what I look for")]
    assert not card(page, TUNED.id).activate.isEnabled()  # one is being put to work


def test_that_an_accepted_model_needs_no_reason(open_page: OpenPage) -> None:
    page, client = open_page(ModelsPage, SCRIPT)
    card(page, TUNED.id).details.click()
    client.settle()
    assert not page.findChild(DetailsDialog).overrule_button.isVisible()


def test_that_what_was_used_for_a_reason_can_be_used_again_and_says_so(
    open_page: OpenPage,
) -> None:
    overruled = replace(CHECKED_MODEL, overruled="I need it for my thesis")
    page, _ = open_page(ModelsPage, {**SCRIPT, ListModels: (BUNDLED, overruled)})
    assert card(page, overruled.id).activate.isEnabled()
    said = [label.text() for label in card(page, overruled.id).findChildren(QLabel)]
    assert any("I need it for my thesis" in words for words in said)


def test_that_the_model_one_would_return_to_stays(open_page: OpenPage) -> None:
    previous = replace(CHECKED_TUNED, previous=True)
    page, _ = open_page(ModelsPage, {**SCRIPT, ListModels: (BUNDLED, previous)})
    assert not card(page, previous.id).remove.isEnabled()
    assert "Rolling back" in card(page, previous.id).remove.toolTip()
