"""Edits a recipe: every setting with its explanation, kept under a name."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.recipe import Recipe
from gui.background import Engine
from gui.widgets.form_dialog import FormDialog


class RecipeEditor(FormDialog):
    """A form made of what the recipe says of its fields."""

    saved = Signal(object, str)
    """All recipes, and the name of the one that was saved."""
    removed = Signal(object)
    """The recipes that are left."""

    def __init__(self, engine: Engine, recipe: Recipe, parent: QWidget | None = None) -> None:
        super().__init__(f"Recipe “{recipe.name}”", recipe.about, "Save", parent)
        self._engine = engine
