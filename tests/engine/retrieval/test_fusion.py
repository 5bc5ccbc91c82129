from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records import RetrieverScore, ScoredChunk
from engine.retrieval.fusion import RankedDocument, by_document, fuse, rrf, weighted

EQUAL = {"lexical": 0.5, "dense": 0.5}


def run(*scores: tuple[int, float]) -> list[RankedDocument]:
    """Documents with one passage each, whose id is ten times the document's."""
    return by_document([ScoredChunk(10 * id_, id_, score) for id_, score in scores])


runs = st.lists(
    st.tuples(st.integers(1, 30), st.floats(0, 50, allow_subnormal=False)),
    unique_by=lambda pair: pair[0],
    max_size=20,
).map(lambda scores: run(*scores))


def test_that_a_document_is_as_good_as_its_best_passage() -> None:
    lines = [(1, 7, 2.0), (2, 8, 5.0), (3, 7, 9.0), (4, 7, 1.0), (5, 7, 4.0)]
    ranked = by_document([ScoredChunk(*line) for line in lines])
    assert [(d.document_id, d.score) for d in ranked] == [(7, 9.0), (8, 5.0)]
    assert [line.chunk_id for line in ranked[0].chunks] == [3, 5, 1]


def test_that_ties_are_broken_by_document_id() -> None:
    assert [d.document_id for d in run((5, 1.0), (2, 1.0), (9, 1.0))] == [2, 5, 9]


def test_rrf_by_hand() -> None:
    fused = rrf({"lexical": run((1, 9.0), (2, 8.0)), "dense": run((2, 0.9), (3, 0.8))}, EQUAL)
    assert [d.document_id for d in fused] == [2, 1, 3]
    assert [d.score for d in fused] == pytest.approx([0.5 / 62 + 0.5 / 61, 0.5 / 61, 0.5 / 62])


def test_weighted_by_hand() -> None:
    lexical = run((1, 10.0), (2, 5.0))
    dense = run((2, 0.8), (3, 0.6), (4, 0.4))
    fused = weighted({"lexical": lexical, "dense": dense}, {"lexical": 0.6, "dense": 0.4})
    assert [d.document_id for d in fused] == [2, 1, 3, 4]
    assert [d.score for d in fused] == pytest.approx([0.6 * 0.5 + 0.4, 0.6, 0.4 * 0.5, 0.0])


def test_that_the_second_of_two_keyword_hits_is_not_worth_nothing() -> None:
    fused = fuse(
        {"lexical": run((1, 9.0), (2, 8.8)), "dense": run((3, 0.9), (4, 0.1))}, "weighted", 0.5
    )
    assert [d.document_id for d in fused] == [1, 3, 2, 4]


def test_that_each_retrievers_rank_and_score_are_kept() -> None:
    fused = fuse({"lexical": run((1, 9.0), (2, 8.0)), "dense": run((2, 0.9))}, "weighted", 0.5)
    by_id = {d.document_id: d.scores for d in fused}
    assert by_id[2] == {"lexical": RetrieverScore(2, 8.0), "dense": RetrieverScore(1, 0.9)}
    assert by_id[1] == {"lexical": RetrieverScore(1, 9.0)}


def test_that_passages_that_both_retrievers_found_come_first() -> None:
    lexical = by_document([ScoredChunk(11, 1, 5.0), ScoredChunk(12, 1, 4.0)])
    dense = by_document([ScoredChunk(12, 1, 0.9), ScoredChunk(13, 1, 0.8), ScoredChunk(14, 1, 0.7)])
    (only,) = fuse({"lexical": lexical, "dense": dense}, "weighted", 0.5)
    assert only.chunk_ids == (12, 11, 13)


@given(runs, runs, st.sampled_from(["weighted", "rrf"]), st.floats(0, 1))
def test_that_fusing_neither_loses_nor_invents_documents(
    lexical: list[RankedDocument], dense: list[RankedDocument], fusion: str, balance: float
) -> None:
    fused = fuse({"lexical": lexical, "dense": dense}, fusion, balance)  # type: ignore[arg-type]
    ids = [d.document_id for d in fused]
    assert len(ids) == len(set(ids))
    assert set(ids) == {d.document_id for d in [*lexical, *dense]}
    assert all(0 <= d.score <= 1 + 1e-9 for d in fused)
    assert [d.score for d in fused] == sorted((d.score for d in fused), reverse=True)
    assert all(d.chunk_ids == (10 * d.document_id,) for d in fused)


@given(runs, runs, st.sampled_from(["weighted", "rrf"]))
def test_that_the_ends_of_the_balance_are_each_retriever_alone(
    lexical: list[RankedDocument], dense: list[RankedDocument], fusion: str
) -> None:
    both = {"lexical": lexical, "dense": dense}
    for balance, alone in ((0.0, lexical), (1.0, dense)):
        first = [d.document_id for d in fuse(both, fusion, balance) if d.score > 0]  # type: ignore[arg-type]
        assert first == [d.document_id for d in alone][: len(first)]


@given(runs, st.sampled_from(["lexical", "dense"]), st.sampled_from(["weighted", "rrf"]))
def test_that_a_single_run_keeps_its_order(
    documents: list[RankedDocument], name: str, fusion: str
) -> None:
    fused = fuse({name: documents}, fusion, 0.3)  # type: ignore[arg-type]
    ranks = [d.scores[name].rank for d in fused]
    scores = [d.scores[name].score for d in fused]
    assert sorted(ranks) == list(range(1, len(documents) + 1))
    assert scores == sorted(scores, reverse=True)
