"""The grid shows any number of pictures, learns of those in sight, and stays where one was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.records import LabelState, Picture, SearchResult, SearchResults
from engine.requests import GetResults, GetThumbnails
from gui.background import Engine
from gui.thumbnails import Thumbnails
from gui.widgets.picture_grid import PictureGrid
from gui.widgets.picture_model import PictureModel
from tests.gui.pages.scripted_client import ScriptedClient

Opened = tuple[PictureGrid, PictureModel, ScriptedClient]
_MANY = 100_000
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


def photo(id_: int) -> SearchResult:
    """A picture as the engine tells of it."""
    path = f"/home/ines/Pictures/IMG_{id_}.jpg"
    picture = Picture(4000, 3000, 1.7e9 - id_ * 3600)
    return SearchResult(
        0, id_, path, f"IMG_{id_}.jpg", "image/jpeg", 1.7e9, 0.0, {}, (), picture=picture
    )


@pytest.fixture
def opened(qtbot: QtBot) -> Callable[..., Opened]:
    """Shows a grid over an engine that knows every picture but 13, and has no thumbnails."""

    def open_over(ids: object = range(_MANY)) -> Opened:
        clients: list[ScriptedClient] = []

        def connect(on_event: object, on_state: object) -> ScriptedClient:
            script = {
                GetResults: lambda asked: tuple(
                    photo(id_) for id_ in asked.document_ids if id_ != 13
                ),
            }
            clients.append(ScriptedClient(script, on_event, on_state))  # type: ignore[arg-type]
            return clients[0]

        engine = Engine(connect)
        model = PictureModel(engine, engine)
        grid = PictureGrid(model, Thumbnails(engine, engine))
        engine.setParent(grid)
        qtbot.addWidget(grid)
        grid.resize(720, 560)
        grid.show()
        model.show_library(ids)  # type: ignore[arg-type]
        grid.start_over()
        return grid, model, clients[0]

    return open_over


def wait_for_heads(grid: PictureGrid, model: PictureModel, qtbot: QtBot) -> None:
    """Until all that is in sight is known."""

    def known() -> bool:
        rows = (row for row in grid.visible_rows() if model.ids[row] != 13)
        return all(model.result(row) is not None for row in rows)

    qtbot.waitUntil(known)


def test_that_only_what_is_in_sight_is_asked_for(
    opened: Callable[..., Opened], qtbot: QtBot
) -> None:
    grid, model, client = opened()
    wait_for_heads(grid, model, qtbot)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    wait_for_heads(grid, model, qtbot)
    assert grid.visible_rows().stop == _MANY
    asked = {id_ for request in client.asked_for(GetResults) for id_ in request.document_ids}
    assert len(asked) < 200
    assert {0, _MANY - 1} <= asked


def test_that_thumbnails_that_have_scrolled_away_are_not_asked_for(
    opened: Callable[..., Opened], qtbot: QtBot
) -> None:
    grid, _, client = opened()
    bar = grid.verticalScrollBar()
    for value in range(0, bar.maximum(), bar.maximum() // 20):
        bar.setValue(value)
        grid.viewport().repaint()
    client.settle()
    asked = {id_ for request in client.asked_for(GetThumbnails) for id_ in request.document_ids}
    assert asked <= {*grid.visible_rows()}


def test_that_what_is_gone_is_not_asked_for_again(
    opened: Callable[..., Opened], qtbot: QtBot
) -> None:
    grid, model, client = opened(range(20))
    wait_for_heads(grid, model, qtbot)
    n_asked = len(client.asked_for(GetResults))
    grid.viewport().repaint()
    qtbot.wait(60)
    assert len(client.asked_for(GetResults)) == n_asked


def test_that_keys_move_by_cells_lines_and_pages(opened: Callable[..., Opened]) -> None:
    grid, _, _ = opened()
    columns = grid.visualRect(grid.model().index(0, 0)).top()
    columns = sum(grid.visualRect(grid.model().index(row, 0)).top() == columns for row in range(20))
    rows = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_PageDown):
        QTest.keyClick(grid, key)
        rows.append(grid.currentIndex().row())
    assert rows[:3] == [1, 1 + columns, columns]
    assert rows[3] % columns == 0
    assert rows[3] > 2 * columns
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.currentIndex().row() == _MANY - 1
    assert grid.visible_rows().stop == _MANY
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == _MANY - 1
    QTest.keyClick(grid, Qt.Key.Key_Home)
    assert grid.verticalScrollBar().value() == 0


def test_that_many_are_selected_by_keys_clicks_and_at_once(opened: Callable[..., Opened]) -> None:
    grid, _, _ = opened(range(100, 1100))
    for _ in range(3):
        QTest.keyClick(grid, Qt.Key.Key_Right, _SHIFT)
    assert list(grid.selected) == [100, 101, 102, 103]

    def click(row: int, held: Qt.KeyboardModifier) -> None:
        place = grid.visualRect(grid.model().index(row, 0)).center()
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, held, place)

    click(1, _CONTROL)
    assert list(grid.selected) == [100, 102, 103]
    click(5, Qt.KeyboardModifier.NoModifier)
    click(7, _SHIFT)
    assert list(grid.selected) == [105, 106, 107]
    QTest.keyClick(grid, Qt.Key.Key_A, _CONTROL)
    assert grid.n_selected == 1000


def test_that_a_rubber_band_selects_what_it_touches(opened: Callable[..., Opened]) -> None:
    grid, model, _ = opened(range(9))
    first, last = (grid.visualRect(model.index(row, 0)) for row in (1, 2))
    begin, end = QPoint(first.left() + 1, 2), last.center()
    QTest.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=begin)
    for place in (first.center(), end):
        QTest.mouseMove(grid.viewport(), place)
    QTest.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert set(grid.selected) == {1, 2}


def test_that_place_and_selection_stay_when_the_library_changes(
    opened: Callable[..., Opened],
) -> None:
    grid, model, _ = opened(range(1000))
    grid.verticalScrollBar().setValue(5000)
    top = grid.visible_rows().start
    shift = grid.visualRect(model.index(top, 0)).top()
    grid.select(top + 5)
    QTest.keyClick(grid, Qt.Key.Key_Right, _SHIFT)
    before = grid.selected, model.ids[grid.currentIndex().row()]
    seen = model.ids[grid.visible_rows().start]
    columns = round(grid.viewport().width() / grid.visualRect(model.index(0, 0)).width())

    model.show_library([*range(2000, 2000 + 4 * columns), *range(1000)])
    assert (grid.selected, model.ids[grid.currentIndex().row()]) == before
    assert model.ids[grid.visible_rows().start] == seen
    assert grid.visualRect(model.index(grid.visible_rows().start, 0)).top() == shift

    model.show_library([id_ for id_ in model.ids if id_ != before[1]])
    assert grid.selected == before[0][:1]


def test_that_the_picture_at_the_top_stays_at_the_top_when_cells_change(
    opened: Callable[..., Opened],
) -> None:
    grid, _, _ = opened()
    grid.verticalScrollBar().setValue(400_000)
    top = grid.visible_rows().start
    grid.resize(420, 560)
    assert top in range(grid.visible_rows().start, grid.visible_rows().start + 8)
    grid.zoom = 0
    assert top in range(grid.visible_rows().start, grid.visible_rows().start + 8)


def test_that_ctrl_with_plus_and_minus_makes_pictures_larger_or_smaller(
    opened: Callable[..., Opened],
) -> None:
    grid, model, _ = opened()
    height = grid.visualRect(model.index(0, 0)).height()
    QTest.keyClick(grid, Qt.Key.Key_Minus, _CONTROL)
    assert grid.visualRect(model.index(0, 0)).height() == height - 32
    for _ in range(9):
        QTest.keyClick(grid, Qt.Key.Key_Plus, _CONTROL)
    assert grid.visualRect(model.index(0, 0)).height() == height + 96


def test_that_keys_judge_open_and_ask_for_more(opened: Callable[..., Opened], qtbot: QtBot) -> None:
    grid, model, _ = opened()
    wait_for_heads(grid, model, qtbot)
    heard: list[object] = []
    grid.graded.connect(heard.append)
    grid.thumbed.connect(lambda result, thumb: heard.append((result.document_id, thumb)))
    for name in ("open_asked", "preview_asked", "like_asked", "describe_asked", "left"):
        getattr(grid, name).connect(lambda name=name: heard.append(name))
    QTest.keyClicks(grid, "30ud")
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_M):
        QTest.keyClick(grid, key)
    QTest.keyClick(grid, Qt.Key.Key_F2)
    QTest.keyClick(grid, Qt.Key.Key_Up)
    asked = ["open_asked", "preview_asked", "like_asked", "describe_asked", "left"]
    assert heard == [3, 0, (0, 1), (0, -1), None, *asked]


def test_that_a_label_shows_on_what_was_found_and_is_kept_when_more_is_learnt(
    opened: Callable[..., Opened], qtbot: QtBot
) -> None:
    grid, model, client = opened()
    found = tuple(replace(photo(id_), rank=id_) for id_ in (5, 3, 8))
    model.show_answer(SearchResults("boats", "hybrid", 1.0, "m", found))
    model.show_label(LabelState("boats", 3, 2, 1, "", ""))
    model.show_label(LabelState("ships", 8, 1, None, "", ""))
    model.forget()
    grid.viewport().repaint()
    n_asked = len(client.asked_for(GetResults))
    qtbot.waitUntil(lambda: len(client.asked_for(GetResults)) > n_asked)
    client.settle()
    shown = [model.result(row) for row in range(3)]
    assert [(one.document_id, one.grade, one.thumb, one.rank) for one in shown if one] == [
        (5, None, None, 5),
        (3, 2, 1, 3),
        (8, None, None, 8),
    ]
    model.show_library(range(9))
    first = model.result(3)
    assert first is not None
    assert (first.grade, first.thumb) == (None, None)


def test_that_it_paints_where_there_is_nothing_and_where_there_is_no_thumbnail(
    opened: Callable[..., Opened], qtbot: QtBot
) -> None:
    grid, model, client = opened(range(3))
    wait_for_heads(grid, model, qtbot)
    waiting = grid.grab().toImage()
    client.script[GetThumbnails] = lambda asked: (b"",) * len(asked.document_ids)
    client.become("ready", None)
    client.settle()
    qtbot.waitUntil(lambda: grid.grab().toImage() != waiting)  # an icon stands for each
    model.show_library(())
    assert isinstance(grid.grab().toImage(), QImage)
    assert not grid.visible_rows()
