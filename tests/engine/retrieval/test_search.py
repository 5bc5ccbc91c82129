from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import JobCancelled
from engine.records import Chunk, ScoredChunk
from engine.retrieval.exact import ExactVectors
from engine.retrieval.lexical import LexicalIndex
from engine.retrieval.search import Options, Parts, search

TEXTS = [
    (1, "Photosynthesis turns light into sugar."),
    (1, "Sugar feeds the roots, and sugar feeds the fruit."),
    (2, "Solar panels turn light into current."),
    (3, "Trains turn around at the end of the line."),
]
TOPICS = ["plant", "plant", "solar", "train"]
CHUNKS = {
    i: Chunk(i, document, 0, 0, len(text), None, text, "", b"")
    for i, (document, text) in enumerate(TEXTS)
}


def encode(text: str) -> NDArray[np.float32]:
    """A stand-in for meaning: plants and panels are near each other, trains far."""
    angle = {"plant": 0.0, "solar": 0.6, "train": 2.0}[text]
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def load(chunk_ids: Sequence[int]) -> Mapping[int, Chunk]:
    return {id_: CHUNKS[id_] for id_ in chunk_ids}


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    lexical = LexicalIndex.create(tmp_path)
    lexical.add(CHUNKS.values())
    lexical.commit()
    exact = ExactVectors(2)
    exact.append(
        list(CHUNKS),
        [chunk.document_id for chunk in CHUNKS.values()],
        np.stack([encode(topic) for topic in TOPICS]),
    )
    yield Parts(lexical, exact.search, encode, load)
    lexical.close()


def test_that_lexical_search_finds_by_words_alone(parts: Parts) -> None:
    hits = search(Options("sugar", mode="lexical"), replace(parts, encode_query=never))
    assert [hit.document_id for hit in hits] == [1]
    assert set(hits[0].scores) == {"lexical"}


def test_that_dense_search_finds_by_meaning_alone(parts: Parts) -> None:
    hits = search(Options("plant", mode="dense"), parts)
    assert [hit.document_id for hit in hits] == [1, 2, 3]
    assert set(hits[0].scores) == {"dense"}


def test_that_hybrid_search_tells_what_each_retriever_thought(parts: Parts) -> None:
    hits = search(Options("solar", mode="hybrid"), parts)
    assert hits[0].document_id == 2
    assert hits[0].scores["lexical"].rank == hits[0].scores["dense"].rank == 1
    assert set(hits[1].scores) == {"dense"}


def test_that_the_balance_moves_the_order(parts: Parts) -> None:
    two_minds = replace(parts, encode_query=lambda _: encode("train"))
    assert search(Options("sugar light", balance=0.1), two_minds)[0].document_id == 1
    assert search(Options("sugar light", balance=0.9), two_minds)[0].document_id == 3


def test_that_a_document_comes_once_with_its_best_passages_marked(parts: Parts) -> None:
    (hit,) = search(Options("sugar", mode="lexical"), parts)
    assert [passage.chunk_id for passage in hit.passages] == [1, 0]
    text = hit.passages[0].text
    assert [text[a:b] for a, b in hit.passages[0].highlights] == ["Sugar", "sugar"]


def test_that_k_limits_documents(parts: Parts) -> None:
    assert len(search(Options("plant", k=2, mode="dense"), parts)) == 2
    assert search(Options("plant", k=0, mode="dense"), parts) == []


def test_that_results_are_the_first_of_more_results(parts: Parts) -> None:
    three = search(Options("solar", k=3), parts)
    assert search(Options("solar", k=1), parts) == three[:1]


def test_that_only_the_documents_asked_for_are_searched(parts: Parts) -> None:
    hits = search(Options("solar", documents={1, 3}), parts)
    assert {hit.document_id for hit in hits} == {1, 3}


def test_that_an_empty_query_finds_nothing_and_asks_nobody(parts: Parts) -> None:
    assert search(Options("  "), replace(parts, encode_query=never)) == []


def test_that_an_unfinished_word_counts_when_asked(parts: Parts) -> None:
    assert search(Options("photosyn", mode="lexical"), parts) == []
    (hit,) = search(Options("photosyn", mode="lexical", prefix=True), parts)
    assert hit.document_id == 1


def test_that_the_reranker_reads_the_best_passage_and_reorders(parts: Parts) -> None:
    seen: list[tuple[str, list[str]]] = []

    def score(query: str, passages: Sequence[str]) -> list[float]:
        seen.append((query, list(passages)))
        return [9.0 if "Trains" in passage else -9.0 for passage in passages]

    reranked = replace(parts, score_pairs=score)
    hits = search(Options("plant", mode="dense", rerank=True), reranked)
    assert seen == [("plant", [TEXTS[0][1], TEXTS[2][1], TEXTS[3][1]])]
    assert {hit.document_id: hit.scores["reranker"].rank for hit in hits} == {1: 2, 2: 3, 3: 1}
    assert [hit.document_id for hit in search(Options("plant", mode="dense"), reranked)] == [
        1,
        2,
        3,
    ]
    assert len(search(Options("plant", mode="dense", rerank=True, k=1), reranked)) == 1


def test_that_passages_that_are_gone_are_left_out(parts: Parts) -> None:
    def without_second(chunk_ids: Sequence[int]) -> Mapping[int, Chunk]:
        return {id_: CHUNKS[id_] for id_ in chunk_ids if id_ not in (1, 2)}

    hits = search(Options("plant", mode="dense"), replace(parts, load_passages=without_second))
    assert [hit.document_id for hit in hits] == [1, 3]
    assert [passage.chunk_id for passage in hits[0].passages] == [0]


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_that_a_stale_query_stops_at_the_next_stage(parts: Parts, stage: int) -> None:
    calls = 0

    def checkpoint() -> None:
        nonlocal calls
        calls += 1
        if calls == stage:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        search(Options("solar"), replace(parts, checkpoint=checkpoint))


def test_that_any_dense_retriever_fits(parts: Parts) -> None:
    def dense(_: object, k: int, allowed: Collection[int] | None) -> list[ScoredChunk]:
        assert k >= 20 and allowed is None
        return [ScoredChunk(3, 3, 0.5)]

    assert search(Options("solar"), replace(parts, dense=dense))[-1].document_id == 3


def never(_: str) -> NDArray[np.float32]:
    raise AssertionError("not to be asked")
