"""Answering a query from an open workspace: filters, retrieval, what results say of documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.errors import InvalidInput
from engine.parts import Parts
from engine.records import Chunk, SearchResult, SearchResults
from engine.requests import Search
from engine.retrieval import search as retrieval
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import documents, labels

_NO_VECTOR = np.empty(0, np.float32)


def answer(
    parts: Parts, settings: Settings, request: Search, checkpoint: Callable[[], None]
) -> SearchResults:
    """Search the library; without vectors yet, by keywords alone, and the notice says so."""
    query = request.query.strip()
    if not query:
        raise InvalidInput("Empty query", "There is nothing to search for.", "Type some words.")
    mode = request.mode or settings.mode
    served = parts.models.served() if mode != "lexical" else None
    began = time.perf_counter()
    options = retrieval.Options(
        query=query,
        k=request.k or settings.results,
        mode=mode if served else "lexical",
        fusion=request.fusion or settings.fusion,
        balance=settings.balance if request.balance is None else request.balance,
        rerank=settings.rerank if request.rerank is None else request.rerank,
        prefix=request.prefix,
        documents=_allowed(parts, request),
    )
    hits = retrieval.search(options, retrieval_parts(parts, served, checkpoint))
    with parts.library.read() as connection:
        ids = [hit.document_id for hit in hits]
        heads = documents.heads(connection, ids)
        given = labels.of_query(connection, query, ids)
    results = tuple(
        SearchResult(
            rank=rank,
            document_id=hit.document_id,
            document=heads[hit.document_id].document,
            title=heads[hit.document_id].title,
            media_type=heads[hit.document_id].media_type,
            modified_at=heads[hit.document_id].modified_at,
            score=hit.score,
            scores=hit.scores,
            passages=hit.passages,
            grade=given.get(hit.document_id, {}).get("judgment"),
            thumb=given.get(hit.document_id, {}).get("feedback"),  # type: ignore[arg-type]
        )
        for rank, hit in enumerate((h for h in hits if h.document_id in heads), start=1)
    )
    return SearchResults(
        query=query,
        mode=mode,
        took_ms=(time.perf_counter() - began) * 1000,
        model=parts.models.active_id(),
        results=results,
        notice="" if mode == "lexical" else _notice(parts, served),
    )


def retrieval_parts(
    parts: Parts, served: ServedModel | None, checkpoint: Callable[[], None]
) -> retrieval.Parts:
    """What a query is put to; without a served model nothing is found by meaning."""
    return retrieval.Parts(
        lexical=parts.lexical,
        dense=served.dense.search if served else lambda *_: [],
        encode_query=served.encode_query if served else lambda *_: _NO_VECTOR,
        load_passages=lambda ids: _chunks(parts, ids),
        score_pairs=lambda query, passages: (
            parts.models.cross_encoder().score(query, passages).tolist()
        ),
        checkpoint=checkpoint,
    )


def _chunks(parts: Parts, chunk_ids: Sequence[int]) -> Mapping[int, Chunk]:
    with parts.library.read() as connection:
        return documents.chunks_by_id(connection, chunk_ids)


def _allowed(parts: Parts, request: Search) -> set[int] | None:
    """The documents that pass the filters; None where there are no filters."""
    after, before = request.modified_after, request.modified_before
    if not (request.under or request.types or after is not None or before is not None):
        return None
    with parts.library.read() as connection:
        return documents.matching(connection, request.under, request.types, after, before)


def _notice(parts: Parts, served: ServedModel | None) -> str:
    with parts.library.read() as connection:
        n_chunks = documents.n_chunks(connection)
    if not n_chunks:
        return ""
    if served is None:
        return "Search by meaning is being prepared: these are the results by keywords."
    health = served.dense.health(n_chunks)
    if health.done < health.total:
        return f"Search by meaning covers {health.done:,} of {health.total:,} passages so far."
    return ""
