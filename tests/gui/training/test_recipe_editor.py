from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput
from engine.recipe import BALANCED, PRESETS, QUICK, THOROUGH, Recipe, Stage
from engine.training_requests import RemoveRecipe, SaveRecipe
from gui.background import Engine
from gui.training.recipe_editor import RecipeEditor
from gui.training.struct_form import StructForm
from gui.training.value_fields import TextField
from tests.gui.pages.scripted_client import Script, ScriptedClient

MINE = Recipe(
    name="For minutes of meetings",
    about="Long ones",
    stages=(
        Stage(origins=("title", "cloze", "llm"), loss="kl", epochs=7, learning_rate=2.5e-6),
        Stage(negatives=0, curriculum=True, warmup_share=0.25),
    ),
    max_tokens=384,
    scale=12.5,
    matryoshka=(64, 128),
    lora_rank=16,
    anchor="ewc",
    anchor_weight=0.3,
    mixes=(),
    seed=7,
)


def typed(form: StructForm, name: str, text: str) -> None:
    """Type into a field."""
    field = form.field(name)
    assert isinstance(field, TextField)
    field.setText(text)


Opened = Callable[..., tuple[RecipeEditor, ScriptedClient]]


@pytest.fixture
def opened(qtbot: QtBot) -> Opened:
    """Opens the editor on a recipe, over a scripted engine."""
    hosts: list[QWidget] = []

    def open_on(
        recipe: Recipe, script: Script | None = None
    ) -> tuple[RecipeEditor, ScriptedClient]:
        clients: list[ScriptedClient] = []

        def connect(on_event: Any, on_state: Any) -> ScriptedClient:
            clients.append(ScriptedClient(script or {}, on_event, on_state))
            return clients[0]

        host = QWidget()
        hosts.append(host)
        qtbot.addWidget(host)
        host.show()
        names = [preset.name for preset in PRESETS]
        editor = RecipeEditor(Engine(connect, host), recipe, names, host)
        editor.open()
        return editor, clients[0]

    return open_on


@pytest.mark.parametrize("recipe", [*PRESETS, MINE], ids=lambda recipe: recipe.name)
def test_that_what_is_shown_is_read_back_unchanged(opened: Opened, recipe: Recipe) -> None:
    editor, _ = opened(recipe)
    assert msgspec.structs.replace(editor.recipe, name=recipe.name) == recipe


def test_that_a_preset_is_kept_under_another_name(opened: Opened, qtbot: QtBot) -> None:
    editor, client = opened(BALANCED, {SaveRecipe: PRESETS})
    with qtbot.waitSignal(editor.saved, timeout=2000) as told:
        editor.do.click()
    saved = client.asked_for(SaveRecipe)[0].recipe
    assert saved == msgspec.structs.replace(BALANCED, name="Balanced, mine")
    assert told.args == [PRESETS, "Balanced, mine"]


def test_that_a_value_out_of_its_range_cannot_be_saved(opened: Opened) -> None:
    editor, _ = opened(MINE)
    editor.form.field("held_out_share").show_value(0.9)
    assert not editor.do.isEnabled()
    assert editor.problem.text() == "Not within its range: Held out"
    typed(editor.form, "held_out_share", "0,4")  # as many people write it
    assert editor.do.isEnabled()
    assert editor.recipe.held_out_share == 0.4
    typed(editor.stages.forms[0], "epochs", "two")
    assert editor.problem.text() == "Not within its range: Epochs"


def test_that_a_stage_without_pairs_cannot_be_saved(opened: Opened) -> None:
    editor, _ = opened(QUICK)
    editor.stages.forms[0].field("origins").show_value(())
    assert editor.problem.text() == "Not within its range: Pairs"


def test_that_stages_are_added_removed_and_put_in_order(opened: Opened) -> None:
    editor, _ = opened(THOROUGH)
    first, second = THOROUGH.stages
    editor.stages.shift(0, 1)
    assert list(editor.recipe.stages) == [second, first]
    editor.stages.add_button.click()
    assert list(editor.recipe.stages) == [second, first, Stage()]
    editor.stages.remove(0)
    editor.stages.remove(0)
    assert list(editor.recipe.stages) == [Stage()]
    for _ in range(4):
        editor.stages.add_button.click()
    assert not editor.stages.add_button.isEnabled()


def test_that_it_can_be_reset_to_a_preset_and_keeps_its_name(opened: Opened) -> None:
    editor, _ = opened(MINE)
    editor.show_preset(QUICK)
    assert editor.recipe == msgspec.structs.replace(QUICK, name=MINE.name)


def test_that_a_refused_recipe_stays_to_be_mended(opened: Opened) -> None:
    refusal = InvalidInput("This name is taken", "Quick is a preset.", "Give it another name.")
    editor, client = opened(MINE, {SaveRecipe: refusal})
    editor.do.click()
    client.settle()
    assert editor.isVisible()
    assert "This name is taken" in editor.notice.words
    assert editor.do.isEnabled()


def test_that_replacing_another_recipe_is_said(opened: Opened) -> None:
    editor, _ = opened(MINE)
    assert editor.do.text() == "Save"
    typed(editor.form, "name", "quick")
    assert editor.do.text() == "Replace"


def test_that_only_an_own_recipe_can_be_removed_and_only_after_asking(
    opened: Opened, qtbot: QtBot
) -> None:
    preset, _ = opened(QUICK)
    assert not preset.remove_button.isVisible()
    editor, client = opened(MINE, {RemoveRecipe: PRESETS})
    editor.remove_button.click()
    assert not client.asked_for(RemoveRecipe)
    question = editor.findChild(QMessageBox)
    assert isinstance(question, QMessageBox)
    yes = next(b for b in question.findChildren(QPushButton) if b.text() == "Remove")
    with qtbot.waitSignal(editor.removed, timeout=2000):
        yes.click()
    assert client.asked_for(RemoveRecipe) == [RemoveRecipe(MINE.name)]
