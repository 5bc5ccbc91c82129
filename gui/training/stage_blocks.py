"""The stages of a recipe, one block each, to be added, removed and put in order."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.recipe import Stage
from gui.icons import icon
from gui.theme import Space, set_role
from gui.training.struct_form import StructForm
from gui.widgets.card import Card, explanation

_MOST = 5


class StageBlocks(QWidget):
    """At least one stage and at most five; what is first is trained first."""

    changed = Signal()

    def __init__(self, stages: tuple[Stage, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks: list[_Block] = []
        self.add_button = QPushButton(icon("add"), "Add a stage")
        self.add_button.clicked.connect(lambda: self._add(Stage()))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)
        heading = QLabel("Stages")
        set_role(heading, "heading")
        self._column.addWidget(heading)
        self._column.addWidget(
            explanation("Trained one after the other: weak labels first, what people judged last.")
        )
        row = QHBoxLayout()
        row.addWidget(self.add_button)
        row.addStretch()
        self._column.addLayout(row)
        self.show_stages(stages)

    @property
    def forms(self) -> list[StructForm]:
        """The form of each stage, in order."""
        return [block.form for block in self._blocks]

    @property
    def unsound(self) -> list[str]:
        """The titles of the fields whose values are not allowed."""
        return [title for form in self.forms for title in form.unsound]

    @property
    def values(self) -> list[dict[str, object]]:
        """What is entered; raises ValueError where something is not allowed."""
        return [form.values for form in self.forms]

    def show_stages(self, stages: tuple[Stage, ...]) -> None:
        """Show these stages in place of those before."""
        while self._blocks:
            self._take_out(self._blocks[-1])
        for stage in stages:
            self._add(stage)

    def shift(self, number: int, by: int) -> None:
        """Put a stage, by its number from 0, before or behind its neighbour."""
        to = number + by
        if not 0 <= to < len(self._blocks):
            return
        block = self._blocks.pop(number)
        self._blocks.insert(to, block)
        self._column.removeWidget(block)
        self._column.insertWidget(2 + to, block)
        self._tell()

    def remove(self, number: int) -> None:
        """Take a stage out."""
        self._take_out(self._blocks[number])
        self._tell()

    def _add(self, stage: Stage) -> None:
        block = _Block(stage)
        block.form.changed.connect(self.changed)
        block.up.clicked.connect(lambda: self.shift(self._blocks.index(block), -1))
        block.down.clicked.connect(lambda: self.shift(self._blocks.index(block), 1))
        block.remove.clicked.connect(lambda: self.remove(self._blocks.index(block)))
        self._column.insertWidget(2 + len(self._blocks), block)
        self._blocks.append(block)
        self._tell()

    def _take_out(self, block: _Block) -> None:
        self._blocks.remove(block)
        self._column.removeWidget(block)
        block.hide()
        block.deleteLater()

    def _tell(self) -> None:
        last = len(self._blocks) - 1
        for number, block in enumerate(self._blocks):
            block.heading.setText(f"Stage {number + 1}" if last else "The only stage")
            block.up.setEnabled(number > 0)
            block.down.setEnabled(number < last)
            block.remove.setEnabled(last > 0)
        self.add_button.setEnabled(len(self._blocks) < _MOST)
        self.add_button.setToolTip("" if len(self._blocks) < _MOST else "Five stages at most")
        self.changed.emit()


class _Block(Card):
    """One stage."""

    def __init__(self, stage: Stage) -> None:
        super().__init__("Stage")
        self.form = StructForm(stage)
        self.up = self._tool("chevron-up", "Earlier")
        self.down = self._tool("chevron-down", "Later")
        self.remove = self._tool("remove", "Remove this stage")
        self.body.addWidget(self.form)

    def _tool(self, icon_name: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name))
        button.setToolTip(words)
        button.setAccessibleName(words)
        self.buttons.addWidget(button)
        return button
