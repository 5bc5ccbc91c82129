"""Rows of a table around the one that was found, which is spelled out above them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.table_rows import TableRows
from gui.theme import set_role

_WIDEST = 220
"""Pixels that a column takes without being asked."""
_READ_ACROSS = 4
"""Columns up to which a row is read in the table itself."""
_LONG_CELL = 60
"""Characters from which it is not."""


class RowsView(QSplitter):
    """A record (name and value a line) over a table; the record only where rows are wide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.record = _table("The row that was found")
        self.record.setColumnCount(2)
        self.record.horizontalHeader().hide()
        self.record.verticalHeader().hide()
        self.record.setWordWrap(True)
        self.record.horizontalHeader().setStretchLastSection(True)
        self.table = _table("The rows around it")
        self.addWidget(self.record)
        self.addWidget(self.table)
        self.setChildrenCollapsible(False)

    def show_rows(self, shown: TableRows) -> None:
        """Show rows, with the one that was found in sight."""
        n_columns = max(len(row) for row in shown.rows)
        headings = [*shown.headings, *([""] * (n_columns - len(shown.headings)))]
        self._fill_record(headings, shown.rows[shown.hit])
        self._fill_table(headings, shown)

    def _fill_record(self, headings: list[str], row: tuple[str, ...]) -> None:
        is_long = any(len(cell) > _LONG_CELL for cell in row)
        self.record.setVisible(is_long or len(headings) > _READ_ACROSS)
        cells = [(name, cell) for name, cell in zip(headings, row, strict=False) if cell]
        self.record.setRowCount(len(cells))
        for number, (name, cell) in enumerate(cells):
            self.record.setItem(number, 0, _item(name, bold=True))
            self.record.setItem(number, 1, QTableWidgetItem(cell))
        self.record.resizeColumnToContents(0)
        self.record.setColumnWidth(0, min(self.record.columnWidth(0), _WIDEST))
        self.record.resizeRowsToContents()

    def _fill_table(self, headings: list[str], shown: TableRows) -> None:
        self.table.clear()
        self.table.setColumnCount(len(headings))
        self.table.setRowCount(len(shown.rows))
        self.table.setHorizontalHeaderLabels(headings)
        self.table.horizontalHeader().setVisible(any(headings))
        last = shown.first + len(shown.rows)
        self.table.setVerticalHeaderLabels([str(n) for n in range(shown.first, last)])
        for number, row in enumerate(shown.rows):
            for column, cell in enumerate(row):
                self.table.setItem(number, column, _item(cell, bold=number == shown.hit))
        self.table.resizeColumnsToContents()
        for column in range(len(headings)):
            self.table.setColumnWidth(column, min(self.table.columnWidth(column), _WIDEST))
        self.table.selectRow(shown.hit)
        middle = QAbstractItemView.ScrollHint.PositionAtCenter
        self.table.scrollTo(self.table.model().index(shown.hit, 0), middle)


def _table(name: str) -> QTableWidget:
    table = QTableWidget()
    set_role(table, "document")
    table.setAccessibleName(name)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    return table


def _item(text: str, *, bold: bool = False) -> QTableWidgetItem:
    item = QTableWidgetItem(" ".join(text.split()))
    item.setToolTip(text)
    if bold:
        font = QFont()
        font.setWeight(QFont.Weight.DemiBold)
        item.setFont(font)
    return item
