from __future__ import annotations

from engine.retrieval.grouping import grouped
from engine.storage.signature import signature

_WHALES = "Blue whales sing low songs that other whales hear across a whole ocean at night. " * 5


def test_that_the_best_of_near_duplicates_stands_for_all() -> None:
    signatures = {
        1: signature(_WHALES),
        2: signature("Bread needs flour, water, salt and time; nothing else is needed at all."),
        3: signature(_WHALES + "The end."),
        4: b"",
        5: b"",
    }
    assert grouped([3, 4, 2, 1, 5], signatures) == {3: (1,), 4: (), 2: (), 5: ()}
