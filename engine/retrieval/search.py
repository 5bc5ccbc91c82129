"""One search, from the query to ranked documents with their best passages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.records import Chunk, Fusion, Mode, Passage, RetrieverScore, ScoredChunk
from engine.retrieval import highlight, rerank
from engine.retrieval.deepened import deepened
from engine.retrieval.fusion import FusedDocument, RankedDocument, by_document, fuse
from engine.retrieval.query import ParsedQuery, parse

_CHUNKS = 200
"""Passages asked of each retriever. The same for any smaller k, so that a result's place does not
depend on how many are asked for: normalised scores depend on the depth of the run."""
_CHUNKS_A_RESULT = 3
"""For larger k: passages asked for per result, since several are of one document."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is searched for, and how."""

    query: str
    k: int = 20
    """Documents wanted."""
    mode: Mode = "hybrid"
    fusion: Fusion = "weighted"
    balance: float = 0.5
    """Share of dense against lexical in hybrid search, 0 to 1."""
    rerank: bool = False
    prefix: bool = False
    """The last word may be unfinished."""
    documents: Collection[int] | None = None
    """Only these; None is all."""
    without: Collection[int] = frozenset()
    """Not these."""


class Lexical(Protocol):
    """A keyword index: `LexicalIndex`, or what keeps one up to date."""

    def search(
        self,
        query: str,
        k: int,
        *,
        prefix: bool = ...,
        documents: Collection[int] | None = ...,
        without: Collection[int] = ...,
    ) -> list[ScoredChunk]:
        """The best k passages for the query's words."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a search is made with."""

    lexical: Lexical
    dense: Callable[[NDArray[np.float32], int, Collection[int] | None], list[ScoredChunk]]
    """The best k passages for a vector, among the documents with these ids."""
    encode_query: Callable[[str], NDArray[np.float32]]
    """(dim,) float32, L2-normalised."""
    load_passages: Callable[[Sequence[int]], Mapping[int, Chunk]]
    """Chunks by id; those that are gone are absent."""
    score_pairs: Callable[[str, Sequence[str]], Sequence[float]] | None = None
    """A cross-encoder's logits of the query with each passage; None where there is no reranker."""
    checkpoint: Callable[[], None] = lambda: None
    """Raises JobCancelled once nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found."""

    document_id: int
    score: float
    scores: dict[str, RetrieverScore]
    """By retriever: `lexical`, `dense`, `reranker`; one that did not find it is absent."""
    passages: tuple[Passage, ...]
    """The best first."""


def search(options: Options, parts: Parts) -> list[Hit]:
    """The k best documents, the best first."""
    if not options.query.strip() or options.k < 1:
        return []
    runs = _retrieve(options, parts)
    parts.checkpoint()
    ranked = fuse(runs, options.fusion, options.balance)
    wanted = max(options.k, rerank.DEPTH) if options.rerank else options.k
    ranked = ranked[:wanted]
    chunks = parts.load_passages([chunk_id for hit in ranked for chunk_id in hit.chunk_ids])
    ranked = _present(ranked, chunks)
    parts.checkpoint()
    if options.rerank and parts.score_pairs is not None:
        ranked = _rerank(options.query, ranked, chunks, parts.score_pairs)
        parts.checkpoint()
    return _hits(options, ranked[: options.k], chunks)


def _retrieve(options: Options, parts: Parts) -> dict[str, list[RankedDocument]]:
    """The documents of each retriever that the mode asks for."""
    depth = max(_CHUNKS, _CHUNKS_A_RESULT * options.k)

    def lexical() -> list[RankedDocument]:
        run = parts.lexical.search(
            options.query,
            depth,
            prefix=options.prefix,
            documents=options.documents,
            without=options.without,
        )
        return by_document(run)

    def dense() -> list[RankedDocument]:
        vector = parts.encode_query(options.query)
        parts.checkpoint()
        run = deepened(
            lambda k: parts.dense(vector, k, options.documents),
            depth,
            lambda run: [hit for hit in run if hit.document_id not in options.without],
        )
        return by_document(run)

    if options.mode == "lexical":
        return {"lexical": lexical()}
    if options.mode == "dense":
        return {"dense": dense()}
    return {"lexical": lexical(), "dense": dense()}


def _present(ranked: Sequence[FusedDocument], chunks: Mapping[int, Chunk]) -> list[FusedDocument]:
    """The documents without passages that have left the library since they were indexed."""
    kept = []
    for hit in ranked:
        chunk_ids = tuple(id_ for id_ in hit.chunk_ids if id_ in chunks)
        if chunk_ids:
            kept.append(replace(hit, chunk_ids=chunk_ids))
    return kept


def _rerank(
    query: str,
    ranked: Sequence[FusedDocument],
    chunks: Mapping[int, Chunk],
    score_pairs: Callable[[str, Sequence[str]], Sequence[float]],
) -> list[FusedDocument]:
    best = [chunks[hit.chunk_ids[0]] for hit in ranked[: rerank.DEPTH]]
    texts = [f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text for chunk in best]
    return rerank.blended(ranked, [float(logit) for logit in score_pairs(query, texts)])


def _hits(
    options: Options, ranked: Sequence[FusedDocument], chunks: Mapping[int, Chunk]
) -> list[Hit]:
    query = parse(options.query, prefix=options.prefix)
    return [
        Hit(
            document.document_id,
            document.score,
            document.scores,
            tuple(_passage(chunks[id_], query) for id_ in document.chunk_ids),
        )
        for document in ranked
    ]


def _passage(chunk: Chunk, query: ParsedQuery) -> Passage:
    marked = highlight.spans(chunk.text, query)
    return Passage(chunk.id, chunk.text, chunk.start, chunk.end, chunk.page, marked)
