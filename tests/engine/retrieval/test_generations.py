"""Derived indexes follow the truth, and are rebuilt when they cannot be trusted."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import JobCancelled
from engine.records import Chunk, Extracted
from engine.retrieval.dense_generation import DenseGeneration
from engine.retrieval.lexical_generation import LexicalGeneration
from engine.storage import documents, generations, roots
from engine.storage.documents import FileState, NewChunk
from engine.storage.embeddings import Embeddings
from engine.storage.library import open_library

DIM = 16


def vector_of(text: str) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")
    vector = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


class Shelf:
    """A library of one-passage documents with both indexes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "index").mkdir()
        self.library = open_library(folder)
        self.embeddings = Embeddings(folder)
        self.encoded: list[str] = []
        self.open()

    def open(self) -> None:
        self.lexical = LexicalGeneration(self.library, self.folder / "index")
        self.dense = DenseGeneration(
            self.library, self.embeddings, self.folder / "index", "encoder", DIM
        )

    def reopen(self) -> None:
        self.close_indexes()
        self.open()

    def close_indexes(self) -> None:
        self.lexical.close()
        self.dense.close()

    def close(self) -> None:
        self.close_indexes()
        self.embeddings.close()
        self.library.close()

    def add(self, *texts: str) -> None:
        with self.library.write() as connection:
            root = roots.add(connection, Path("/notes"), "folder")
            for text in texts:
                document = documents.put(
                    connection,
                    text,
                    Extracted("", text, "text/plain"),
                    [NewChunk(0, len(text), None, "", text.encode())],
                    1,
                )
                documents.put_file(connection, root.id, FileState(text, 1, 1, text), document)

    def remove(self, *texts: str) -> None:
        with self.library.write() as connection:
            documents.remove_files(connection, 1, texts)

    def encode(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        self.encoded += [chunk.text for chunk in chunks]
        return np.stack([vector_of(chunk.text) for chunk in chunks])

    def catch_up(self) -> None:
        self.lexical.catch_up(lambda: None)
        self.dense.catch_up(self.encode, lambda: None, lambda done, total: None)

    def words(self, query: str) -> set[str]:
        return self._texts([hit.chunk_id for hit in self.lexical.search(query, 10)])

    def nearest(self, text: str, k: int = 1) -> set[str]:
        return self._texts([hit.chunk_id for hit in self.dense.search(vector_of(text), k)])

    def folders(self, kind: str) -> list[Path]:
        return sorted((self.folder / "index").glob(f"{kind}*"))

    def _texts(self, chunk_ids: list[int]) -> set[str]:
        with self.library.read() as connection:
            return {chunk.text for chunk in documents.chunks_by_id(connection, chunk_ids).values()}


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
