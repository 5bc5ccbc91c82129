from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.errors import NotEnoughData
from engine.training_records import PairFilter, PairPage
from engine.training_requests import ListPairs
from gui.background import Engine
from gui.training.pair_model import PAGE, QUERY, PairModel
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.scripted_client import ScriptedClient
from tests.gui.training.data_samples import JUDGED, N_PAIRS, page_of, pair


class _Holder(QWidget):
    """Keeps a model, as a view does."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.model = PairModel(engine)


def _open(open_page: OpenPage) -> tuple[_Holder, ScriptedClient]:
    holder, client = open_page(_Holder, {ListPairs: page_of})
    holder.model.refresh()
    client.settle()
    return holder, client


def _look_at(model: PairModel, client: ScriptedClient, row: int) -> None:
    """Draw a row, and let what that asks for arrive."""
    model.index(row, QUERY).data()
    model._soon.timeout.emit()
    client.settle()


def test_that_pages_out_of_sight_are_forgotten_and_asked_for_again(open_page: OpenPage) -> None:
    holder, client = _open(open_page)
    for row in range(0, N_PAIRS, PAGE):
        _look_at(holder.model, client, row)
        assert holder.model.pair_at(row) == pair(row)
    assert len(client.asked_for(ListPairs)) == N_PAIRS // PAGE
    assert len(holder.model._pages) < N_PAIRS // PAGE
    assert holder.model.pair_at(0) is None
    _look_at(holder.model, client, 0)
    assert holder.model.pair_at(0) == JUDGED


def test_that_of_what_is_scrolled_past_only_the_last_is_asked_for(open_page: OpenPage) -> None:
    holder, client = _open(open_page)
    for row in range(0, N_PAIRS, PAGE):
        holder.model.index(row, QUERY).data()
    holder.model._soon.timeout.emit()
    client.settle()
    offsets = [asked.offset for asked in client.asked_for(ListPairs)]
    assert offsets == [0, N_PAIRS - 2 * PAGE, N_PAIRS - PAGE]


def test_that_a_refresh_keeps_what_is_shown_until_the_new_is_there(open_page: OpenPage) -> None:
    holder, client = _open(open_page)
    del client.script[ListPairs]
    holder.model.refresh()
    client.settle()
    assert holder.model.pair_at(0) == JUDGED
    assert holder.model.rowCount() == N_PAIRS


def test_that_an_answer_to_an_older_filter_is_not_shown(open_page: OpenPage) -> None:
    holder, client = _open(open_page)
    holder.model.filter_by(PairFilter(text="z"))
    client.script[ListPairs] = PairPage((), 0, N_PAIRS)
    holder.model.filter_by(PairFilter(text="zeppelin"))
    client.settle()
    assert holder.model.rowCount() == 0


def test_that_rows_grow_and_shrink_with_what_there_is(open_page: OpenPage) -> None:
    holder, client = _open(open_page)
    counted: list[tuple[int, int]] = []
    holder.model.counted.connect(lambda found, total: counted.append((found, total)))
    for n in (2, 4):
        client.script[ListPairs] = PairPage(tuple(pair(row) for row in range(n)), n, 9)
        holder.model.refresh()
        client.settle()
        assert holder.model.rowCount() == n
    assert counted == [(2, 9), (4, 9)]


def test_that_pairs_of_rows_are_given_also_where_they_are_not_known(open_page: OpenPage) -> None:
    holder, client = _open(open_page)
    given: list[str] = []
    rows = [2, 950, 953]
    holder.model.give(rows, lambda pairs: given.extend(each.id for each in pairs))
    client.settle()
    assert given == [pair(row).id for row in rows]


def test_that_a_failure_is_told_once_and_not_at_every_drawing(open_page: OpenPage) -> None:
    holder, client = _open(open_page)
    told: list[object] = []
    holder.model.failed.connect(told.append)
    client.script[ListPairs] = NotEnoughData("No", "The set is gone.", "")
    _look_at(holder.model, client, 400)
    _look_at(holder.model, client, 400)
    assert len(told) == 1
