"""Derived indexes follow the truth, and are rebuilt when they cannot be trusted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import JobCancelled
from engine.storage import documents, generations
from tests.engine.retrieval.shelf import Shelf, vector_of


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    opened = Shelf(tmp_path)
    yield opened
    opened.close()


def test_that_both_indexes_follow_what_is_added_and_removed(shelf: Shelf) -> None:
    shelf.add("red apple", "green pear", "blue plum")
    shelf.catch_up()
    assert shelf.words("apple") == {"red apple"}
    assert shelf.nearest("green pear") == {"green pear"}
    shelf.remove("green pear")
    shelf.add("ripe apple")
    shelf.catch_up()
    assert shelf.words("apple") == {"red apple", "ripe apple"}
    assert shelf.words("pear") == set()
    assert shelf.nearest("green pear", 10) == {"red apple", "ripe apple", "blue plum"}


def test_that_nothing_is_encoded_twice_not_even_after_a_rebuild(shelf: Shelf) -> None:
    shelf.add("red apple", "green pear")
    shelf.catch_up()
    shelf.close_indexes()
    shutil.rmtree(shelf.folder / "index")
    (shelf.folder / "index").mkdir()
    shelf.open()
    shelf.catch_up()
    assert sorted(shelf.encoded) == ["green pear", "red apple"]
    assert shelf.nearest("red apple") == {"red apple"}
    assert shelf.words("pear") == {"green pear"}


def test_that_reopening_uses_the_same_folders(shelf: Shelf) -> None:
    shelf.add("red apple")
    shelf.catch_up()
    before = shelf.folders("")
    shelf.reopen()
    assert shelf.folders("") == before
    assert shelf.nearest("red apple") == {"red apple"}


@pytest.mark.parametrize("kind", ["lexical", "vectors"])
def test_that_a_damaged_index_is_set_aside_and_rebuilt(shelf: Shelf, kind: str) -> None:
    shelf.add("red apple", "green pear")
    shelf.catch_up()
    (folder,) = shelf.folders(kind)
    shelf.close_indexes()
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        file.write_bytes(b"damaged")
    shelf.open()
    assert folder not in shelf.folders(kind)
    shelf.catch_up()
    assert shelf.words("apple") == {"red apple"}
    assert shelf.nearest("green pear") == {"green pear"}


def test_that_a_vector_index_whose_writer_died_is_not_trusted(shelf: Shelf) -> None:
    shelf.add("red apple")
    shelf.catch_up()
    (folder,) = shelf.folders("vectors")
    with shelf.library.write() as connection:
        generation = generations.newest(connection, "vectors", "encoder")
        assert generation is not None
        generations.mark_dirty(connection, generation.id)
    shelf.reopen()
    assert folder not in shelf.folders("vectors")
    assert shelf.dense.health(1).state == "rebuilding"
    shelf.catch_up()
    assert shelf.dense.health(1).state == "ready"
    assert shelf.nearest("red apple") == {"red apple"}
    assert shelf.encoded == ["red apple"]


def test_that_a_cancelled_run_keeps_what_it_encoded(shelf: Shelf) -> None:
    shelf.add(*(f"note number {n}" for n in range(500)))
    calls = 0

    def checkpoint() -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        shelf.dense.catch_up(shelf.encode, checkpoint, lambda done, total: None)
    assert 0 < len(shelf.encoded) < 500
    shelf.reopen()
    shelf.catch_up()
    assert len(shelf.encoded) == 500
    assert shelf.nearest("note number 7") == {"note number 7"}


def test_that_filters_restrict_search_by_meaning(shelf: Shelf) -> None:
    shelf.add("red apple", "green pear", "blue plum")
    shelf.catch_up()
    with shelf.library.read() as connection:
        (pear,) = {
            number
            for number in documents.every_id(connection)
            if documents.load(connection, number).text == "green pear"
        }
    hits = shelf.dense.search(vector_of("red apple"), 5, {pear})
    assert [hit.document_id for hit in hits] == [pear]


@pytest.mark.parametrize("exact_up_to", [5000, 1], ids=["few", "many"])
def test_that_search_by_meaning_can_be_limited_to_passages(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, exact_up_to: int
) -> None:
    monkeypatch.setattr("engine.retrieval.dense_generation._EXACT_UP_TO", exact_up_to)
    shelf.add("red apple", "green pear", "blue plum")
    shelf.catch_up()
    vector = vector_of("red apple")
    every = shelf.dense.search(vector, 5)
    wanted = {hit.chunk_id for hit in every[1:]}
    everywhere = {hit.document_id for hit in every}
    hits = shelf.dense.search(vector, 5, everywhere, wanted)
    assert [hit.chunk_id for hit in hits] == [hit.chunk_id for hit in every[1:]]


def test_that_one_flipped_bit_in_a_closed_index_is_noticed(shelf: Shelf) -> None:
    shelf.add("red apple", "green pear")
    shelf.catch_up()
    shelf.close_indexes()
    before = shelf.folders("")
    for folder in before:
        largest = max(folder.rglob("*.*"), key=lambda path: path.stat().st_size)
        content = bytearray(largest.read_bytes())
        content[len(content) // 3] ^= 1
        largest.write_bytes(content)
    shelf.open()
    assert not set(before) & set(shelf.folders(""))
    assert shelf.nearest("green pear") == {"green pear"}, "what is cached stands in for it"
    assert shelf.dense.health(2).state == "rebuilding"
    shelf.catch_up()
    assert shelf.words("apple") == {"red apple"}
    assert shelf.nearest("green pear") == {"green pear"}
    assert (shelf.dense.health(2).state, shelf.lexical.health(2).state) == ("ready", "ready")


def test_that_a_vector_index_that_fails_in_use_is_stood_in_for_and_rebuilt(shelf: Shelf) -> None:
    shelf.add("red apple", "green pear")
    shelf.catch_up()
    shelf.dense._index.close()
    assert shelf.nearest("green pear") == {"green pear"}
    assert shelf.dense.damaged
    shelf.add("blue plum")
    shelf.catch_up()
    assert shelf.dense.health(3).state == "ready"
    assert shelf.nearest("blue plum", 3) == {"red apple", "green pear", "blue plum"}
    assert sorted(shelf.encoded) == ["blue plum", "green pear", "red apple"]


def test_that_an_index_that_is_ahead_of_a_library_put_back_is_rebuilt(shelf: Shelf) -> None:
    shelf.add("red apple")
    shelf.catch_up()
    with shelf.library.read() as connection:
        old = generations.every(connection)
    shelf.remove("red apple")
    shelf.add("green pear")
    shelf.catch_up()
    with shelf.library.write() as connection:
        for generation in old:
            generations.reached(connection, generation.id, generation.change_number, 1)
    shelf.reopen()
    shelf.catch_up()
    assert shelf.words("apple pear") == {"green pear"}
    assert shelf.nearest("red apple", 5) == {"green pear"}


def test_that_damaged_vectors_of_the_cache_are_encoded_again(shelf: Shelf) -> None:
    shelf.add("red apple", "green pear")
    shelf.catch_up()
    shelf.close()
    (shelf.folder / "embeddings.db").write_bytes(b"damaged" * 1000)
    again = Shelf(shelf.folder)
    again.dense.rebuild(again.encode, lambda: None, lambda done, total: None)
    assert again.nearest("green pear") == {"green pear"}
    assert sorted(again.encoded) == ["green pear", "red apple"]
    assert (shelf.folder / "embeddings.db.damaged").exists()
    again.close()


def test_that_a_vector_index_whose_owner_dies_again_and_again_is_rebuilt(shelf: Shelf) -> None:
    shelf.add("red apple")
    shelf.catch_up()
    (folder,) = shelf.folders("vectors")
    for died in range(2):
        assert folder in shelf.folders("vectors"), f"dropped after {died} deaths"
        openings = (folder / "openings").read_bytes()
        shelf.close_indexes()
        (folder / "openings").write_bytes(openings)  # as a kill leaves it
        (folder / "seal.json").unlink()
        shelf.open()
    assert folder not in shelf.folders("vectors")
    assert shelf.nearest("red apple") == {"red apple"}
