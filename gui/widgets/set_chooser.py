"""Chooses the evaluation set that grades of search results go into."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.evaluation_records import JUDGMENTS
from gui.widgets.evalset_coverage import set_in_words

_NAME_WIDTH = 150


class SetChooser(QToolButton):
    """A button that names the set; hidden while there is none but the user's own judgments."""

    chosen = Signal()
    """Another set was chosen, or the one that was chosen is gone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._wanted = JUDGMENTS
        """What the user chose; it may not be there yet, or not any more."""
        self.setMenu(QMenu(self))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._group = QActionGroup(self)
        self._show()
        self.hide()

    @property
    def name(self) -> str:
        """The set that is chosen, among those there are."""
        return self._wanted if self._wanted in self._names else JUDGMENTS

    @property
    def evalset(self) -> str | None:
        """The set as requests name it: None is the user's own judgments."""
        return None if self.name == JUDGMENTS else self.name

    @property
    def wanted(self) -> str:
        """What the user chose."""
        return self._wanted

    def want(self, name: str) -> None:
        """Choose a set, as soon as it is there."""
        self._change(self._names, name)

    def show_sets(self, names: Sequence[str]) -> None:
        """Offer these sets."""
        self._change(tuple(dict.fromkeys((JUDGMENTS, *names))), self._wanted)

    def _change(self, names: tuple[str, ...], wanted: str) -> None:
        before = self.name
        self._names, self._wanted = names, wanted
        self._show()
        self.setVisible(len(names) > 1)
        if self.name != before:
            self.chosen.emit()

    def _show(self) -> None:
        menu = self.menu()
        menu.clear()
        for name in self._names:
            action = QAction(set_in_words(name), self._group)
            action.setCheckable(True)
            action.setChecked(name == self.name)
            action.triggered.connect(lambda _=False, name=name: self.want(name))
            menu.addAction(action)
        shown = set_in_words(self.name)
        elided = self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)
        self.setText(f"in {elided} ▾")
        words = f"Grades go into “{shown}”; press to choose another set"
        self.setToolTip(words)
        self.setAccessibleName(words)
