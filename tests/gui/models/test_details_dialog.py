from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from engine.errors import NotFound
from engine.recipe import PRESETS
from engine.records import ModelInfo
from engine.requests import ChangeSettings, GetSettings
from engine.settings import Settings
from engine.training_requests import (
    GetModelDetails,
    ListRecipes,
    SaveRecipe,
    WriteModelNotes,
)
from gui.background import Engine
from gui.models.details_dialog import DetailsDialog
from tests.gui.models.model_samples import (
    ADAPTER,
    CHECKED_TUNED,
    RECORD,
    SCRIPT,
    TEXTS,
    details_of,
)
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import BUNDLED
from tests.gui.pages.scripted_client import ScriptedClient
from tests.gui.training.tune_samples import CHECKED_MODEL

NAMES = {model.id: model.name for model in TEXTS}


def open_details(
    open_page: OpenPage, model: ModelInfo, script: dict[Any, Any] | None = None
) -> tuple[DetailsDialog, ScriptedClient]:
    return open_page(partial(make, model), {**SCRIPT, **(script or {})})


def make(model: ModelInfo, engine: Engine) -> DetailsDialog:
    return DetailsDialog(engine, model, NAMES)


def words(dialog: QWidget) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_that_a_tuned_models_origin_is_told(open_page: OpenPage) -> None:
    dialog, _ = open_details(open_page, CHECKED_TUNED)
    told = dialog.origin.words
    assert f"tuned-0 ← {BUNDLED.name}" in told  # a parent that is gone is told by its id
    assert "Own feedback: 131 pairs" in told
    assert "abababab" in told
    assert "5 min · Processor · seed 7" in told
    assert "torch 2.9.1" in told
    assert "mixed with its base (75% of the way)" in told
    assert f"Made from it: {ADAPTER.name}" in told


def test_that_size_speed_and_general_knowledge_are_told(open_page: OpenPage) -> None:
    dialog, _ = open_details(open_page, CHECKED_TUNED)
    assert "4.1 ms to encode a query" in dialog.cost.words
    assert "nDCG@10 0.505, 0.510 before (−0.005)" in dialog.cost.words
    assert "47.0 MB" in dialog.cost.words


def test_that_each_evaluation_set_has_its_row_and_each_measure_its_column(
    open_page: OpenPage,
) -> None:
    dialog, _ = open_details(open_page, CHECKED_TUNED)
    assert dialog.measures is not None and dialog.measures.table is not None
    dialog.measures.table.copy_all()
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert rows[0][:4] == ["Set", "Searched by", "nDCG@10", "R@100"]
    assert ["scifact, version 3, test", "meaning alone", "0.652", "0.910"] in [
        row[:4] for row in rows
    ]
    assert ["judgments, all", "hybrid, reranked", "0.702", "–"] in [row[:4] for row in rows]


def test_that_every_series_has_its_curve(open_page: OpenPage) -> None:
    dialog, _ = open_details(open_page, CHECKED_TUNED)
    assert [curve.points for curve in dialog.curves.curves] == [
        ((1.0, 2.0), (2.0, 1.0)),
        ((2.0, 0.7),),
    ]


def test_that_the_gates_tests_and_an_overruling_are_shown(open_page: OpenPage) -> None:
    overruled = replace(CHECKED_MODEL, overruled="I need it for my thesis")
    dialog, _ = open_details(
        open_page, overruled, {GetModelDetails: lambda _: details_of(overruled)}
    )
    assert "Failed: General knowledge" in dialog.checks.words
    assert "“I need it for my thesis”" in dialog.origin.words
    assert "The gate refused it" in words(dialog)


def test_that_a_bundled_model_says_that_it_was_not_measured(open_page: OpenPage) -> None:
    dialog, _ = open_details(open_page, BUNDLED)
    assert "Comes with the program" in dialog.origin.words
    assert "It was not measured yet" in words(dialog)
    assert dialog.recipe.isHidden()
    assert dialog.curves.isHidden()


def test_that_an_adapter_is_marked_and_cannot_be_exported(open_page: OpenPage) -> None:
    dialog, _ = open_details(open_page, ADAPTER)
    assert "it turns queries only" in dialog.origin.words
    assert not dialog.export_button.isEnabled()


def test_that_name_and_notes_are_kept_once_changed(open_page: OpenPage) -> None:
    def write(request: WriteModelNotes) -> object:
        info = replace(CHECKED_TUNED, name=request.name or "")
        return replace(details_of(info), notes=request.notes)

    dialog, client = open_details(open_page, CHECKED_TUNED, {WriteModelNotes: write})
    assert not dialog.save_button.isEnabled()
    dialog.name.setText("Thesis")
    dialog.notes.setPlainText("Second try.")
    dialog.save_button.click()
    client.settle()
    assert client.asked_for(WriteModelNotes) == [
        WriteModelNotes(CHECKED_TUNED.id, "Second try.", "Thesis")
    ]
    assert not dialog.save_button.isEnabled()
    dialog.name.setText("  ")
    assert not dialog.save_button.isEnabled()


def test_that_what_was_written_is_kept_when_the_dialog_is_closed(open_page: OpenPage) -> None:
    dialog, client = open_details(open_page, CHECKED_TUNED)
    dialog.notes.setPlainText("Second try.")
    dialog.reject()
    assert client.asked_for(WriteModelNotes) == [
        WriteModelNotes(CHECKED_TUNED.id, "Second try.", CHECKED_TUNED.name)
    ]


def test_that_closing_writes_nothing_that_is_known(open_page: OpenPage) -> None:
    dialog, client = open_details(open_page, CHECKED_TUNED)
    dialog.reject()
    assert not client.asked_for(WriteModelNotes)


def test_that_its_recipe_is_kept_and_used_from_now_on(open_page: OpenPage) -> None:
    script = {
        ListRecipes: PRESETS,
        SaveRecipe: lambda request: (*PRESETS, request.recipe),
        GetSettings: Settings(results=33),
        ChangeSettings: lambda request: request.settings,
    }
    strange = msgspec.structs.replace(PRESETS[0], name="Balanced", seed=9)
    record = replace(RECORD, recipe=strange)
    known = replace(details_of(CHECKED_TUNED), record=record)
    dialog, client = open_details(
        open_page, CHECKED_TUNED, {**script, GetModelDetails: lambda _: known}
    )
    dialog.recipe_button.click()
    client.settle()
    saved = client.asked_for(SaveRecipe)[0].recipe
    assert saved == msgspec.structs.replace(strange, name="Balanced 2")  # the name was taken
    assert client.asked_for(ChangeSettings)[0].settings == Settings(results=33, recipe="Balanced 2")
    assert "“Balanced 2” from now on" in dialog.notice.words


def test_that_a_recipe_that_is_there_is_not_kept_twice(open_page: OpenPage) -> None:
    script = {ListRecipes: PRESETS, ChangeSettings: lambda request: request.settings}
    dialog, client = open_details(open_page, CHECKED_TUNED, script)
    dialog.recipe_button.click()  # the preset Thorough under another name
    client.settle()
    assert not client.asked_for(SaveRecipe)
    assert client.asked_for(ChangeSettings)[0].settings.recipe == "Thorough"


def test_that_a_model_that_is_gone_is_told(open_page: OpenPage) -> None:
    dialog, _ = open_details(
        open_page, CHECKED_TUNED, {GetModelDetails: NotFound("No such model", "It is gone.")}
    )
    assert "It is gone." in dialog.notice.words
