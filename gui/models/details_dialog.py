"""All that is known of a model for texts, with its name and notes to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.recipe import Recipe
from engine.records import ModelInfo
from engine.settings import Settings
from engine.training_records import ModelDetails
from engine.training_requests import GetModelDetails, ListRecipes, SaveRecipe, WriteModelNotes
from gui.background import Engine
from gui.models.measures_table import MeasuresTable
from gui.models.model_facts import cost_facts, origin_facts
from gui.models.series_curves import SeriesCurves
from gui.theme import Space, set_role
from gui.training.recipe_facts import recipe_in_facts
from gui.usual_recipe import make_usual
from gui.widgets.card import Card, explanation
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.facts import Facts
from gui.widgets.gate_checks import GateChecks
from gui.widgets.notice import Notice
from gui.widgets.pill import Pill
from gui.widgets.scrolled_column import scrolled_column
from gui.widgets.verdict_card import figures_in_words, sureness_in_words

_WIDTH, _HEIGHT = 880, 640
_LONGEST_NAME = 100
_LONGEST_RECIPE = 60


class DetailsDialog(QDialog):
    """Cards about one model, over what can be done with it; opened by `open`."""

    changed = Signal()
    """The name or the notes were."""
    export_asked = Signal(object)
    """The ModelInfo."""
    compare_asked = Signal(object)
    """The ModelInfo."""
    overrule_asked = Signal(object)
    """The ModelInfo, which the gate refused."""

    def __init__(
        self,
        engine: Engine,
        model: ModelInfo,
        names: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """`names` are those of all models, by their ids."""
        super().__init__(parent)
        self._engine, self._model, self._names = engine, model, names
        self.setWindowTitle("Model")
        self.resize(_WIDTH, _HEIGHT)
        self.finished.connect(self.deleteLater)
        self.notice = Notice()
        self.name, self.notes = QLineEdit(model.name), QPlainTextEdit()
        self.save_button = QPushButton("Save")
        self.origin, self.cost, self.recipe = Facts(), Facts(), Facts()
        self.recipe_button = QPushButton("Use this recipe")
        self.curves = SeriesCurves()
        self.measures: MeasuresTable | None = None
        self.checks = GateChecks()
        self._said = "", ""
        self._cards = QVBoxLayout()
        self._build()
        engine.ask(GetModelDetails(model.id), self._show, self._refuse, owner=self)

    def save(self) -> None:
        """Keep the name and the notes."""
        self.save_button.setEnabled(False)
        name, notes = self._written
        request = WriteModelNotes(self._model.id, notes, name)
        self._engine.ask(request, self._saved, self._refuse, owner=self)

    def use_recipe(self, recipe: Recipe) -> None:
        """Tune with this model's recipe from now on; it is kept where it is not among them."""
        self._engine.ask(
            ListRecipes(), partial(self._keep_recipe, recipe), self._refuse, owner=self
        )

    def done(self, result: int) -> None:
        """Close; what was written and not saved is saved."""
        if self.save_button.isEnabled():
            name, notes = self._written
            request = WriteModelNotes(self._model.id, notes, name)
            self._engine.ask(request, lambda _: None, owner=self.parentWidget())
        super().done(result)

    @property
    def _written(self) -> tuple[str, str]:
        return self.name.text().strip(), self.notes.toPlainText().strip()

    def _build(self) -> None:
        title = ElidedLabel(self._model.name)
        set_role(title, "title")
        self._title = title
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(title, 1)
        if self._model.adapter:
            top.addWidget(Pill("Adapter", "notice", "It turns queries only; in force at once"))
        if self._model.overruled:
            top.addWidget(Pill("Overruled", "warning", self._model.overruled))
        if self._model.active:
            top.addWidget(Pill("In use", "good"))
        self._loading = explanation("Loading…")
        inside = QWidget()
        inside.setLayout(self._cards)
        self._cards.setContentsMargins(0, 0, Space.S, 0)
        self._cards.setSpacing(Space.M)
        self._cards.addWidget(self._loading)
        self._cards.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(top)
        column.addWidget(self.notice)
        column.addWidget(scrolled_column(inside, _WIDTH * 2), 1)
        column.addLayout(self._build_buttons())

    def _build_buttons(self) -> QHBoxLayout:
        self.compare_button = QPushButton("Compare…")
        self.compare_button.setToolTip("Show it beside another model")
        self.compare_button.setEnabled(len(self._names) > 1)
        self.export_button = QPushButton("Export…")
        if self._model.adapter:
            self.export_button.setEnabled(False)
            self.export_button.setToolTip("An adapter has no weights of its own")
        else:
            self.export_button.setToolTip("Write it to a folder, for other programs")
        self.overrule_button = QPushButton("Use it anyway…")
        self.overrule_button.setToolTip("Put it to work in spite of the gate, for a reason")
        gate = self._model.gate
        refused = gate is not None and not gate.accepted and not self._model.overruled
        self.overrule_button.setVisible(refused and not self._model.active)
        close = QPushButton("Close")
        for button, signal in (
            (self.compare_button, self.compare_asked),
            (self.export_button, self.export_asked),
            (self.overrule_button, self.overrule_asked),
        ):
            button.clicked.connect(self.accept)
            button.clicked.connect(partial(signal.emit, self._model))
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for button in (self.compare_button, self.export_button, self.overrule_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch()
        row.addWidget(close)
        return row

    def _show(self, details: ModelDetails) -> None:
        self._loading.hide()
        self._take_said(details)
        self.origin.show_facts(origin_facts(details, self._names))
        self.cost.show_facts(cost_facts(details))
        self.measures = MeasuresTable(details.measured)
        cards = [self._names_card(), _card("How it came about", self.origin)]
        record, gate = details.record, details.info.gate
        if gate is not None:
            verdict = explanation(f"{figures_in_words(gate)}. {sureness_in_words(gate)}.")
            reason = QLabel(gate.reason)
            reason.setWordWrap(True)
            self.checks.show_checks(gate.checks)
            heading = "The gate let it pass" if gate.accepted else "The gate refused it"
            cards.append(_card(heading, reason, verdict, self.checks))
        cards.append(_card("What it reached", self.measures))
        cards.append(_card("Size and speed", self.cost))
        if record is not None and record.recipe is not None:
            self.recipe.show_facts(recipe_in_facts(record.recipe))
            card = _card("Recipe", self.recipe)
            self.recipe_button.setToolTip("One click tunes with it from now on")
            self.recipe_button.setAutoDefault(False)
            self.recipe_button.clicked.connect(partial(self.use_recipe, record.recipe))
            card.buttons.addWidget(self.recipe_button)
            cards.append(card)
        for number, card in enumerate(cards):
            self._cards.insertWidget(number, card)
        if record is not None:
            self.curves.show_points(record.curves)
            self._cards.insertWidget(len(cards), self.curves)

    def _names_card(self) -> Card:
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setAccessibleName("Name")
        self.notes.setAccessibleName("Notes")
        self.notes.setPlaceholderText("Notes: what it is for, what you tried")
        self.notes.setFixedHeight(72)
        self.notes.setTabChangesFocus(True)
        self.save_button.setEnabled(False)
        self.save_button.setAutoDefault(False)
        self.name.textChanged.connect(self._enable)
        self.notes.textChanged.connect(self._enable)
        self.save_button.clicked.connect(self.save)
        card = _card("Name and notes", self.name, self.notes)
        card.buttons.addWidget(self.save_button)
        return card

    def _take_said(self, details: ModelDetails) -> None:
        self._said = details.info.name, details.notes
        self._title.setText(details.info.name)
        self.name.setText(details.info.name)
        self.notes.setPlainText(details.notes)

    def _enable(self) -> None:
        self.save_button.setEnabled(bool(self._written[0]) and self._written != self._said)

    def _saved(self, details: ModelDetails) -> None:
        self._take_said(details)
        self._enable()
        self.changed.emit()

    def _keep_recipe(self, recipe: Recipe, kept: tuple[Recipe, ...]) -> None:
        known = next((one for one in kept if _same(one, recipe)), None)
        if known is not None:
            self._make_usual(known.name)
            return
        taken = {one.name.casefold() for one in kept}
        named = msgspec.structs.replace(recipe, name=_free_name(recipe.name, taken))
        self._engine.ask(
            SaveRecipe(named), lambda _: self._make_usual(named.name), self._refuse, owner=self
        )

    def _make_usual(self, name: str) -> None:
        def told(_: Settings) -> None:
            words = "It can be looked at, changed and estimated on the training page."
            self.notice.say("good", f"One click tunes with “{name}” from now on", words)

        make_usual(self._engine, name, told, self._refuse, owner=self)

    def _refuse(self, error: EngineError) -> None:
        self._loading.hide()
        self.notice.say_failure(error)
        self._enable()


def _card(heading: str, *inside: QWidget) -> Card:
    card = Card(heading)
    for widget in inside:
        card.body.addWidget(widget)
    return card


def _same(one: Recipe, other: Recipe) -> bool:
    """Whether two recipes do the same, whatever they are called."""
    return msgspec.structs.replace(one, name=other.name, about=other.about) == other


def _free_name(name: str, taken: set[str]) -> str:
    """A name that no recipe has: `Balanced`, `Balanced 2`."""
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        ending = f" {number}"
        free = f"{name[: _LONGEST_RECIPE - len(ending)]}{ending}"
    return free
