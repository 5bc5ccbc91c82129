from __future__ import annotations

from dataclasses import replace

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput
from engine.events import Failed, Finished, Started
from engine.records import ActivationReport, IndexReport
from engine.requests import (
    ActivateModel,
    Evaluate,
    GetStatus,
    ImportEvalSet,
    ListEvalSets,
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
    SETS,
    TUNED,
    job,
    report,
    status,
)

ACTIVATING = job("activate", "Activating")
MALFORMED = "queries.jsonl, line 17: a query needs `_id` and `text`."
SCRIPT = {GetStatus: status(), ListModels: MODELS, ListEvalSets: SETS}


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


def test_that_only_models_for_texts_are_measured(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, SCRIPT | {ListModels: MODELS + IMAGE_MODELS})
    assert page.evaluation.models.count() == len(MODELS)


def test_that_sets_of_pictures_are_told_by_recall(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ModelsPage, SCRIPT)
    measured = report("hybrid", 0.31, 12)
    measured = msgspec.structs.replace(
        measured, measures=measured.measures | {"R@1": 0.1, "R@5": 0.25, "R@10": 0.36}
    )
    client.tell(Started(job("evaluate", "Measuring")))
    client.tell(Finished("evaluate-1", measured))
    evaluation = page.evaluation
    qtbot.waitUntil(evaluation.pictures.isVisible)
    assert evaluation.table.reports == ()
    evaluation.pictures.copy_all()
    heading, row = (line.split("\t") for line in QGuiApplication.clipboard().text().splitlines())
    assert heading[3:8] == ["R@1", "R@5", "R@10", "nDCG@10", "RR@10"]
    assert row[3:6] == ["0.1000", "0.2500", "0.3600"]


def test_that_each_chosen_model_is_measured_in_each_chosen_mode(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    jobs = iter(job("evaluate", f"Measuring {n}", n, "queued") for n in range(10))
    page, client = open_page(ModelsPage, SCRIPT | {Evaluate: lambda _: next(jobs)})
    evaluation = page.evaluation
    evaluation.set.setCurrentIndex(evaluation.set.findData("scifact"))
    evaluation.models.item(2).setCheckState(Qt.CheckState.Checked)
    evaluation.modes["lexical"].setChecked(False)
    evaluation.rerank.setChecked(True)
    evaluation.measure_button.click()
    assert client.asked_for(Evaluate) == [
        Evaluate("scifact", "test", mode, rerank=True, model=model)
        for model in (BUNDLED.id, TUNED.id)
        for mode in ("hybrid", "dense")
    ]
    qtbot.waitUntil(lambda: len(evaluation.watch.unfinished) == 4)


def test_that_measuring_needs_a_mode_and_a_model(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, SCRIPT)
    assert page.evaluation.measure_button.isEnabled()
    page.evaluation.models.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not page.evaluation.measure_button.isEnabled()


def test_that_reports_are_compared_and_copied(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(ModelsPage, SCRIPT)
    reports = [report("hybrid", 0.712, 34), report("lexical", 0.665, 4)]
    for number, measured in enumerate(reports):
        client.tell(Started(job("evaluate", "Measuring", number)))
        client.tell(Finished(f"evaluate-{number}", measured))
    table = page.evaluation.table
    qtbot.waitUntil(lambda: len(table.reports) == 2)
    assert table.is_best(reports[0], "nDCG@10")
    assert not table.is_best(reports[1], "nDCG@10")
    assert table.is_best(reports[1], "p50 / p95 ms")
    table.copy_all()
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert rows[0][:4] == ["Model", "Mode", "Set", "nDCG@10"]
    assert rows[1][:4] == [BUNDLED.name, "Hybrid", "scifact · test", "0.7120"]
    assert len(rows) == 3


def test_that_a_system_measured_again_replaces_its_row(open_page: OpenPage, qtbot: QtBot) -> None:
    page, _ = open_page(ModelsPage, SCRIPT)
    table = page.evaluation.table
    for value in (0.70, 0.71):
        table.add(report("hybrid", value, 30))
    assert [r.measures["nDCG@10"] for r in table.reports] == [0.71]


def test_that_a_malformed_folder_is_told_in_full(open_page: OpenPage, qtbot: QtBot) -> None:
    importing = job("index", "Importing scifact")
    page, client = open_page(ModelsPage, SCRIPT | {ImportEvalSet: importing})
    page.evaluation.import_set("/data/scifact", "scifact")
    qtbot.waitUntil(lambda: page.evaluation.imports.current is not None)
    client.tell(Failed(importing.id, "The dataset is malformed", MALFORMED, "Correct it."))
    qtbot.waitUntil(page.evaluation.notice.isVisible)
    assert page.evaluation.notice.words == f"The dataset is malformed\n{MALFORMED}\nCorrect it."


def test_that_a_refused_import_is_told_in_full(open_page: OpenPage, qtbot: QtBot) -> None:
    refusal = InvalidInput(
        "No BEIR folder", "There is no corpus.jsonl in /data.", "Choose another."
    )
    page, _ = open_page(ModelsPage, SCRIPT | {ImportEvalSet: refusal})
    page.evaluation.import_set("/data", "data")
    qtbot.waitUntil(page.evaluation.notice.isVisible)
    assert "There is no corpus.jsonl in /data." in page.evaluation.notice.words


def test_that_an_import_that_ends_before_its_answer_comes_is_told(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    importing = job("index", "Importing tiny")
    page, client = open_page(ModelsPage, SCRIPT | {ImportEvalSet: importing})
    client.tell(Started(importing))
    client.tell(Finished(importing.id, IndexReport(9, 0, 0, 0, 0, 0, 9, 1, 1)))
    client.settle()
    page.evaluation.import_set("/data/tiny", "tiny")
    qtbot.waitUntil(lambda: "9 documents joined the library" in page.evaluation.notice.words)


def test_that_indexing_of_others_is_not_taken_for_an_import(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(ModelsPage, SCRIPT)
    client.tell(Started(job("index", "Indexing the library")))
    client.tell(Failed("index-1", "The disk is full", "", ""))
    client.settle()
    assert not page.evaluation.notice.isVisible()


def test_that_without_a_set_the_page_says_how_to_get_one(open_page: OpenPage) -> None:
    page, _ = open_page(ModelsPage, SCRIPT | {ListEvalSets: ()})
    assert not page.evaluation.measure_button.isVisible()
    visible = [b.text() for b in page.findChildren(QPushButton) if b.isVisible()]
    assert "Import a BEIR folder…" in visible


def test_that_long_names_do_not_widen_the_page(open_page: OpenPage) -> None:
    models = (BUNDLED, replace(REFUSED_MODEL, name="a long name " * 20))
    page, _ = open_page(ModelsPage, SCRIPT | {ListModels: models})
    assert page.area.widget().minimumSizeHint().width() <= 1000
