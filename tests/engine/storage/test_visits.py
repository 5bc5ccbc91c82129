"""Visits are kept once a day, and not without end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.storage import visits
from engine.storage.database import Database
from engine.storage.library import open_library
from engine.storage.visits import Visit

DAY_S = 86_400.0
VISIT = Visit("fish", "a", "/fish.txt", "Fish", "All about fish.", 3, True, 0.0, "m", 10 * DAY_S)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


def kept(library: Database, *given: Visit) -> tuple[Visit, ...]:
    with library.write() as connection:
        for visit in given:
            visits.add(connection, visit)
        return visits.every(connection)


def test_that_a_visit_comes_back_as_it_was(library: Database) -> None:
    assert kept(library, VISIT) == (VISIT,)


def test_that_a_second_look_on_the_same_day_only_makes_it_longer(library: Database) -> None:
    again = replace(VISIT, query=" FISH ", seconds=30.0, at=VISIT.at + 60)
    shorter = replace(VISIT, seconds=5.0, at=VISIT.at + 120)
    assert kept(library, VISIT, again, shorter) == (replace(VISIT, seconds=30.0),)


def test_that_other_days_ways_documents_and_queries_are_visits_of_their_own(
    library: Database,
) -> None:
    others = (
        replace(VISIT, at=VISIT.at + DAY_S),
        replace(VISIT, opened=False, seconds=25.0),
        replace(VISIT, content_hash="b"),
        replace(VISIT, query="bread"),
    )
    assert kept(library, VISIT, *others) == (VISIT, *others)


def test_that_the_oldest_are_forgotten_where_there_are_too_many(
    library: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "_KEPT", 3)
    given = [replace(VISIT, content_hash=str(number)) for number in range(5)]
    assert kept(library, *given) == tuple(given[2:])


def test_that_all_can_be_forgotten(library: Database) -> None:
    kept(library, VISIT)
    with library.write() as connection:
        visits.forget(connection)
        assert visits.every(connection) == ()
