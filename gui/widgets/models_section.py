"""The models of one kind: a heading, a card each, and the way back to the one before."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.records import ModelInfo, ModelKind
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.card import explanation
from gui.widgets.model_card import ModelCard


class ModelsSection(QWidget):
    """Cards of the models of a kind, the one in use first."""

    asked_to_activate = Signal(str)
    asked_to_try = Signal(object)
    """A `ModelInfo`."""
    asked_to_remove = Signal(object)
    """A `ModelInfo`."""
    asked_for_details = Signal(object)
    """A `ModelInfo`."""
    asked_to_roll_back = Signal()

    def __init__(
        self, kind: ModelKind, heading: str, words: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self.cards: list[ModelCard] = []
        self._shown: tuple[object, ...] = ()
        self.roll_back_button = QPushButton(icon("undo"), "Roll back")
        self.roll_back_button.setAccessibleName(f"Roll back the model for {heading.lower()}")
        self.roll_back_button.setEnabled(False)
        self.roll_back_button.clicked.connect(self.asked_to_roll_back)
        title = QLabel(heading)
        set_role(title, "title")
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(title)
        titles.addWidget(explanation(words))
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(Space.S)
        self.buttons.addWidget(self.roll_back_button, 0, Qt.AlignmentFlag.AlignBottom)
        top = QHBoxLayout()
        top.setSpacing(Space.M)
        top.addLayout(titles, 1)
        top.addLayout(self.buttons)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)
        self._column.addLayout(top)

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """What is shown, in its order."""
        return tuple(card.model for card in self.cards)

    @property
    def active(self) -> ModelInfo | None:
        """The model in use."""
        return next((model for model in self.models if model.active), None)

    def show_models(self, models: tuple[ModelInfo, ...], total: int, *, busy: bool) -> None:
        """Show those of its kind; `total` is how many there are to encode.

        Nothing can be changed while it is `busy`: while a model of either kind is put to work.
        """
        mine = tuple(model for model in models if model.kind == self.kind)
        self._offer_roll_back(mine, busy=busy)
        to_show = (tuple(replace(model, encoded=0) for model in mine), busy)
        if to_show == self._shown:  # the cards stay, and keep the keyboard's focus
            encoded = {model.id: model.encoded for model in mine}
            for card in self.cards:
                card.show_encoded(encoded[card.model.id], total)
            return
        self._shown = to_show
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards.clear()
        names = {model.id: model.name for model in mine}
        bases = {model.base for model in mine}
        for model in sorted(mine, key=lambda m: (not m.active, -m.created_at)):
            parent_name = names.get(model.base or "", model.base or "")
            card = ModelCard(model, parent_name, total, busy=busy, is_base=model.id in bases)
            card.asked_to_activate.connect(self.asked_to_activate)
            card.asked_to_try.connect(self.asked_to_try)
            card.asked_to_remove.connect(self.asked_to_remove)
            card.asked_for_details.connect(self.asked_for_details)
            self._column.addWidget(card)
            self.cards.append(card)

    def _offer_roll_back(self, models: tuple[ModelInfo, ...], *, busy: bool) -> None:
        previous = next((model for model in models if model.previous), None)
        self.roll_back_button.setEnabled(previous is not None and not busy)
        self.roll_back_button.setToolTip(
            f"Return to “{previous.name}” at once"
            if previous
            else "No other model was in use before this one"
        )
