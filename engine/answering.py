"""Answering a query from an open workspace: filters, retrieval, what results say of documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from sqlite3 import Connection

import numpy as np
from numpy.typing import NDArray

from engine import picture_answers
from engine.errors import InvalidInput
from engine.parts import Parts
from engine.records import (
    Chunk,
    IndexHealth,
    Mode,
    NearDuplicate,
    Passage,
    ScoredChunk,
    SearchResult,
    SearchResults,
)
from engine.requests import ListPictures, Search
from engine.retrieval import fields
from engine.retrieval import search as retrieval
from engine.retrieval.deepened import deepened
from engine.retrieval.exact import ExactVectors
from engine.retrieval.fields import FieldedQuery
from engine.retrieval.given_names import LexicalWithNames
from engine.retrieval.grouping import grouped
from engine.retrieval.on_pages import LexicalOnPages
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import documents, labels, pictures
from engine.storage.filters import Filters, matching
from engine.storage.heads import Head, heads
from engine.storage.on_pages import PageLimit, PassageOnPage, passages_on
from engine.training_requests import SearchWith

_NO_VECTOR = np.empty(0, np.float32)
_AT_ONCE = 500
"""Documents told of in one go."""
_TO_GROUP = 20
"""Documents asked for beyond those wanted, so that near-duplicates leave enough others."""


def answer(
    parts: Parts,
    settings: Settings,
    request: Search,
    checkpoint: Callable[[], None],
    model: ServedModel | None = None,
) -> SearchResults:
    """Search the library; without vectors yet, by keywords alone, and the notice says so.

    Conditions typed as `field:value` join those of the request; a query of nothing else lists the
    documents that fulfil them, the newest first. What holds a word behind a minus is left out.
    `model` takes the active one's place.
    """
    query = request.query.strip()
    picture = picture_answers.shown(parts.pictures, request)
    if not query and picture is None:
        raise InvalidInput("Empty query", "There is nothing to search for.", "Type some words.")
    mode = request.mode or settings.mode
    served = (model or parts.models.served()) if mode != "lexical" else None
    began = time.perf_counter()
    fielded = fields.parse(query)
    on_pages = _on_pages(parts, fielded)
    allowed = _allowed(parts, request, fielded, on_pages)
    k = request.k or settings.results
    if fielded.without and not fielded.text and allowed is None and picture is None:
        raise InvalidInput(
            "Nothing to search for",
            "There are only words to be left out.",
            "Type what is wanted, too, or a condition such as type:pdf.",
        )
    without = parts.lexical.holding(fielded.without) if fielded.without else set()
    if allowed is not None and without:
        allowed = [document for document in allowed if document not in without]
    if fielded.text or allowed is None or picture is not None:
        options = retrieval.Options(
            query=fielded.text,
            k=k + _TO_GROUP if request.group else k,
            mode=mode if served else "lexical",
            fusion=request.fusion or settings.fusion,
            balance=settings.balance if request.balance is None else request.balance,
            rerank=settings.rerank if request.rerank is None else request.rerank,
            prefix=request.prefix,
            documents=_narrowed(parts, allowed) if on_pages is None else set(allowed or ()),
            without=without if allowed is None else frozenset(),
        )
        put_to = retrieval_parts(parts, served, checkpoint)
        if on_pages is not None:
            put_to = _limited(parts, put_to, served, on_pages)
        hits = picture_answers.found(
            parts,
            options,
            request.kind if on_pages is None else "text",
            picture,
            lambda wanted: retrieval.search(wanted, put_to),
            without=fielded.without,
        )
    else:
        hits = _listed(parts, allowed[: k + _TO_GROUP], on_pages)
    if on_pages is not None:
        hits = [_at_wanted_page(hit, on_pages) for hit in hits]
    return SearchResults(
        query=query,
        mode=mode,
        took_ms=(time.perf_counter() - began) * 1000,
        model=parts.models.active_id(),
        results=_results(parts, request, hits, k),
        notice=_notice(parts, served, mode),
    )


def list_pictures(parts: Parts, request: ListPictures) -> tuple[int, ...]:
    """Documents that are pictures, those taken last first; words of the query are not heeded."""
    fielded = fields.parse(request.query)
    asked = Search(
        "",
        kind="image",
        under=request.under,
        types=request.types,
        modified_after=request.modified_after,
        modified_before=request.modified_before,
    )
    filters = _filters(asked, fielded)
    with parts.library.read() as connection:
        return tuple(matching(connection, filters, by_taken=True))


def results(parts: Parts, document_ids: Sequence[int]) -> tuple[SearchResult, ...]:
    """Documents as results of no query, in this order; what is gone is left out."""
    found: list[SearchResult] = []
    for start in range(0, len(document_ids), _AT_ONCE):
        some = document_ids[start : start + _AT_ONCE]
        hits = [retrieval.Hit(document, 0.0, {}, ()) for document in dict.fromkeys(some)]
        shown = picture_answers.with_passages(parts, hits)
        found += _results(parts, Search("", group=False), shown, len(some))
    return tuple(replace(result, rank=rank) for rank, result in enumerate(found, start=1))


def _results(
    parts: Parts, request: Search, hits: Sequence[retrieval.Hit], k: int
) -> tuple[SearchResult, ...]:
    """The k best hits as a user is told of them, near-duplicates below the best of each kind."""
    with parts.library.read() as connection:
        found = heads(connection, [hit.document_id for hit in hits])
        given = _given(connection, request, list(found))
    by_id = {hit.document_id: hit for hit in hits if hit.document_id in found}
    signatures = (
        {document: found[document].signature for document in by_id} if request.group else {}
    )
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
            passages=_placed(by_id[document].passages, found[document]),
            grade=given.get(document, {}).get("judgment"),
            thumb=given.get(document, {}).get("feedback"),  # type: ignore[arg-type]
            also_at=found[document].also_at,
            near_duplicates=tuple(
                NearDuplicate(
                    document_id=other,
                    document=found[other].document,
                    title=found[other].title,
                    score=by_id[other].score,
                    scores=by_id[other].scores,
                    passages=_placed(by_id[other].passages[:1], found[other]),
                    grade=given.get(other, {}).get("judgment"),
                    thumb=given.get(other, {}).get("feedback"),  # type: ignore[arg-type]
                    picture=found[other].picture,
                )
                for other in others
            ),
            author=found[document].author,
            language=found[document].language,
            picture=found[document].picture,
        )
        for rank, (document, others) in enumerate(kept, start=1)
    )


def _given(
    connection: Connection, request: Search, document_ids: Sequence[int]
) -> dict[int, dict[labels.Kind, int]]:
    """What the user said of documents for this query, the grades perhaps in an evaluation set."""
    query = request.query.strip()
    given = labels.of_query(connection, query, document_ids)
    if request.evalset is None:
        return given
    graded = labels.grades_in_set(connection, request.evalset, request.rater, query, document_ids)
    for document in document_ids:
        given.setdefault(document, {}).pop("judgment", None)
        if document in graded:
            given[document]["judgment"] = graded[document]
    return given


def _placed(passages: Sequence[Passage], head: Head) -> tuple[Passage, ...]:
    """Passages with the words for where in their document they stand."""
    return tuple(replace(passage, place=head.place_of(passage.page)) for passage in passages)


def _listed(
    parts: Parts, document_ids: Sequence[int], on_pages: Mapping[int, PassageOnPage] | None
) -> list[retrieval.Hit]:
    """Documents without a query, each with its beginning, or that of the first wanted page."""
    hits = []
    with parts.library.read() as connection:
        for document in document_ids:
            of_document = documents.chunks(connection, [document])
            first = next((c for c in of_document if on_pages is None or c.id in on_pages), None)
            if first is not None:
                passage = Passage(first.id, first.text, first.start, first.end, first.page, ())
                hits.append(retrieval.Hit(document, 0.0, {}, (passage,)))
    return hits


def _on_pages(parts: Parts, fielded: FieldedQuery) -> dict[int, PassageOnPage] | None:
    """The passages that are searched, by chunk id; None where they may lie on any page."""
    if not fielded.pages:
        return None
    with parts.library.read() as connection:
        return passages_on(connection, [PageLimit(unit, name) for unit, name in fielded.pages])


def _limited(
    parts: Parts,
    put_to: retrieval.Parts,
    served: ServedModel | None,
    on_pages: Mapping[int, PassageOnPage],
) -> retrieval.Parts:
    """The same search among these passages alone."""
    with parts.library.read() as connection:
        n_chunks = documents.n_chunks(connection)
    return replace(
        put_to,
        lexical=LexicalOnPages(put_to.lexical, on_pages.keys(), n_chunks),
        dense=partial(served.dense.search, passages=on_pages.keys()) if served else put_to.dense,
    )


def _at_wanted_page(hit: retrieval.Hit, on_pages: Mapping[int, PassageOnPage]) -> retrieval.Hit:
    """The same hit, its passages at the page that was asked for, where they begin before it."""
    passages = tuple(
        replace(p, page=on_pages[p.chunk_id].page) if p.chunk_id in on_pages else p
        for p in hit.passages
    )
    return replace(hit, passages=passages)


def retrieval_parts(
    parts: Parts, served: ServedModel | None, checkpoint: Callable[[], None]
) -> retrieval.Parts:
    """What a query is put to; without a served model nothing is found by meaning."""
    return retrieval.Parts(
        lexical=LexicalWithNames(
            parts.lexical, parts.pictures.wordless, lambda ids: _names(parts, ids)
        ),
        dense=partial(_dense, parts, served) if served else lambda *_: [],
        encode_query=served.encode_query if served else lambda *_: _NO_VECTOR,
        load_passages=lambda ids: _chunks(parts, ids),
        score_pairs=lambda query, passages: (
            parts.models.cross_encoder().score(query, passages).tolist()
        ),
        checkpoint=checkpoint,
    )


def _dense(
    parts: Parts,
    served: ServedModel,
    vector: NDArray[np.float32],
    k: int,
    allowed: Collection[int] | None,
) -> list[ScoredChunk]:
    return deepened(
        lambda depth: served.dense.search(vector, depth, allowed), k, partial(worded, parts)
    )


def worded(parts: Parts, run: list[ScoredChunk]) -> list[ScoredChunk]:
    """A run less pictures of which there are no words: they mean nothing, and fit anything."""
    wordless = parts.pictures.wordless
    return [line for line in run if line.document_id not in wordless] if wordless else run


def _names(parts: Parts, document_ids: Sequence[int]) -> dict[int, str]:
    with parts.library.read() as connection:
        return documents.titles(connection, document_ids)


def _chunks(parts: Parts, chunk_ids: Sequence[int]) -> Mapping[int, Chunk]:
    with parts.library.read() as connection:
        return documents.chunks_by_id(connection, chunk_ids)


def _allowed(
    parts: Parts,
    request: Search,
    fielded: FieldedQuery,
    on_pages: Mapping[int, PassageOnPage] | None,
) -> list[int] | None:
    """The documents that pass the filters, the newest first; None where there are no filters."""
    filters = _filters(request, fielded)
    if filters == Filters() and on_pages is None:
        return None
    with parts.library.read() as connection:
        found = matching(connection, filters)
    if on_pages is None:
        return found
    with_page = {passage.document_id for passage in on_pages.values()}
    return [document for document in found if document in with_page]


def _filters(request: Search, fielded: FieldedQuery) -> Filters:
    return Filters(
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
        cameras=request.cameras + fielded.cameras,
        tags=request.tags + fielded.tags,
        near=fielded.near,
    )


def _narrowed(parts: Parts, allowed: list[int] | None) -> set[int] | None:
    """What a search is limited to; None where every document passes, for that is much faster."""
    if allowed is None:
        return None
    with parts.library.read() as connection:
        return None if len(allowed) == documents.count(connection) else set(allowed)


def _notice(parts: Parts, served: ServedModel | None, mode: Mode) -> str:
    """What the answer lacks because an index does not have every passage yet."""
    with parts.library.read() as connection:
        n_chunks = documents.n_chunks(connection)
    if not n_chunks:
        return ""
    if mode != "dense" and (words := _lack("keywords", parts.lexical.health(n_chunks))):
        return words
    if mode == "lexical":
        return ""
    if served is None:
        return "Search by meaning is being prepared: these are the results by keywords."
    with parts.library.read() as connection:
        n_pictures = pictures.count(connection)
    n_seen = parts.pictures.n_seen()
    return _lack("meaning", served.dense.health(n_chunks)) or (
        f"What they show is known of {n_seen:,} of {n_pictures:,} pictures."
        if n_seen < n_pictures
        else ""
    )


def _lack(by: str, health: IndexHealth) -> str:
    if health.done >= health.total:
        return ""
    return f"Search by {by} covers {health.done:,} of {health.total:,} passages so far."


def search_with(parts: Parts, request: SearchWith) -> SearchResults:
    """Search by meaning with a model that need not be active, exactly over its cached vectors.

    Raises NotFound, and InvalidInput where it has not encoded the whole library yet.
    """
    query = request.query.strip()
    if not query:
        raise InvalidInput("Empty query", "There is nothing to search for.", "Type some words.")
    began = time.perf_counter()
    vectors, served = _cached_vectors(parts, request.model)
    put_to = replace(
        retrieval_parts(parts, served, lambda: None),
        dense=lambda vector, k, allowed: deepened(
            lambda depth: vectors.search(vector, depth, allowed), k, partial(worded, parts)
        ),
    )
    hits = retrieval.search(retrieval.Options(query, k=request.k, mode="dense"), put_to)
    return SearchResults(
        query=query,
        mode="dense",
        took_ms=(time.perf_counter() - began) * 1000,
        model=request.model,
        results=_results(parts, Search(query, group=False), hits, request.k),
    )


def _cached_vectors(parts: Parts, model_id: str) -> tuple[ExactVectors, ServedModel]:
    """Every passage's vector by a model, and the model."""
    lacking = InvalidInput(
        "This model does not know the library yet",
        f"{model_id} has not encoded every passage.",
        "Activate it once: then its vectors are kept, and it can be compared with others.",
    )
    parts.models.card(model_id)
    if parts.models.prepared(model_id) is None:
        raise lacking
    served = parts.models.open(model_id, lambda: None)
    with parts.library.read() as connection:
        chunks = documents.chunk_keys(connection, documents.every_id(connection))
    cached = parts.embeddings.get(served.dense.fingerprint, [key for _, _, key in chunks])
    if not chunks or any(key not in cached for _, _, key in chunks):
        raise lacking
    ids, owners, keys = zip(*chunks, strict=True)
    vectors = ExactVectors(served.encoder.dim)
    vectors.append(ids, owners, np.stack([cached[key] for key in keys]))
    return vectors, served
