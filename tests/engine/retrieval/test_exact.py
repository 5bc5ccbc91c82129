from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.retrieval.exact import ExactVectors


def unit(n: int, dim: int = 8, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def test_that_the_best_come_first_with_their_scores() -> None:
    vectors = unit(50)
    exact = ExactVectors(8)
    exact.append(range(100, 150), [i // 2 for i in range(50)], vectors)
    lines = exact.search(vectors[7], 5)
    scores = vectors @ vectors[7]
    assert [line.chunk_id - 100 for line in lines] == np.argsort(-scores)[:5].tolist()
    assert (lines[0].chunk_id, lines[0].document_id) == (107, 3)
    np.testing.assert_allclose([line.score for line in lines], np.sort(scores)[::-1][:5], rtol=1e-6)


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=40), st.integers(1, 50))
def test_that_ties_are_broken_by_chunk_id(values: list[float], k: int) -> None:
    exact = ExactVectors(1)
    ids = list(range(len(values)))[::-1]
    exact.append(ids, ids, np.array(values, np.float32)[:, None])
    expected = sorted(zip(values, ids, strict=True), key=lambda pair: (-pair[0], pair[1]))[:k]
    found = exact.search(np.ones(1, np.float32), k)
    assert [line.chunk_id for line in found] == [id_ for _, id_ in expected]


def test_that_allowed_documents_limit_the_search_whether_few_or_many() -> None:
    vectors = unit(400)
    exact = ExactVectors(8)
    exact.append(range(400), range(400), vectors)
    for n in (3, 300):
        allowed = set(range(n))
        expected = np.argsort(-(vectors[:n] @ vectors[0]))[:3]
        found = exact.search(vectors[0], 3, allowed)
        assert [line.chunk_id for line in found] == expected.tolist()
    assert exact.search(vectors[0], 3, set()) == []


def test_that_removed_documents_are_gone_and_the_rest_grows_on() -> None:
    vectors = unit(3000)
    exact = ExactVectors(8)
    for start in range(0, 3000, 700):
        rows = range(start, min(start + 700, 3000))
        exact.append(rows, [row // 3 for row in rows], vectors[start : start + 700])
    exact.remove_documents({0, 5, 99999})
    assert len(exact) == 2994
    assert {line.document_id for line in exact.search(vectors[0], 2994)} == set(range(1000)) - {
        0,
        5,
    }
    exact.append([0], [0], vectors[:1])
    assert exact.search(vectors[0], 1)[0].chunk_id == 0


def test_that_half_precision_is_taken_in() -> None:
    exact = ExactVectors(8)
    exact.append([1], [2], unit(1).astype(np.float16))
    chunks, documents, vectors = exact.arrays()
    assert (chunks.tolist(), documents.tolist()) == ([1], [2])
    assert vectors.dtype == np.dtype(np.float32)


def test_that_nothing_is_found_in_nothing() -> None:
    assert ExactVectors(8).search(unit(1)[0], 10) == []
