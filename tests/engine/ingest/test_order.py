from __future__ import annotations

from engine.ingest.order import reading_order
from engine.storage.documents import FileState


def test_that_what_was_asked_for_comes_first_then_the_newest_then_the_huge() -> None:
    files = [
        FileState("old.txt", 10, 100, "a"),
        FileState("huge.pdf", 1 << 30, 900, "b"),
        FileState("new.txt", 10, 800, "c"),
        FileState("asked.txt", 10, 1, "d"),
    ]
    order = [file.path for file in reading_order(files, {"asked.txt"})]
    assert order == ["asked.txt", "new.txt", "old.txt", "huge.pdf"]
