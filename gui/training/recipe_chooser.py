"""Chooses the recipe to tune with, and says what it would cost."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError, EngineGone
from engine.events import Failed, Finished, JobEvent
from engine.recipe import BALANCED, PRESETS, Recipe
from engine.records import JobInfo
from engine.requests import GetSettings
from engine.settings import Settings
from engine.training_records import EstimateReport
from engine.training_requests import EstimateTuning, ListRecipes
from gui.background import Engine
from gui.error_dialog import show_error
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.training.estimate_words import estimate_in_words
from gui.training.recipe_editor import RecipeEditor
from gui.usual_recipe import make_usual
from gui.widgets.card import explanation
from gui.widgets.wheel_guard import WheelGuard


class RecipeChooser(QWidget):
    """A choice among the presets and the user's own recipes, to be edited and estimated."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._settings: Settings | None = None
        self._touched = False
        self._source: tuple[str | None, str] = (None, "train")
        self._watch = JobWatch(engine, (), self)
        self._watch.changed.connect(self._show_estimating)
        self._watch.progressed.connect(lambda progress: self._say(f"{progress.stage}…"))
        self._watch.ended.connect(self._tell_estimate)
        self.choice = QComboBox()
        self.choice.setAccessibleName("Recipe to tune with")
        self.choice.setMinimumContentsLength(14)
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        for preset in PRESETS:
            self.choice.addItem(preset.name, preset)
        self.choice.setCurrentIndex(PRESETS.index(BALANCED))
        WheelGuard(self).guard(self.choice)
        self.choice.activated.connect(self._choose)
        self.edit_button = QPushButton("Edit…")
        self.edit_button.setToolTip("Every setting of the recipe, each explained")
        self.edit_button.clicked.connect(self.edit)
        self.estimate_button = QPushButton("Estimate")
        self.estimate_button.setToolTip("Tries some steps on this machine; takes up to a minute")
        self.estimate_button.clicked.connect(self.estimate)
        self.usual_button = QPushButton("Always use this one")
        set_role(self.usual_button, "link")
        self.usual_button.setToolTip("One click tunes with this recipe from now on")
        self.usual_button.clicked.connect(self._make_usual)
        self.about = explanation("")
        self.estimate_words = explanation("")
        self.estimate_words.hide()
        self._lay_out()
        self._show_chosen()

    @property
    def chosen(self) -> Recipe:
        """The recipe that is shown."""
        recipe = self.choice.currentData()
        assert isinstance(recipe, Recipe)
        return recipe

    @property
    def departing(self) -> Recipe | None:
        """The recipe where it is not the one that the settings name."""
        return None if self.chosen.name == self._usual else self.chosen

    @property
    def _usual(self) -> str:
        return self._settings.recipe if self._settings else BALANCED.name

    @property
    def _names(self) -> list[str]:
        return [self.choice.itemText(row) for row in range(self.choice.count())]

    def load(self) -> None:
        """Ask for the recipes, and for the one that one click tunes with."""
        self._engine.ask(GetSettings(), self._show_settings, lambda _: None, owner=self)
        self._engine.ask(ListRecipes(), self.show_recipes, owner=self)

    def show_source(self, evalset: str | None, split: str) -> None:
        """Estimate for another source."""
        self._source = evalset, split
        self._drop_estimate()

    def show_recipes(self, recipes: tuple[Recipe, ...]) -> None:
        """Offer these recipes; the one that is chosen stays chosen where it is still there."""
        wanted = self.chosen.name if self._touched else self._usual
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for recipe in recipes:
                self.choice.addItem(recipe.name, recipe)
            names = [recipe.name for recipe in recipes]
            for name in (wanted, self._usual, BALANCED.name):
                if name in names:
                    self.choice.setCurrentIndex(names.index(name))
                    break
        self._show_chosen()

    def edit(self) -> None:
        """Open the editor on the recipe that is chosen."""
        editor = RecipeEditor(self._engine, self.chosen, self._names, self)
        editor.saved.connect(self._take_saved)
        editor.removed.connect(self.show_recipes)
        editor.open()

    def estimate(self) -> None:
        """Ask what the recipe that is chosen would cost, or stop asking."""
        if (running := self._watch.current) is not None:
            self._watch.cancel(running.id)
            return
        self.estimate_button.setEnabled(False)
        self._say("")
        self._engine.ask(
            EstimateTuning(self.chosen, *self._source),
            self._watch.follow,
            self._refuse,
            owner=self,
        )

    def _lay_out(self) -> None:
        label = QLabel("&Recipe")
        label.setBuddy(self.choice)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for widget in (label, self.choice, self.edit_button, self.estimate_button):
            row.addWidget(widget)
        row.addWidget(self.usual_button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(row)
        column.addWidget(self.about)
        column.addWidget(self.estimate_words)

    def _choose(self) -> None:
        self._touched = True
        self._drop_estimate()
        self._show_chosen()

    def _drop_estimate(self) -> None:
        """It was of another recipe, or of other pairs."""
        self._say("")
        if (running := self._watch.current) is not None:
            self._watch.cancel(running.id)

    def _show_chosen(self) -> None:
        recipe = self.chosen
        self.choice.setToolTip(recipe.name)
        self.about.setText(recipe.about)
        self.about.setVisible(bool(recipe.about))
        self.usual_button.setVisible(self._settings is not None and recipe.name != self._usual)

    def _show_settings(self, settings: Settings) -> None:
        self._settings = settings
        if not self._touched:
            place = self.choice.findText(settings.recipe)
            if place >= 0:
                self.choice.setCurrentIndex(place)
        self._show_chosen()

    def _make_usual(self) -> None:
        make_usual(self._engine, self.chosen.name, self._show_settings, None, owner=self)

    def _take_saved(self, recipes: tuple[Recipe, ...], name: str) -> None:
        self.show_recipes(recipes)
        place = self.choice.findText(name)
        if place >= 0:
            self.choice.setCurrentIndex(place)
        self._choose()

    def _show_estimating(self) -> None:
        running = self._watch.current is not None
        self.estimate_button.setEnabled(True)
        self.estimate_button.setText("Stop estimating" if running else "Estimate")

    def _tell_estimate(self, _: JobInfo, end: JobEvent) -> None:
        self._show_estimating()
        match end:
            case Finished(result=EstimateReport() as report):
                self._say(estimate_in_words(report.estimate))
            case Failed():
                self._say(f"{end.title}. {end.message} {end.hint}".strip())
            case _:
                self._say("")

    def _say(self, words: str) -> None:
        self.estimate_words.setText(words)
        self.estimate_words.setVisible(bool(words))

    def _refuse(self, error: EngineError) -> None:
        self._show_estimating()
        if not isinstance(error, EngineGone):
            show_error(error, self)
