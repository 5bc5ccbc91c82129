"""The table of training pairs, worked through by keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.training.pair_model import DATE, ORIGIN, PASSAGE, PROBLEM, QUERY, WEIGHT, PairModel

_ROW_HEIGHT = 32
_WIDTHS = {ORIGIN: 114, WEIGHT: 74, DATE: 92, PROBLEM: 118}
_LEAST = {DATE: 700, ORIGIN: 600}
"""Pixels below which a column gives way; the details tell what it told."""


class PairTable(QTableView):
    """Space or Delete excludes what is selected, or takes it in again; Enter opens its document."""

    current_changed = Signal()
    toggled = Signal()
    """Exclude what is selected, or take it in again."""
    open_asked = Signal()

    def __init__(self, model: PairModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pairs = model
        self.setModel(model)
        self.setAccessibleName("Training pairs")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(60)
        for column in (QUERY, PASSAGE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        self.selectionModel().currentRowChanged.connect(lambda *_: self.current_changed.emit())
        self.doubleClicked.connect(lambda _: self.open_asked.emit())

    @property
    def rows(self) -> list[int]:
        """The rows that are selected, from the top."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is done with the pairs that are selected."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        match event.key():
            case Qt.Key.Key_Space | Qt.Key.Key_Delete if plain:
                self.toggled.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if plain:
                self.open_asked.emit()
            case Qt.Key.Key_Slash if plain:
                event.ignore()  # the view goes to its filter
            case _:
                super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        """Give query and passage the room where there is little."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        for column, least in _LEAST.items():
            self.setColumnHidden(column, self.width() < least)
