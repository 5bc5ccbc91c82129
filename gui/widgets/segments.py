"""Buttons side by side of which exactly one is on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from gui.theme import set_role


class Segments(QFrame):
    """A switch with a word for each choice."""

    chosen = Signal(int)
    """The user chose; the number of the choice, from 0."""

    def __init__(
        self, choices: Sequence[tuple[str, str]], name: str, parent: QWidget | None = None
    ) -> None:
        """Offer choices, each a word and its tooltip; `name` is for screen readers."""
        super().__init__(parent)
        set_role(self, "segments")
        self.setAccessibleName(name)
        self._tooltips = [tooltip for _, tooltip in choices]
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for number, (words, tooltip) in enumerate(choices):
            button = QPushButton(words)
            button.setCheckable(True)
            button.setToolTip(tooltip)
            button.setAccessibleName(f"{name}: {words}")
            set_role(button, "segment")
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self.chosen)

    @property
    def number(self) -> int:
        """Which one is on, from 0."""
        return self._group.checkedId()

    @property
    def button(self) -> QAbstractButton:
        """The button that is on."""
        return self._group.button(self.number)

    def show_chosen(self, number: int) -> None:
        """Turn one on; says nothing of it."""
        self._group.button(number).setChecked(True)

    def offer(self, why_not: str = "") -> None:
        """Let the user choose, or say why there is nothing to choose."""
        for button, tooltip in zip(self._group.buttons(), self._tooltips, strict=True):
            button.setEnabled(not why_not)
            button.setToolTip(why_not or tooltip)
