"""Edits a recipe: every setting with its explanation, kept under a name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.recipe import PRESETS, Recipe
from engine.training_requests import RemoveRecipe, SaveRecipe
from gui.background import Engine
from gui.confirm import confirm
from gui.theme import Space, set_role
from gui.training.stage_blocks import StageBlocks
from gui.training.struct_form import StructForm
from gui.training.value_fields import TextField
from gui.widgets.form_dialog import FormDialog
from gui.widgets.notice import Notice
from gui.widgets.wrapped_label import wrapped_label

_WIDTH, _HEIGHT = 860, 640
_PRESET_NAMES = {preset.name.casefold() for preset in PRESETS}


class RecipeEditor(FormDialog):
    """A form made of what the recipe says of its fields."""

    saved = Signal(object, str)
    """All recipes, and the name of the one that was saved."""
    removed = Signal(object)
    """The recipes that are left."""

    def __init__(
        self,
        engine: Engine,
        recipe: Recipe,
        names: Iterable[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`names` are those of all recipes there are."""
        super().__init__(
            f"Recipe “{recipe.name}”", "Each setting says what it does.", "Save", parent
        )
        self._engine = engine
        self._recipe = recipe
        self._others = {name.casefold() for name in names} - {recipe.name.casefold()}
        preset = recipe.name.casefold() in _PRESET_NAMES
        if preset:  # it stays as it is
            recipe = msgspec.structs.replace(recipe, name=f"{recipe.name}, mine")
        self.form = StructForm(recipe, without=("stages",))
        self.stages = StageBlocks(recipe.stages)
        self.form.changed.connect(self._enable)
        self.stages.changed.connect(self._enable)
        self.notice = Notice()
        self.problem = wrapped_label("danger")
        self._add_buttons(removable=not preset)
        self._lay_out()
        self.resize(_WIDTH, _HEIGHT)
        self._enable()

    @property
    def recipe(self) -> Recipe:
        """What is entered; raises ValueError where something is not allowed."""
        return msgspec.convert({**self.form.values, "stages": self.stages.values}, Recipe)

    def show_preset(self, preset: Recipe) -> None:
        """Start anew from a preset; the name stays."""
        name = self.form.field("name").read()
        self.form.show_values(msgspec.structs.replace(preset, name=str(name)))
        self.stages.show_stages(preset.stages)

    def accept(self) -> None:
        """Save, and close once that is done."""
        if not self.do.isEnabled():
            return
        recipe = self.recipe
        self.do.setEnabled(False)

        def done(recipes: tuple[Recipe, ...]) -> None:
            self.saved.emit(recipes, recipe.name)
            super(RecipeEditor, self).accept()

        self._engine.ask(SaveRecipe(recipe), done, self._refuse, owner=self)

    def ask_to_remove(self) -> None:
        """Ask first, then forget the recipe."""
        confirm(
            self,
            f"Remove the recipe “{self._recipe.name}”?",
            "Models that were tuned with it keep what they need to know of it.",
            "Remove",
            self._remove,
        )

    def _remove(self) -> None:
        def done(recipes: tuple[Recipe, ...]) -> None:
            self.removed.emit(recipes)
            self.reject()

        self._engine.ask(RemoveRecipe(self._recipe.name), done, self._refuse, owner=self)

    def _add_buttons(self, *, removable: bool) -> None:
        roles = QDialogButtonBox.ButtonRole
        self.reset_button = QPushButton("Reset to…")
        menu = QMenu(self.reset_button)
        for preset in PRESETS:
            menu.addAction(preset.name, partial(self.show_preset, preset))
        self.reset_button.setMenu(menu)
        self._buttons.addButton(self.reset_button, roles.ResetRole)
        self.remove_button = QPushButton("Remove")
        set_role(self.remove_button, "danger")
        self.remove_button.clicked.connect(self.ask_to_remove)
        if removable:
            self._buttons.addButton(self.remove_button, roles.ResetRole)
        for button in (self.reset_button, self.remove_button):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, Space.M, 0)
        column.setSpacing(Space.L)
        column.addWidget(self.form)
        column.addWidget(self.stages)
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        self.put(area, 1)
        self.put(self.problem)
        self.put(self.notice)

    def _enable(self) -> None:
        unsound = [*self.form.unsound, *self.stages.unsound]
        self.do.setEnabled(not unsound)
        self.do.setToolTip("" if unsound else "Ctrl+Enter")
        self.problem.setText(f"Not within its range: {', '.join(unsound)}" if unsound else "")
        self.problem.setVisible(bool(unsound))
        name = self.form.field("name")
        assert isinstance(name, TextField)
        taken = name.text().strip().casefold() in self._others
        self.do.setText("Replace" if taken else "Save")
        if taken:
            self.do.setToolTip("There is a recipe of this name")

    def _refuse(self, error: EngineError) -> None:
        self.notice.say_failure(error)
        self._enable()
