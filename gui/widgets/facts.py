"""Facts below each other: what each is called, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from gui.theme import Space
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.wrapped_label import wrapped_label

_NAME_WIDTH = 170
_LONG_WORD = 32


@dataclass(frozen=True, slots=True)
class Fact:
    """One of them."""

    name: str
    words: str
    tooltip: str = ""


class Facts(QWidget):
    """A row for each; hidden where there is none."""

    def __init__(self, facts: Iterable[Fact] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.show_facts(facts)

    @property
    def words(self) -> str:
        """What is shown, a line a fact."""
        return "\n".join(f"{fact.name}: {fact.words}" for fact in self._facts)

    def show_facts(self, facts: Iterable[Fact]) -> None:
        """Show these in place of those before."""
        self._facts = tuple(facts)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        top = Qt.AlignmentFlag.AlignTop
        for row, fact in enumerate(self._facts):
            name, words = wrapped_label("muted"), _label(fact)
            name.setFixedWidth(_NAME_WIDTH)
            name.setText(fact.name)
            if fact.tooltip:
                words.setToolTip(fact.tooltip)
            self._grid.addWidget(name, row, 0, top)
            self._grid.addWidget(words, row, 1)
        self.setVisible(bool(self._facts))


def _label(fact: Fact) -> QLabel:
    """Over several lines; on one where a long word, such as a path, could not be broken."""
    label: QLabel
    if any(len(word) > _LONG_WORD for word in fact.words.split()):
        label = ElidedLabel(fact.words, Qt.TextElideMode.ElideMiddle)
        return label
    label = wrapped_label()
    label.setText(fact.words)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
