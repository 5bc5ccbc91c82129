"""The pairs that a rater judges next, with what is shown of them.

A query's documents come in an order drawn for each rater, so that nothing tells which system found
them, nor where.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b
from sqlite3 import Connection
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.answering import retrieval_parts
from engine.evaluation import active
from engine.evaluation.active import Chosen
from engine.evaluation_records import JudgingTask
from engine.parts import Parts
from engine.records import Passage
from engine.retrieval import fields
from engine.retrieval import search as retrieval
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import documents, evalset_documents, evalset_queries, judgments, pools
from engine.storage.evalset import EvalSet
from engine.storage.heads import Head, heads

T = TypeVar("T")
Pair = tuple[str, str]
"""Query id and document."""

_SHOWN = 20_000
"""Characters of a text that go with a task; the whole of it can be asked for."""
_REMEMBERED = 512


def next_pairs(
    connection: Connection, evalset: EvalSet, rater: str, n: int, query_id: str | None = None
) -> list[Pair]:
    """The first n pairs that a rater has not graded, query by query; skipped ones come last."""
    standing = judgments.standing(connection, evalset.id, rater)
    wanted = (
        evalset_queries.for_rater(connection, evalset.id, rater) if query_id is None else [query_id]
    )
    found: list[Pair] = []
    for skipped in (False, True):
        for query in wanted:
            if len(found) >= n:
                return found[:n]
            of = standing.get(query)
            if of is None or not (
                of.n_skipped if skipped else of.n_pooled - of.n_graded - of.n_skipped
            ):
                continue
            left = judgments.to_judge(connection, evalset.id, rater, query, skipped=skipped)
            found += [(query, document) for document in shuffled(evalset, rater, query, left)]
    return found[:n]


def most_telling(
    connection: Connection, evalset: EvalSet, rater: str, n: int, query_id: str | None = None
) -> list[Chosen]:
    """The n pairs that nobody graded whose grades would tell most about the pooled systems."""
    standing = judgments.standing(connection, evalset.id, rater)
    graded = judgments.grades(connection, evalset.id)
    wanted = (
        evalset_queries.for_rater(connection, evalset.id, rater) if query_id is None else [query_id]
    )
    return active.choose(
        pools.load(connection, evalset.id),
        graded,
        [
            (query, document)
            for query in wanted
            for document in judgments.to_judge(connection, evalset.id, rater, query, skipped=False)
            if document not in graded.get(query, {})
        ],
        n_judged=sum(each.n_graded + each.n_skipped for each in standing.values()),
        n=n,
        seed=str(evalset.id),
    )


def pairs_of_query(
    connection: Connection, evalset: EvalSet, rater: str, query_id: str
) -> list[Pair]:
    """All pairs of a query, judged or not, in the rater's order."""
    pooled = judgments.pooled(connection, evalset.id, query_id)
    return [(query_id, document) for document in shuffled(evalset, rater, query_id, pooled)]


def shuffled(evalset: EvalSet, rater: str, query_id: str, keys: Sequence[str]) -> list[str]:
    """Documents in the order that was drawn for a rater; more of them do not change it."""

    def drawn(key: str) -> bytes:
        seed = "\0".join((str(evalset.id), rater, query_id, key))
        return blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=8).digest()

    return sorted(keys, key=drawn)


class _Recent(Generic[T]):
    """What was used last, by key."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[object, ...], T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> T | None:
        """What is remembered."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: tuple[object, ...], value: T) -> None:
        """Remember something, in the place of what was not used for longest."""
        with self._lock:
            self._found[key] = value
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)


class TaskTexts:
    """Makes tasks of pairs; what was worked out for one is remembered for a while."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._passages: _Recent[tuple[Passage, ...]] = _Recent()
        self._vectors: _Recent[NDArray[np.float32]] = _Recent()
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="tasks ahead")

    def close(self) -> None:
        """Work out nothing further."""
        self._ahead.shutdown(cancel_futures=True)

    def prepare(
        self, evalset: EvalSet, rater: str, pairs: Sequence[Pair], settings: Settings
    ) -> None:
        """Work out in the background what will be asked for while the rater reads."""
        self._ahead.submit(self.tasks, evalset, rater, pairs, settings)

    def tasks(
        self, evalset: EvalSet, rater: str, pairs: Sequence[Pair], settings: Settings
    ) -> tuple[JudgingTask, ...]:
        """Pairs as they are shown to a rater."""
        return tuple(self._task(evalset, rater, pair, settings) for pair in pairs)

    def _task(self, evalset: EvalSet, rater: str, pair: Pair, settings: Settings) -> JudgingTask:
        query_id, key = pair
        with self._parts.library.read() as connection:
            query = evalset_queries.text_of(connection, evalset.id, query_id)
            given = judgments.of_pair(connection, evalset.id, query_id, key, rater)
            document_id = evalset_documents.id_of(connection, evalset, key)
            found = heads(connection, [] if document_id is None else [document_id])
            kept = evalset_documents.kept(connection, evalset, key, _SHOWN)
            text = "" if kept is None else kept.text
            if document_id in found:
                text = documents.beginning(connection, document_id, _SHOWN)
            changes = documents.last_change(connection)
        if document_id is None or document_id not in found:
            return JudgingTask(
                query_id=query_id,
                query=query,
                document=key,
                document_id=None,
                title="" if kept is None else kept.title,
                place=key if kept is None else kept.place,
                media_type="text/plain",
                text=text,
                passages=(),
                given=given,
            )
        head = found[document_id]
        return JudgingTask(
            query_id=query_id,
            query=query,
            document=key,
            document_id=document_id,
            title=head.title,
            place=key if evalset.dataset else head.document,
            media_type=head.media_type,
            text=text,
            passages=self._best(query, document_id, head, changes, settings),
            given=given,
        )

    def _best(
        self, query: str, document_id: int, head: Head, changes: int, settings: Settings
    ) -> tuple[Passage, ...]:
        """The document's passages that fit the query best, as a search of it alone finds them."""
        served = self._parts.models.served()
        model = served.card.id if served else ""
        known = self._passages.get((query, document_id, changes, model))
        if known is not None:
            return known
        put_to = retrieval_parts(self._parts, served, lambda: None)
        if served is not None:
            put_to = replace(put_to, encode_query=lambda text: self._vector(served, text))
        options = retrieval.Options(
            query=fields.parse(query).text or query,
            k=1,
            mode="hybrid" if served else "lexical",
            fusion=settings.fusion,
            balance=settings.balance,
            documents={document_id},
        )
        hits = retrieval.search(options, put_to)
        passages = hits[0].passages if hits else self._first(document_id)
        placed = tuple(replace(each, place=head.place_of(each.page)) for each in passages)
        self._passages.put((query, document_id, changes, model), placed)
        return placed

    def _first(self, document_id: int) -> tuple[Passage, ...]:
        with self._parts.library.read() as connection:
            for chunk in documents.chunks(connection, [document_id]):
                return (Passage(chunk.id, chunk.text, chunk.start, chunk.end, chunk.page, ()),)
        return ()

    def _vector(self, served: ServedModel, query: str) -> NDArray[np.float32]:
        known = self._vectors.get((served.card.id, query))
        if known is None:
            known = served.encode_query(query)
            self._vectors.put((served.card.id, query), known)
        return known
