from __future__ import annotations

from engine.ingest.order import reading_order
from engine.storage.documents import FileState


def test_that_the_newest_come_first_and_the_huge_last() -> None:
    files = [
        FileState("old.txt", 10, 100, "a"),
        FileState("huge.pdf", 1 << 30, 900, "b"),
        FileState("new.txt", 10, 800, "c"),
    ]
    order = [file.path for file in reading_order(files)]
    assert order == ["new.txt", "old.txt", "huge.pdf"]
