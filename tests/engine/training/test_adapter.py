"""The map of queries: it learns what can be learnt, and leaves alone what cannot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.training.adapter import FittedMap, fit_map
from engine.training.corpus import Corpus
from engine.training.pairs import JudgedQuery, LabelledPassage

DIM = 16
N_DOCUMENTS = 300


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / lengths, np.float32)


def library(
    n_queries: int, noise: float, seed: int = 0, *, turned: bool
) -> tuple[list[JudgedQuery], NDArray[np.float32], Corpus]:
    """Queries near the passage that answers each; where they are turned, by the same turn."""
    generator = np.random.default_rng(seed)
    passages = unit(generator.normal(size=(N_DOCUMENTS, DIM)))
    names = tuple(str(number) for number in range(N_DOCUMENTS))
    answers = generator.permutation(N_DOCUMENTS)[:n_queries]
    turn = np.linalg.qr(np.eye(DIM) + 0.25 * np.random.default_rng(7).normal(size=(DIM, DIM)))[0]
    queries = passages[answers] + noise * generator.normal(size=(n_queries, DIM))
    judged = [
        JudgedQuery(str(row), f"query {row}", (LabelledPassage(str(answer), "text", 2),))
        for row, answer in enumerate(answers)
    ]
    vectors = unit(queries @ turn if turned else queries)
    return judged, vectors, Corpus(names, names, passages)


def found_first(
    fitted: FittedMap, queries: list[JudgedQuery], vectors: NDArray[np.float32], corpus: Corpus
) -> float:
    scores = vectors @ fitted.weights @ corpus.vectors.T
    wanted = [int(query.positives[0].document) for query in queries]
    return float(np.mean(scores.argmax(axis=1) == wanted))


def test_that_what_all_queries_have_in_common_is_learnt() -> None:
    learnt = library(80, 0.15, turned=True)
    fitted = fit_map(*learnt)
    queries, vectors, corpus = library(80, 0.15, turned=True)
    asked = [*queries]
    nothing = FittedMap(np.eye(DIM, dtype=np.float32), 0.0, 0.0, 0.0)
    before = found_first(nothing, asked, vectors, corpus)
    assert fitted.gain > 0
    assert fitted.share > 0
    assert found_first(fitted, asked, vectors, corpus) > before


def test_that_random_answers_change_hardly_anything() -> None:
    queries, vectors, corpus = library(60, 0.05, turned=False)
    shuffled = np.random.default_rng(5).permutation(60)
    wrong = [
        JudgedQuery(query.id, query.text, queries[other].positives)
        for query, other in zip(queries, shuffled, strict=True)
    ]
    fitted = fit_map(wrong, vectors, corpus)
    assert found_first(fitted, queries, vectors, corpus) >= 0.95


def test_that_nothing_is_changed_where_everything_is_found_already() -> None:
    fitted = fit_map(*library(40, 0.0, turned=False))
    assert fitted.changes_nothing
    assert (fitted.weights == np.eye(DIM, dtype=np.float32)).all()


def test_that_the_same_queries_give_the_same_map() -> None:
    first, second = (fit_map(*library(50, 0.2, turned=True)) for _ in range(2))
    assert (first.weights == second.weights).all()
