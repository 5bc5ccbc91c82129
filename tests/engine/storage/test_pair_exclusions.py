"""What is left out stays left out until it is taken in again."""

from __future__ import annotations

from pathlib import Path

from engine.storage import pair_exclusions
from engine.storage.library import open_library


def test_that_pairs_are_left_out_and_taken_in_again(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    with library.write() as connection:
        pair_exclusions.add(connection, ["one", "two", "one"])
        pair_exclusions.add(connection, ["two", "three"])
        assert pair_exclusions.every(connection) == {"one", "two", "three"}
        pair_exclusions.remove(connection, ["two", "never there"])
    library.close()
    library = open_library(tmp_path)
    with library.read() as connection:
        assert pair_exclusions.every(connection) == {"one", "three"}
    library.close()
