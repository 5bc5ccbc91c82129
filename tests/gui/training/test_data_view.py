from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import NotEnoughData
from engine.events import Changed
from engine.training_records import PairFilter, PairPage
from engine.training_requests import (
    ExcludePairs,
    ExportPairs,
    GetTrainingOverview,
    ListPairs,
)
from gui.pages.training import DATA as DATA_VIEW
from gui.pages.training import MORE, TrainingPage
from gui.training.data_view import DataView
from gui.training.pair_model import ORIGIN, PAGE, PROBLEM, QUERY
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.scripted_client import ScriptedClient
from tests.gui.training.data_samples import (
    CONFLICT,
    DATA,
    EMPTY_OVERVIEW,
    GONE,
    JUDGED,
    LONG,
    MADE,
    N_PAIRS,
    OVERVIEW,
    PATH,
)
from tests.gui.training.tune_samples import SCRIPT

NOTHING = {GetTrainingOverview: EMPTY_OVERVIEW, ListPairs: PairPage((), 0, 0)}


def _open(open_page: OpenPage) -> tuple[DataView, ScriptedClient]:
    view, client = open_page(DataView, SCRIPT | DATA)
    view.load()
    client.settle()
    return view, client


def _cell(view: DataView, row: int, column: int) -> str:
    return str(view.model.index(row, column).data())


def _chip(view: DataView, words: str) -> QPushButton:
    chips = view.overview.findChildren(QPushButton)
    return next(chip for chip in chips if words in chip.text())


def _ids(client: ScriptedClient) -> list[tuple[tuple[str, ...], bool]]:
    return [(asked.pairs, asked.excluded) for asked in client.asked_for(ExcludePairs)]


def test_that_the_overview_tells_how_good_the_data_are_and_what_is_missing(
    open_page: OpenPage,
) -> None:
    view, _ = _open(open_page)
    assert view.overview.ring.score == 62
    words = view.overview.words
    assert "1,005 pairs of 903 queries would be learnt" in words
    assert all(missing in words for missing in OVERVIEW.missing)
    assert "Judged  ·  131 pairs  ·  62 queries  ·  weight 131" in words
    assert "Made: by a language model  ·  812 pairs" in words
    assert "14 said before" in words
    assert "1 excluded" in words


def test_that_until_the_overview_is_there_it_says_that_it_looks(open_page: OpenPage) -> None:
    view, client = open_page(DataView, SCRIPT)
    view.load()
    client.settle()
    assert "Looking at the pairs" in view.overview.words
    assert not view.overview.export_button.isEnabled()


def test_that_pairs_are_listed_with_what_is_wrong_with_them(open_page: OpenPage) -> None:
    view, _ = _open(open_page)
    assert view.model.rowCount() == N_PAIRS
    assert [_cell(view, row, QUERY) for row in (0, 1, 3)] == [
        JUDGED.query,
        CONFLICT.query,
        GONE.query,
    ]
    assert [_cell(view, row, PROBLEM) for row in range(4)] == [
        "",
        "Contradicted",
        "Excluded",
        "Document gone",
    ]
    assert _cell(view, 2, ORIGIN) == "Made: model"


def test_that_the_pair_at_hand_is_shown_in_full(open_page: OpenPage) -> None:
    view, _ = _open(open_page)
    words = view.details.words
    for said in (JUDGED.query, JUDGED.positive, PATH, JUDGED.negatives[1].text, "Grade 3"):
        assert said in words
    assert view.details.open_button.isEnabled()
    view.table.selectRow(1)
    assert CONFLICT.problem in view.details.words
    assert "Nothing yet" in view.details.words
    view.table.selectRow(3)
    assert "Its document has left the library" in view.details.words
    assert not view.details.open_button.isEnabled()


def test_that_space_excludes_and_the_link_takes_it_back(open_page: OpenPage) -> None:
    view, client = _open(open_page)
    view.table.selectRow(0)
    QTest.keyClick(view.table, Qt.Key.Key_Space)
    client.settle()
    assert _ids(client) == [((JUDGED.id,), True)]
    assert view.undo_button.isVisibleTo(view)
    view.undo_button.click()
    client.settle()
    assert _ids(client)[-1] == ((JUDGED.id,), False)
    assert not view.undo_button.isVisibleTo(view)


def test_that_several_are_excluded_at_once_also_those_not_seen_yet(open_page: OpenPage) -> None:
    view, client = _open(open_page)
    view.table.selectAll()
    assert view.details.toggle_button.text() == "Exclude 5,000"
    QTest.keyClick(view.table, Qt.Key.Key_Delete)
    client.settle()
    ((ids, excluded),) = _ids(client)
    assert excluded
    assert len(ids) == N_PAIRS - 1
    assert MADE.id not in ids  # it is excluded already


def test_that_what_is_excluded_is_taken_in_again(open_page: OpenPage) -> None:
    view, client = _open(open_page)
    view.table.selectRow(2)
    assert view.details.toggle_button.text() == "Include"
    view.details.toggle_button.click()
    client.settle()
    assert _ids(client) == [((MADE.id,), False)]


def test_that_a_refused_exclusion_is_told(open_page: OpenPage) -> None:
    view, client = _open(open_page)
    client.script[ExcludePairs] = NotEnoughData("Not now", "The disk is full.", "")
    view.toggle_excluded()
    client.settle()
    assert "The disk is full." in view.notice.words


def test_that_chips_and_topics_filter_the_table(open_page: OpenPage) -> None:
    view, client = _open(open_page)
    _chip(view, "said before").click()
    client.settle()
    assert client.asked_for(ListPairs)[-1].filter == PairFilter(problems=("duplicate",))
    _chip(view, "Opened").click()
    client.settle()
    assert client.asked_for(ListPairs)[-1].filter == PairFilter(origins=("open",))
    _chip(view, "1 excluded").click()
    client.settle()
    assert client.asked_for(ListPairs)[-1].filter == PairFilter(excluded=True)
    view.filters.clear()
    view.topics.rows[2].click()
    client.settle()
    assert client.asked_for(ListPairs)[-1].filter == PairFilter(topic=2)
    view.topics.rows[2].click()
    client.settle()
    assert client.asked_for(ListPairs)[-1].filter == PairFilter()


def test_that_topics_without_pairs_are_marked(open_page: OpenPage) -> None:
    view, _ = _open(open_page)
    assert [row.words for row in view.topics.rows[:3]] == ["310 pairs", "44 pairs", "no pairs"]
    assert not view.topics.rows[12].isVisibleTo(view)
    view.topics.more_button.click()
    assert view.topics.rows[12].isVisibleTo(view)


def test_that_typing_filters_and_a_filter_that_nothing_fits_says_so(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    view, client = _open(open_page)
    client.script[ListPairs] = PairPage((), 0, N_PAIRS)
    view.filters.text.setText("zeppelin")
    qtbot.waitUntil(lambda: client.asked_for(ListPairs)[-1].filter == PairFilter(text="zeppelin"))
    client.settle()
    assert view._nothing_fits.isVisibleTo(view)
    assert not view.empty.isVisibleTo(view)
    client.script |= DATA
    view._clear.click()
    client.settle()
    assert view.model.rowCount() == N_PAIRS
    assert not view._nothing_fits.isVisibleTo(view)


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_Slash, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_that_keys_lead_to_the_filter_and_back(
    open_page: OpenPage, key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    view, _ = _open(open_page)
    view.table.setFocus()
    QTest.keyClick(view.table, key, modifiers)
    assert view.focusWidget() is view.filters.text
    QTest.keyClick(view.filters.text, Qt.Key.Key_Down)
    assert view.focusWidget() is view.table


def test_that_only_what_comes_into_sight_is_asked_for(open_page: OpenPage, qtbot: QtBot) -> None:
    view, client = _open(open_page)
    assert {asked.offset for asked in client.asked_for(ListPairs)} == {0}
    view.table.scrollToBottom()
    last = N_PAIRS - PAGE
    qtbot.waitUntil(lambda: _cell(view, N_PAIRS - 1, QUERY) == f"query {N_PAIRS - 1}")
    assert {asked.offset for asked in client.asked_for(ListPairs)} == {0, last}


def test_that_a_document_is_opened_by_enter(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_it(path: str) -> bool:
        opened.append(path)
        return False

    monkeypatch.setattr("gui.handing_over.open_file", open_it)
    view, _ = _open(open_page)
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    assert opened == [PATH]
    assert "gone" in view.notice.words


def test_that_pairs_are_exported_where_the_user_wants_them(
    open_page: OpenPage, tmp_path: Path
) -> None:
    view, client = _open(open_page)
    view.show_source("scifact", "train")
    client.settle()
    view.overview.export_button.click()
    dialog = view.findChild(QFileDialog)
    assert dialog is not None
    path = str(tmp_path / "pairs.jsonl")
    dialog.fileSelected.emit(path)
    client.settle()
    assert client.asked_for(ExportPairs) == [ExportPairs(path, "scifact", "train")]
    assert path in view.notice.words


def test_that_another_source_is_looked_at_from_the_beginning(open_page: OpenPage) -> None:
    view, client = _open(open_page)
    view.filters.choose_origin("open")
    client.settle()
    view.show_source("scifact", "train")
    client.settle()
    assert client.asked_for(GetTrainingOverview)[-1] == GetTrainingOverview("scifact", "train")
    asked = client.asked_for(ListPairs)[-1]
    assert (asked.evalset, asked.split, asked.filter) == ("scifact", "train", PairFilter())


def test_that_a_refusal_is_told_and_nothing_old_stays_in_sight(open_page: OpenPage) -> None:
    view, client = _open(open_page)
    refusal = NotEnoughData("Nothing is judged", "The split has no judgments.", "Take another.")
    client.script |= {GetTrainingOverview: refusal, ListPairs: refusal}
    view.show_source("scifact", "dev")
    client.settle()
    assert "The split has no judgments." in view.notice.words
    assert not view.table.isVisibleTo(view)
    client.script |= DATA
    view.show_source(None, "train")
    client.settle()
    assert view.table.isVisibleTo(view)
    assert not view.notice.words


def test_that_without_pairs_the_way_to_get_some_is_shown(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, SCRIPT | NOTHING)
    page.views.choose(DATA_VIEW)
    client.settle()
    empty = page.data_view.empty
    assert empty.isVisible()
    assert not page.data_view.overview.isVisible()
    empty.findChild(QPushButton).click()
    assert page.views.current == MORE


def test_that_the_list_follows_what_changes_and_keeps_its_place(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(TrainingPage, SCRIPT | DATA)
    page.views.choose(DATA_VIEW)
    client.settle()
    view = page.data_view
    view.table.selectRow(1)
    mended = replace(CONFLICT, problems=(), problem="")
    client.script[ListPairs] = PairPage((JUDGED, mended, MADE), 3, 3)
    client.tell(Changed("training"))
    qtbot.waitUntil(lambda: bool(view.model.rowCount() == 3))
    assert view.current == mended
    assert _cell(view, 1, PROBLEM) == ""


def test_that_long_names_are_cut_and_told_in_a_tooltip(open_page: OpenPage) -> None:
    view, _ = _open(open_page)
    index = view.model.index(2, QUERY)
    assert index.data() == LONG
    assert LONG in index.data(Qt.ItemDataRole.ToolTipRole)
    view.resize(700, 600)
    assert view.overview.width() <= 700
