"""Answering a query from an open workspace: filters, retrieval, what results say of documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine import picture_answers
from engine.errors import InvalidInput
from engine.parts import Parts
from engine.records import (
    Chunk,
    NearDuplicate,
    Passage,
    ScoredChunk,
    SearchResult,
    SearchResults,
)
from engine.requests import Search
from engine.retrieval import fields
from engine.retrieval import search as retrieval
from engine.retrieval.fields import FieldedQuery
from engine.retrieval.grouping import grouped
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import documents, labels
from engine.storage.filters import Filters, matching
from engine.storage.heads import heads

_NO_VECTOR = np.empty(0, np.float32)
_TO_GROUP = 20
"""Documents asked for beyond those wanted, so that near-duplicates leave enough others."""


def answer(
    parts: Parts, settings: Settings, request: Search, checkpoint: Callable[[], None]
) -> SearchResults:
    """Search the library; without vectors yet, by keywords alone, and the notice says so.

    Conditions typed as `field:value` join those of the request; a query of nothing else lists the
    documents that fulfil them, the newest first.
    """
    query = request.query.strip()
    picture = picture_answers.shown(parts.pictures, request)
    if not query and picture is None:
        raise InvalidInput("Empty query", "There is nothing to search for.", "Type some words.")
    mode = request.mode or settings.mode
    served = parts.models.served() if mode != "lexical" else None
    began = time.perf_counter()
    fielded = fields.parse(query)
    allowed = _allowed(parts, request, fielded)
    k = request.k or settings.results
    if fielded.text or allowed is None or picture is not None:
        options = retrieval.Options(
            query=fielded.text,
            k=k + _TO_GROUP if request.group else k,
            mode=mode if served else "lexical",
            fusion=request.fusion or settings.fusion,
            balance=settings.balance if request.balance is None else request.balance,
            rerank=settings.rerank if request.rerank is None else request.rerank,
            prefix=request.prefix,
            documents=None if allowed is None else set(allowed),
        )
        by_words = retrieval_parts(parts, served, checkpoint)
        hits = picture_answers.found(
            parts,
            options,
            request.kind,
            picture,
            lambda wanted: retrieval.search(wanted, by_words),
        )
    else:
        hits = _listed(parts, allowed[: k + _TO_GROUP])
    return SearchResults(
        query=query,
        mode=mode,
        took_ms=(time.perf_counter() - began) * 1000,
        model=parts.models.active_id(),
        results=_results(parts, query, hits, k, group=request.group),
        notice="" if mode == "lexical" else _notice(parts, served),
    )


def _results(
    parts: Parts, query: str, hits: Sequence[retrieval.Hit], k: int, *, group: bool
) -> tuple[SearchResult, ...]:
    """The k best hits as a user is told of them, near-duplicates below the best of each kind."""
    with parts.library.read() as connection:
        found = heads(connection, [hit.document_id for hit in hits])
        given = labels.of_query(connection, query, list(found))
    by_id = {hit.document_id: hit for hit in hits if hit.document_id in found}
    signatures = {document: found[document].signature for document in by_id} if group else {}
    kept = list(grouped(list(by_id), signatures).items())[:k]
    return tuple(
        SearchResult(
            rank=rank,
            document_id=document,
            document=found[document].document,
            title=found[document].title,
            media_type=found[document].media_type,
            modified_at=found[document].modified_at,
            score=by_id[document].score,
            scores=by_id[document].scores,
            passages=tuple(
                replace(passage, place=found[document].place_of(passage.page))
                for passage in by_id[document].passages
            ),
            grade=given.get(document, {}).get("judgment"),
            thumb=given.get(document, {}).get("feedback"),  # type: ignore[arg-type]
            also_at=found[document].also_at,
            near_duplicates=tuple(
                NearDuplicate(other, found[other].document, found[other].title) for other in others
            ),
            author=found[document].author,
            language=found[document].language,
            picture=found[document].picture,
        )
        for rank, (document, others) in enumerate(kept, start=1)
    )


def _listed(parts: Parts, document_ids: Sequence[int]) -> list[retrieval.Hit]:
    """Documents without a query, each with its beginning."""
    hits = []
    with parts.library.read() as connection:
        for document in document_ids:
            first = next(documents.chunks(connection, [document]), None)
            if first is not None:
                passage = Passage(first.id, first.text, first.start, first.end, first.page, ())
                hits.append(retrieval.Hit(document, 0.0, {}, (passage,)))
    return hits


def retrieval_parts(
    parts: Parts, served: ServedModel | None, checkpoint: Callable[[], None]
) -> retrieval.Parts:
    """What a query is put to; without a served model nothing is found by meaning."""
    return retrieval.Parts(
        lexical=parts.lexical,
        dense=lambda *asked: worded(parts, served.dense.search(*asked)) if served else [],
        encode_query=served.encode_query if served else lambda *_: _NO_VECTOR,
        load_passages=lambda ids: _chunks(parts, ids),
        score_pairs=lambda query, passages: (
            parts.models.cross_encoder().score(query, passages).tolist()
        ),
        checkpoint=checkpoint,
    )


def worded(parts: Parts, run: list[ScoredChunk]) -> list[ScoredChunk]:
    """A run less pictures of which there are no words: they mean nothing, and fit anything."""
    wordless = parts.pictures.wordless
    return [line for line in run if line.document_id not in wordless] if wordless else run


def _chunks(parts: Parts, chunk_ids: Sequence[int]) -> Mapping[int, Chunk]:
    with parts.library.read() as connection:
        return documents.chunks_by_id(connection, chunk_ids)


def _allowed(parts: Parts, request: Search, fielded: FieldedQuery) -> list[int] | None:
    """The documents that pass the filters, the newest first; None where there are no filters."""
    filters = Filters(
        under=request.under or "",
        types=request.types + fielded.types,
        languages=request.languages + fielded.languages,
        titles=fielded.title,
        authors=fielded.author + ((request.author,) if request.author else ()),
        places=fielded.places,
        kind="image" if request.image or request.like is not None else request.kind,
        modified_after=request.modified_after,
        modified_before=request.modified_before,
        written_after=fielded.after,
        written_before=fielded.before,
    )
    if filters == Filters():
        return None
    with parts.library.read() as connection:
        return matching(connection, filters)


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
