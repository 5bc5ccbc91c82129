"""Cells share the width, and their places follow from their numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect

from gui.widgets.cell_layout import CellLayout

_LAYOUTS = st.builds(
    CellLayout,
    st.integers(0, 500),
    st.integers(1, 2000),
    st.integers(20, 300),
    st.integers(20, 300),
    st.integers(0, 20),
)


@given(_LAYOUTS)
def test_that_a_cell_is_found_at_its_own_middle(layout: CellLayout) -> None:
    for cell in range(0, layout.n_cells, 7):
        assert layout.cell_at(layout.box(cell).center()) == cell


@given(_LAYOUTS, st.integers(0, 20_000), st.integers(1, 2000))
def test_that_the_cells_between_two_heights_are_those_that_can_be_seen(
    layout: CellLayout, top: int, height: int
) -> None:
    band = QRect(-10_000, top, 30_000, height)
    seen = [cell for cell in range(layout.n_cells) if layout.box(cell).intersects(band)]
    assert list(layout.between(top, top + height)) == seen


@given(_LAYOUTS)
def test_that_all_cells_fit_into_the_height(layout: CellLayout) -> None:
    bottom = layout.box(layout.n_cells - 1).bottom() + 1 if layout.n_cells else layout.margin
    assert layout.height == bottom + layout.margin


@pytest.mark.parametrize(
    ("rect", "expected"),
    [
        (QRect(0, 0, 5, 5), []),
        (QRect(15, 15, 1, 1), [0]),
        (QRect(15, 15, 120, 1), [0, 1]),
        (QRect(120, 50, 200, 200), [1, 2, 4]),
    ],
)
def test_that_a_rectangle_touches_what_it_overlaps(rect: QRect, expected: list[int]) -> None:
    layout = CellLayout(5, 320, 100, 100, 10)
    assert layout.touched(rect) == expected


def test_that_there_is_nothing_beside_the_last_cell() -> None:
    layout = CellLayout(4, 320, 100, 100, 10)
    assert layout.cell_at(QPoint(150, 150)) == -1
    assert layout.cell_at(QPoint(50, 150)) == 3
