"""Exact dense search over a corpus."""

from __future__ import annotations

import numpy as np

from engine.training.corpus import dense_run


def test_that_a_document_is_its_best_passage() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, -1]], dtype=np.float32)
    queries = {"q": np.array([1, 0], dtype=np.float32)}
    run = dense_run(queries, ["a", "b", "b", "a"], vectors, k=5)
    assert run == {"q": [("a", 1.0), ("b", np.float32(0.6))]}
    assert dense_run(queries, ["a", "b", "b", "a"], vectors, k=1) == {"q": [("a", 1.0)]}
