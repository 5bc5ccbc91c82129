"""Where cells of one size stand in a grid: what follows from a cell's number, without a list."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect


@dataclass(frozen=True, slots=True)
class CellLayout:
    """As many columns as fit, which share the width; all places are in the whole grid."""

    n_cells: int
    width: int
    """Of the grid, in pixels, as what follows."""
    cell_width: int
    """The least that a cell needs."""
    cell_height: int
    margin: int

    @property
    def _room(self) -> int:
        return max(1, self.width - 2 * self.margin)

    @property
    def columns(self) -> int:
        """Cells side by side."""
        return max(1, self._room // self.cell_width)

    @property
    def height(self) -> int:
        """Of the whole grid."""
        return -(-self.n_cells // self.columns) * self.cell_height + 2 * self.margin

    def box(self, cell: int) -> QRect:
        """Where a cell stands."""
        line, column = divmod(cell, self.columns)
        left = self.margin + column * self._room // self.columns
        right = self.margin + (column + 1) * self._room // self.columns
        top = self.margin + line * self.cell_height
        return QRect(left, top, right - left, self.cell_height)

    def cell_at(self, place: QPoint) -> int:
        """The cell at a place, or -1."""
        line = (place.y() - self.margin) // self.cell_height
        for cell in range(
            max(0, line * self.columns), min((line + 1) * self.columns, self.n_cells)
        ):
            if self.box(cell).contains(place):
                return cell
        return -1

    def between(self, top: int, bottom: int) -> range:
        """The cells of the lines that lie, also in part, between two heights."""
        first = max(0, (top - self.margin) // self.cell_height) * self.columns
        end = (max(-1, (bottom - self.margin - 1) // self.cell_height) + 1) * self.columns
        return range(min(first, self.n_cells), min(end, self.n_cells))

    def touched(self, rect: QRect) -> list[int]:
        """The cells that a rectangle touches."""
        rows = self.between(rect.top(), rect.bottom() + 1)
        columns = range(min(self.columns, self.n_cells))
        inside = {
            column
            for column in columns
            if self.box(column).left() <= rect.right() and rect.left() <= self.box(column).right()
        }
        return [cell for cell in rows if cell % self.columns in inside]
