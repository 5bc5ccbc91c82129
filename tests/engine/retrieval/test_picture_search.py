from __future__ import annotations

import numpy as np
import pytest

from engine.records import Passage, RetrieverScore, ScoredChunk
from engine.retrieval.exact import ExactVectors
from engine.retrieval.picture_search import as_hits, by_chance, joined, showing
from engine.retrieval.search import Hit


def texts(*document_ids: int) -> list[Hit]:
    passage = Passage(1, "words", 0, 5, None, ())
    return [
        Hit(document, 1.0, {"lexical": RetrieverScore(rank, 1.0)}, (passage,))
        for rank, document in enumerate(document_ids, start=1)
    ]


def seen(*document_ids: int) -> list[Hit]:
    return as_hits([ScoredChunk(n, n, 0.5) for n in document_ids], "meaning")


def test_that_a_document_of_both_lists_has_the_shares_scores_and_passages_of_both() -> None:
    first, *_ = joined([(1.0, texts(1, 2)), (0.5, seen(2, 3))])
    assert first.document_id == 2
    assert first.score == pytest.approx(1 / 62 + 0.5 / 61)
    assert first.scores.keys() == {"lexical", "meaning"}
    assert first.passages[0].text == "words"


def test_that_a_lighter_list_comes_in_later_and_ties_go_to_the_first() -> None:
    order = [hit.document_id for hit in joined([(1.0, texts(*range(1, 9))), (0.95, seen(10))])]
    assert order.index(10) == 4
    assert [hit.document_id for hit in joined([(1.0, texts(5)), (1.0, seen(4))])] == [5, 4]


def test_that_the_limit_lies_above_what_pictures_score_by_chance() -> None:
    vectors = ExactVectors(2)
    vectors.append([1, 2], [1, 2], np.array([[1.0, 0.0], [0.0, 1.0]], np.float32))
    background = np.array([[0.1, 0.0], [0.0, 0.3]], np.float32)
    assert by_chance(vectors, background) == pytest.approx(0.2 + 4 * 0.1)


def test_that_without_pictures_nothing_is_above_chance() -> None:
    assert by_chance(ExactVectors(2), np.ones((3, 2), np.float32)) == 1.0


def test_that_pictures_that_show_what_is_not_wanted_are_told() -> None:
    vectors = ExactVectors(2)
    rows = np.array([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]], np.float32)
    vectors.append([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], rows)
    query, unwanted = rows[0], rows[3:4]
    assert showing(vectors, unwanted, query) == {2, 4}
    assert showing(vectors, np.tile(unwanted, (2, 1)), None) <= {4}
    assert showing(ExactVectors(2), unwanted, query) == set()
