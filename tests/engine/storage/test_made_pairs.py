"""Pairs that were made come back as they were kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe import MADE
from engine.storage import made_pairs
from engine.storage.database import Database
from engine.storage.library import open_library
from engine.storage.made_pairs import MadePair

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
PAIRS = st.lists(
    st.builds(
        MadePair,
        origin=st.sampled_from(MADE),
        query=TEXT,
        content_hash=TEXT,
        text=TEXT,
        negatives=st.lists(TEXT, max_size=3).map(tuple),
        scores=st.lists(st.floats(-10, 10), max_size=3).map(tuple),
        detail=st.dictionaries(TEXT, TEXT, max_size=2),
        at=st.floats(1, 2e9),
    ),
    max_size=6,
    unique_by=lambda pair: (pair.origin, pair.query, pair.content_hash),
)


@pytest.fixture(scope="module")
def one_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Opened once for all examples."""
    opened = open_library(tmp_path_factory.mktemp("library"))
    yield opened
    opened.close()


@given(PAIRS)
def test_that_pairs_come_back_as_they_were_kept_the_oldest_first(
    one_library: Database, pairs: list[MadePair]
) -> None:
    with one_library.write() as connection:
        made_pairs.forget(connection, MADE)
        made_pairs.add(connection, pairs)
        assert list(made_pairs.every(connection)) == pairs


def test_that_a_pair_that_is_made_again_takes_the_place_of_the_older(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    with library.write() as connection:
        made_pairs.add(connection, [MadePair("pseudo", "fish", "a", "old", at=1.0)])
        again = MadePair("pseudo", "fish", "a", "new", ("no",), (3.0, -1.0), {"by": "x"}, 2.0)
        made_pairs.add(connection, [again, MadePair("title", "fish", "a", "other", at=2.0)])
        assert made_pairs.every(connection)[0] == again
        assert len(made_pairs.every(connection)) == 2
    library.close()


def test_that_pairs_of_some_origins_are_thrown_away(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    with library.write() as connection:
        made_pairs.add(connection, [MadePair(origin, "q", "a", "t") for origin in MADE])
        made_pairs.forget(connection, ["title", "llm"])
        assert {pair.origin for pair in made_pairs.every(connection)} == set(MADE) - {
            "title",
            "llm",
        }
        made_pairs.forget(connection, [])
        assert len(made_pairs.every(connection)) == len(MADE) - 2
    library.close()
