"""Mined negatives in library.db: kept, reviewed, mined again, and those whose document is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.storage import mined_negatives
from engine.storage.database import Database
from engine.storage.library import open_library
from engine.storage.mined_negatives import MinedNegative
from engine.training_records import NegativeState


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "backups").mkdir()
    with closing(open_library(tmp_path)) as library:
        with library.write() as connection:
            connection.execute(
                "INSERT INTO documents (content_hash, media_type, title, text, pages, chunker)"
                " VALUES ('here', 'text/plain', 'Ovens', 'Ovens are hot.', '[]', 1)"
            )
        yield library


def found(
    text: str, margin: float, state: NegativeState, content_hash: str = "here"
) -> MinedNegative:
    return MinedNegative("the positive", content_hash, text, "bm25", margin, state)


def test_that_the_hardest_come_first_and_only_hard_ones_are_learnt(library: Database) -> None:
    mined = [found("easy", 9.0, "hard"), found("near", 2.0, "hard"), found("hm", 0.5, "doubtful")]
    with library.write() as connection:
        mined_negatives.replace(connection, "q", "a", [*mined, found("yes", -1.0, "false")])
        (texts,) = mined_negatives.learnable(connection).values()
    assert [each.text for each in texts] == ["near", "easy"]


def test_that_a_query_is_mined_only_as_it_was_asked(library: Database) -> None:
    with library.write() as connection:
        mined_negatives.replace(connection, "q", "a", [])
        assert mined_negatives.is_mined(connection, "q", "a")
        assert not mined_negatives.is_mined(connection, "q", "b")
        assert not mined_negatives.is_mined(connection, "r", "a")


def test_that_reviews_outlive_mining_again_and_nothing_else_does(library: Database) -> None:
    with library.write() as connection:
        mined_negatives.replace(
            connection, "q", "a", [found("x", 0.5, "doubtful"), found("y", 2.0, "hard")]
        )
        (waiting,) = mined_negatives.doubtful(connection, 9)
        mined_negatives.review(connection, waiting.id, answers=False)
        mined_negatives.replace(connection, "q", "b", [found("x", 0.7, "doubtful")])
        (texts,) = mined_negatives.learnable(connection).values()
        assert [(each.text, each.source, each.margin) for each in texts] == [("x", "reviewed", 0.7)]
        mined_negatives.forget(connection)
        assert mined_negatives.learnable(connection) == {}
        assert not mined_negatives.is_mined(connection, "q", "b")


def test_that_nobody_is_asked_about_a_document_that_is_gone(library: Database) -> None:
    with library.write() as connection:
        mined_negatives.replace(
            connection, "q", "a", [found("x", 0.5, "doubtful"), found("z", 0.1, "doubtful", "gone")]
        )
        assert [each.text for each in mined_negatives.doubtful(connection, 9)] == ["x"]
        assert mined_negatives.n_doubtful(connection) == 1
        assert mined_negatives.doubtful(connection, 0) == ()
