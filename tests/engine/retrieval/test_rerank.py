from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records import RetrieverScore
from engine.retrieval.fusion import FusedDocument
from engine.retrieval.rerank import blended


def fused(*scores: float) -> list[FusedDocument]:
    return [FusedDocument(id_, score, {}, (id_,)) for id_, score in enumerate(scores, start=1)]


def test_that_a_full_weight_orders_by_the_logits() -> None:
    reordered = blended(fused(0.9, 0.8, 0.7), [-3.0, 4.0, 0.5], weight=1.0)
    assert [d.document_id for d in reordered] == [2, 3, 1]
    assert reordered[0].scores == {"reranker": RetrieverScore(1, 4.0)}
    assert reordered[2].scores == {"reranker": RetrieverScore(3, -3.0)}


def test_that_no_weight_keeps_the_order() -> None:
    reordered = blended(fused(0.9, 0.8, 0.7), [-3.0, 4.0, 0.5], weight=0.0)
    assert [d.document_id for d in reordered] == [1, 2, 3]


def test_that_the_blend_is_between() -> None:
    reordered = blended(fused(1.0, 0.9, 0.0), [-2.0, 8.0, 8.0], weight=0.5)
    assert [d.document_id for d in reordered] == [2, 1, 3]
    assert reordered[0].score == pytest.approx(1 + 0.5 + 0.5 * 0.9)


def test_that_what_was_not_reranked_stays_below_in_order() -> None:
    reordered = blended(fused(0.9, 0.8, 0.7, 0.6), [-9.0, 9.0])
    assert [d.document_id for d in reordered][2:] == [3, 4]
    assert reordered[3].scores == {}
    scores = [d.score for d in reordered]
    assert scores == sorted(scores, reverse=True)


def test_that_nothing_reranked_is_nothing_changed() -> None:
    documents = fused(0.5, 0.4)
    assert blended(documents, []) == documents
    assert blended([], []) == []


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-1e4, 1e4)), min_size=1, max_size=25),
    st.floats(0, 1),
)
def test_that_any_logits_give_a_ranking_of_the_same_documents(
    pairs: list[tuple[float, float]], weight: float
) -> None:
    documents = fused(*sorted((score for score, _ in pairs), reverse=True))
    reordered = blended(documents, [logit for _, logit in pairs], weight)
    assert {d.document_id for d in reordered} == {d.document_id for d in documents}
    assert all(1 <= d.score <= 2 + 1e-9 for d in reordered)
