from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.records import Chunk
from engine.retrieval.given_names import LexicalWithNames
from engine.retrieval.lexical import LexicalIndex

NAMES = {1: "Screenshot 2024-05-01", 2: "IMG 2034"}


def chunk(number: int, context: str, text: str = "") -> Chunk:
    return Chunk(number, number, 0, 0, len(text), None, text, context, b"")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LexicalWithNames]:
    lexical = LexicalIndex.create(tmp_path / "index")
    lexical.add([chunk(number, name) for number, name in NAMES.items()])
    lexical.add([chunk(3, "Costs", "The report on 2024"), chunk(4, "Harbour", "report")])
    lexical.commit()
    yield LexicalWithNames(lexical, NAMES.keys(), lambda ids: {n: NAMES[n] for n in ids})
    lexical.close()


def found(index: LexicalWithNames, query: str, *, prefix: bool = False) -> list[int]:
    return sorted(hit.document_id for hit in index.search(query, 10, prefix=prefix))


def test_that_a_name_that_a_camera_gave_is_found_by_nothing_but_itself(
    index: LexicalWithNames,
) -> None:
    assert found(index, "report 2024") == [3, 4]
    assert found(index, "screenshot 2024") == [1, 3]
    assert found(index, "IMG_2034") == [2]
    assert found(index, "img 203", prefix=True) == [2]


def test_that_what_it_hides_leaves_the_rest_as_deep_as_was_asked(index: LexicalWithNames) -> None:
    assert [hit.document_id for hit in index.search("report 2024 05 01", 1)] == [3]
