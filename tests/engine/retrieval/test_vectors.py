from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.retrieval.damage import IndexDamaged
from engine.retrieval.exact import ExactVectors
from engine.retrieval.vectors import VectorIndex

DIM = 32


def unit(n: int, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def open_below(folder: Path) -> list[str]:
    """Files below `folder` that this process has open; none where it cannot be known."""
    if not os.path.isdir("/proc/self/fd"):
        return []
    paths = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    return [path for path in paths if path.startswith(str(folder))]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    made = VectorIndex(tmp_path / "index", DIM)
    yield made
    made.close()


def test_that_what_is_added_is_found_with_its_cosine(index: VectorIndex) -> None:
    vectors = unit(20)
    index.add(range(100, 120), [i // 2 for i in range(20)], vectors)
    assert index.count == 20
    best = index.search(vectors[5], 3)
    assert (best[0].chunk_id, best[0].document_id) == (105, 2)
    assert best[0].score == pytest.approx(1.0, abs=1e-5)
    assert best[1].score == pytest.approx(float(np.sort(vectors @ vectors[5])[-2]), abs=1e-5)


def test_that_nearly_all_exact_neighbours_are_found(index: VectorIndex) -> None:
    vectors = unit(6000)
    index.add(range(6000), range(6000), vectors)
    exact = ExactVectors(DIM)
    exact.append(range(6000), range(6000), vectors)
    shared = []
    for query in unit(20, seed=1):
        wanted = {line.chunk_id for line in exact.search(query, 50)}
        shared.append(len(wanted & {line.chunk_id for line in index.search(query, 50)}) / 50)
    assert np.mean(shared) >= 0.95


def test_that_deleting_documents_removes_all_their_chunks(index: VectorIndex) -> None:
    vectors = unit(9)
    index.add(range(9), [i // 3 for i in range(9)], vectors)
    index.delete_documents({1, 77})
    index.delete_documents(set())
    assert index.count == 6
    assert {line.document_id for line in index.search(vectors[4], 9)} == {0, 2}
    index.add([30], [1], vectors[4:5])
    index.delete_documents([1])
    assert index.count == 6


def test_that_a_smaller_index_than_k_gives_what_it_has(index: VectorIndex) -> None:
    assert index.search(unit(1)[0], 10) == []
    index.add([1], [1], unit(1))
    assert len(index.search(unit(1)[0], 10)) == 1
    assert index.search(unit(1)[0], 0) == []


def test_that_it_is_as_it_was_after_closing_and_opening(tmp_path: Path) -> None:
    vectors = unit(50)
    index = VectorIndex(tmp_path, DIM)
    index.add(range(50), range(50), vectors)
    before = index.search(vectors[3], 10)
    index.close()
    reopened = VectorIndex(tmp_path, DIM)
    assert reopened.count == 50
    assert [line.chunk_id for line in reopened.search(vectors[3], 10)] == [
        line.chunk_id for line in before
    ]
    reopened.check()
    reopened.delete_documents([3])
    assert reopened.count == 49
    reopened.close()


def test_that_closing_lets_go_of_the_files_so_the_folder_can_be_used_anew(tmp_path: Path) -> None:
    for seed in (0, 1):
        index = VectorIndex(tmp_path / "index", DIM)
        assert index.count == 0
        index.add(range(5), range(5), unit(5, seed))
        index.close()
        index.close()
        deadline = time.monotonic() + 10
        while open_below(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not open_below(tmp_path)
        shutil.rmtree(tmp_path / "index")


def test_that_another_dimension_is_refused(tmp_path: Path) -> None:
    VectorIndex(tmp_path, DIM).close()
    with pytest.raises(IndexDamaged):
        VectorIndex(tmp_path, DIM + 1)


def test_that_a_folder_that_is_no_index_is_damage(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(IndexDamaged):
        VectorIndex(tmp_path, DIM)


def test_that_using_a_closed_index_is_an_error_of_the_family(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, DIM)
    index.close()
    with pytest.raises(IndexDamaged):
        index.search(unit(1)[0], 1)


def test_that_searching_goes_on_while_adding(index: VectorIndex) -> None:
    vectors = unit(5000)
    index.add(range(500), range(500), vectors[:500])
    stop = threading.Event()
    failures: list[BaseException] = []

    def look() -> None:
        try:
            while not stop.is_set():
                assert index.search(vectors[3], 5)[0].chunk_id == 3
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    searcher = threading.Thread(target=look)
    searcher.start()
    for start in range(500, 5000, 500):
        rows = range(start, start + 500)
        index.add(rows, rows, vectors[start : start + 500])
    stop.set()
    searcher.join()
    assert failures == []
    assert index.count == 5000
