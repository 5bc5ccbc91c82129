"""What raters graded, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.evaluation.agreement import agreement
from engine.evaluation_records import ADJUDICATED
from engine.storage import disagreements
from engine.storage.database import Database
from engine.storage.library import open_library
from tests.engine.storage.judged_library import add_documents, make_set, say


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


def test_that_pairs_graded_differently_are_told_the_furthest_apart_first_and_settled_last(
    library: Database,
) -> None:
    add_documents(library)
    evalset = make_set(library, "sourdough", "bees")
    for rater, grades in {
        "ann": {"alpha": 3, "beta": 1, "gamma": 0, "delta": 2},
        "bob": {"alpha": 2, "beta": 1, "gamma": 3, "delta": 0},
    }.items():
        for document, grade in grades.items():
            say(library, evalset, document, grade, rater=rater)
    say(library, evalset, "gamma", 1, rater=ADJUDICATED)
    say(library, evalset, "alpha", 0, query="q2")
    with library.read() as connection:
        found = disagreements.disagreements(connection, evalset)
        raters = disagreements.grades_of_raters(connection, evalset.id)
    assert [(each.document, each.settled) for each in found] == [
        ("delta", None),
        ("alpha", None),
        ("gamma", 1),
    ]
    assert [given.rater for given in found[0].judgments] == ["ann", "bob"]
    assert (found[0].query, found[0].title) == ("sourdough", "Delta")
    assert raters.keys() == {"ann", "bob"}
    told = agreement(raters)
    (pair,) = told.pairs
    assert (pair.n_items, pair.percent, told.n_items) == (4, 0.25, 4)
    assert told.bias == {"ann": 0.0, "bob": 0.0}
    assert pair.kappa_ci[0] <= pair.kappa <= pair.kappa_ci[1]


def test_that_what_one_rater_skipped_is_no_disagreement(library: Database) -> None:
    add_documents(library)
    evalset = make_set(library, "sourdough")
    say(library, evalset, "alpha", 3, rater="ann")
    say(library, evalset, "alpha", None, rater="bob", skipped=True)
    with library.read() as connection:
        assert disagreements.disagreements(connection, evalset) == ()
        told = agreement(disagreements.grades_of_raters(connection, evalset.id))
    assert (told.pairs, told.n_items, told.bias) == ((), 0, {})
    assert told.alpha != told.alpha  # NaN: it cannot be told
