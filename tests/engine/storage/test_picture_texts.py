from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.records import Extracted, Picture
from engine.storage import documents, labels, model_registry, picture_texts, roots
from engine.storage.captions import Description
from engine.storage.database import Database
from engine.storage.documents import Cut, FileState
from engine.storage.labels import NewLabel
from engine.storage.library import open_library
from engine.training.gate import judge


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


def add(
    library: Database,
    title: str,
    *places: str,
    details: dict[str, str] | None = None,
    picture: bool = True,
) -> int:
    """A document in a folder, or in the places named (`folder`, `dataset`)."""
    shown = Extracted(
        title, "", "image/png", details=details or {}, picture=Picture(4, 3) if picture else None
    )
    with library.write() as connection:
        number = documents.put(connection, title, shown, Cut(), 1)
        for place in places or ("folder",):
            root = roots.add(connection, Path(f"/{place}"), place)  # type: ignore[arg-type]
            documents.put_file(connection, root.id, FileState(title, 1, 1, title), number)
    return number


def judged(library: Database, query: str, number: int, kind: labels.Kind, value: int) -> None:
    with library.write() as connection:
        labels.give(connection, NewLabel(kind, query, number, value, "", None, {}, "m"))


def told(library: Database) -> list[tuple[int, str, str, bool]]:
    with library.read() as connection:
        texts = picture_texts.of_library(connection)
    return [(text.document_id, text.text, text.source, text.fits) for text in texts]


def test_that_all_that_is_said_of_a_picture_is_told(library: Database) -> None:
    number = add(
        library, "Garden gate", details={"Caption": "Rust on iron", "Keywords": "gate; rust"}
    )
    nameless = add(library, "IMG_2041")
    letter = add(library, "Letter", picture=False)
    with library.write() as connection:
        labels.describe(connection, [number], Description("Our old gate", ("home", "iron")))
    judged(library, "old door", number, "judgment", 1)
    judged(library, "rusty", nameless, "feedback", -1)
    judged(library, "oil", letter, "judgment", 3)
    assert sorted(told(library)) == sorted(
        [
            (number, "Our old gate", "caption", True),
            (number, "home, iron", "tags", True),
            (number, "Rust on iron", "caption", True),
            (number, "gate; rust", "tags", True),
            (number, "Garden gate", "title", True),
            (number, "old door", "search", True),
            (nameless, "rusty", "search", False),
        ]
    )


def test_that_pictures_of_evaluation_sets_are_left_out_wherever_they_lie_too(
    library: Database,
) -> None:
    own = add(library, "Garden gate")
    measured = add(library, "Red boat", "dataset")
    both = add(library, "Blue boat", "folder", "dataset")
    for number in (measured, both):
        judged(library, "boat", number, "judgment", 3)
    assert {number for number, *_ in told(library)} == {own}
    with library.read() as connection:
        assert picture_texts.own_pictures(connection).keys() == {own}


def test_that_a_caption_taken_away_is_told_no_more(library: Database) -> None:
    number = add(library, "IMG_1")
    with library.write() as connection:
        labels.describe(connection, [number], Description("A gate"))
        labels.describe(connection, [number], Description(""))
    assert told(library) == []


def test_that_when_it_was_said_is_told(library: Database) -> None:
    number = add(library, "Garden gate")
    with library.write() as connection:
        labels.describe(connection, [number], Description("Our old gate"))
    judged(library, "old door", number, "judgment", 2)
    with library.read() as connection:
        texts = picture_texts.of_library(connection)
    assert {text.source: text.at > 0 for text in texts} == {
        "caption": True,
        "title": False,
        "search": True,
    }


def test_that_a_fit_to_a_set_is_none_to_the_users_own(library: Database) -> None:
    gate = judge(dict.fromkeys("abc", 0.0), dict.fromkeys("abc", 0.1))
    with library.write() as connection:
        assert model_registry.last_fitted_at(connection) == 0
        model_registry.register(connection, "text", gate, 7)
        model_registry.register(connection, "clip", None, 0, "image")
        model_registry.register(connection, "set", gate, model_registry.FROM_SET, "image")
        assert model_registry.last_fitted_at(connection) == 0
        model_registry.register(connection, "own", gate, 0, "image")
        assert model_registry.last_fitted_at(connection) > 0
