from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.records import SearchResults
from engine.requests import GetSettings, GetStatus, ListEvalSets, Search
from engine.settings import Settings
from engine.training_requests import RecordVisit
from gui.background import Engine
from gui.judging_clock import JudgingClock
from gui.pages.search import SearchPage
from gui.visits import Visits
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.conftest import open_page as open_page
from tests.gui.pages.found import answer
from tests.gui.pages.samples import status
from tests.gui.pages.scripted_client import ScriptedClient

ANSWER: SearchResults = answer("oxygen")
FIRST, SECOND = ANSWER.results[:2]
_ACTIVE, _INACTIVE = (
    Qt.ApplicationState.ApplicationActive,
    Qt.ApplicationState.ApplicationInactive,
)


class _Time:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> _Time:
    return _Time()


@pytest.fixture
def visits(
    open_page: OpenPage, time: _Time, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Visits, ScriptedClient]]:
    """Visits that are kept, in a window that is in use."""
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: _ACTIVE)
    made: list[Visits] = []

    def make(engine: Engine) -> QWidget:
        widget = QWidget()
        made.append(Visits(engine, widget, JudgingClock(time)))
        return widget

    page, client = open_page(make, {RecordVisit: None})
    made[0].show_settings(Settings())
    yield made[0], client
    page.close()  # it lives until here


def test_that_reading_is_told_once_something_else_is_read(
    visits: tuple[Visits, ScriptedClient], time: _Time
) -> None:
    kept, client = visits
    kept.read(FIRST, "Oxygen is used up.", ANSWER)
    time.now += 25
    kept.read(SECOND, "Nets were cast.", ANSWER)
    assert client.asked_for(RecordVisit) == [
        RecordVisit(
            query="oxygen",
            document_id=FIRST.document_id,
            text="Oxygen is used up.",
            rank=FIRST.rank,
            opened=False,
            seconds=25,
            model=ANSWER.model,
        )
    ]
    time.now += 7
    kept.leave()
    kept.leave()
    assert [visit.seconds for visit in client.asked_for(RecordVisit)] == [25, 7]


def test_that_the_same_result_shown_again_is_read_on(
    visits: tuple[Visits, ScriptedClient], time: _Time
) -> None:
    kept, client = visits
    kept.read(FIRST, "Oxygen is used up.", ANSWER)
    time.now += 10
    kept.read(FIRST, "Another passage.", ANSWER)
    time.now += 10
    kept.read(None, "", ANSWER)
    assert [visit.seconds for visit in client.asked_for(RecordVisit)] == [20]


def test_that_another_query_ends_the_reading(
    visits: tuple[Visits, ScriptedClient], time: _Time
) -> None:
    kept, client = visits
    kept.read(FIRST, "Oxygen is used up.", ANSWER)
    time.now += 10
    kept.read(FIRST, "Oxygen is used up.", answer("depth"))
    time.now += 5
    kept.leave()
    asked = [(visit.query, visit.seconds) for visit in client.asked_for(RecordVisit)]
    assert asked == [("oxygen", 10), ("depth", 5)]


def test_that_time_away_from_the_window_does_not_count(
    visits: tuple[Visits, ScriptedClient], time: _Time
) -> None:
    kept, client = visits
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    kept.read(FIRST, "Oxygen is used up.", ANSWER)
    time.now += 10
    app.applicationStateChanged.emit(_INACTIVE)
    time.now += 500
    app.applicationStateChanged.emit(_ACTIVE)
    time.now += 3
    kept.leave()
    assert [visit.seconds for visit in client.asked_for(RecordVisit)] == [13]


def test_that_who_is_away_for_long_has_read(
    visits: tuple[Visits, ScriptedClient], time: _Time
) -> None:
    kept, client = visits
    kept.read(FIRST, "Oxygen is used up.", ANSWER)
    time.now += 30
    kept._away.timeout.emit()
    assert [visit.seconds for visit in client.asked_for(RecordVisit)] == [30]
    time.now += 900
    kept.leave()
    assert len(client.asked_for(RecordVisit)) == 1


def test_that_running_through_results_is_no_reading(
    visits: tuple[Visits, ScriptedClient], time: _Time
) -> None:
    kept, client = visits
    for result in (FIRST, SECOND):
        kept.read(result, "Text.", ANSWER)
        time.now += 0.2
    kept.leave()
    assert not client.asked_for(RecordVisit)


def test_that_opening_is_told_without_a_time(visits: tuple[Visits, ScriptedClient]) -> None:
    kept, client = visits
    kept.open(SECOND, "Nets were cast.", ANSWER)
    (visit,) = client.asked_for(RecordVisit)
    assert (visit.opened, visit.seconds, visit.rank) == (True, 0.0, SECOND.rank)


def test_that_nothing_is_told_where_it_is_not_wanted_or_says_nothing(
    visits: tuple[Visits, ScriptedClient], time: _Time
) -> None:
    kept, client = visits
    kept.open(FIRST, "  ", ANSWER)  # a picture without words
    kept.open(FIRST, "Oxygen is used up.", None)  # found by a picture
    kept.read(FIRST, "Oxygen is used up.", ANSWER)
    time.now += 30
    kept.show_settings(Settings(keep_visits=False))
    kept.leave()
    kept.open(FIRST, "Oxygen is used up.", ANSWER)
    kept.read(SECOND, "Nets were cast.", ANSWER)
    time.now += 30
    kept.leave()
    assert not client.asked_for(RecordVisit)


def test_that_the_search_page_tells_what_was_read_and_opened(
    open_page: OpenPage, time: _Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: _ACTIVE)
    monkeypatch.setattr("gui.handing_over.open_file", lambda _: True)
    script = {
        GetStatus: status(),
        GetSettings: Settings(),
        ListEvalSets: (),
        Search: ANSWER,
        RecordVisit: None,
    }
    page, client = open_page(SearchPage, script)
    client.become("ready", None)
    client.settle()
    page.visits._clock = JudgingClock(time)
    page.bar.ask("oxygen")
    client.settle()
    time.now += 40
    page.list.select(1)
    client.settle()
    page._open()
    time.now += 6
    page.hide()
    told = [(v.rank, v.opened, v.seconds) for v in client.asked_for(RecordVisit)]
    assert told == [(1, False, 40), (2, True, 0), (2, False, 6)]
    assert all(visit.text for visit in client.asked_for(RecordVisit))
