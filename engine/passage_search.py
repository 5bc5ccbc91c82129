"""The passages of some documents, searched within a job by words, by meaning, and by both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

from engine.answering import retrieval_parts, worded
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import Chunk
from engine.retrieval import rerank
from engine.retrieval import search as retrieval
from engine.settings import Settings
from engine.storage import documents, evalset_documents, evalsets, pictures
from engine.training_records import NegativeSource


def searchable(parts: Parts, evalset: str | None) -> tuple[int, ...]:
    """Ids of the documents that queries can be made of: the library's, or a set's; raises NotFound.

    Pictures of which there are no words are left out.
    """
    with parts.library.read() as connection:
        wordless = set(pictures.wordless(connection))
        if evalset is None:
            every: Iterable[int] = documents.every_id(connection)
        else:
            every = evalset_documents.names(connection, evalsets.find(connection, evalset))
        return tuple(number for number in sorted(every) if number not in wordless)


class PassageSearch:
    """Owns nothing: the indexes, brought up to date, behind the questions that gathering asks."""

    def __init__(
        self, parts: Parts, settings: Settings, document_ids: Collection[int], job: Job
    ) -> None:
        """Bring both indexes up to date, for that is what search would find from now on."""
        self._parts = parts
        self._settings = settings
        self._served = parts.models.serve_active(job)
        parts.lexical.catch_up(job.checkpoint)
        self._served.catch_up(job)
        with parts.library.read() as connection:
            n_documents = documents.count(connection)
        self._allowed = None if n_documents == len(document_ids) else set(document_ids)
        self._put_to = retrieval_parts(parts, self._served, job.checkpoint)

    @property
    def fingerprint(self) -> str:
        """Of the model that passages are found with by meaning."""
        return self._served.encoder.fingerprint

    def lookalikes(
        self, query: str, depth: int, without: Collection[int]
    ) -> list[tuple[Chunk, NegativeSource]]:
        """What either ranking has among its first `depth` passages, in turn from dense and BM25.

        Of each document its best passage; none of the documents `without`.
        """
        vector = self._served.encode_query(query)
        by_meaning = worded(self._parts, self._served.dense.search(vector, depth, self._allowed))
        by_words = self._parts.lexical.search(query, depth, documents=self._allowed)
        sources: dict[int, NegativeSource] = {}
        seen = set(without)
        for pair in zip_longest(by_meaning, worded(self._parts, by_words)):
            for line, source in zip(pair, _SOURCES, strict=True):
                if line is not None and line.document_id not in seen:
                    seen.add(line.document_id)
                    sources[line.chunk_id] = source
        found = self._chunks(list(sources))
        return [(found[number], source) for number, source in sources.items() if number in found]

    def best_passage(self, query: str, document_id: int) -> Chunk | None:
        """The passage of a document that is nearest in meaning; None where the document is gone."""
        run = self._served.dense.search(self._served.encode_query(query), 1, {document_id})
        return next(iter(self._chunks([line.chunk_id for line in run]).values()), None)

    def best(self, query: str, k: int) -> list[Chunk]:
        """The best passage of each of the first k documents of hybrid search, in order."""
        hits = retrieval.search(self._options(query, k, rerank=False), self._put_to)
        first = [hit.passages[0].chunk_id for hit in hits if hit.passages]
        found = self._chunks(first)
        return [found[number] for number in first if number in found and found[number].text.strip()]

    def comes_back(self, query: str, document_id: int, among: int, *, reranked: bool) -> bool:
        """Whether a document is among the first of hybrid search, reranked by the cross-encoder.

        Where it is not even among those that are reranked, the cross-encoder is not asked.
        """
        deep = max(among, rerank.DEPTH) if reranked else among
        found = retrieval.search(self._options(query, deep, rerank=False), self._put_to)
        found_at_all = document_id in {hit.document_id for hit in found}
        if not (found_at_all and reranked):
            return found_at_all
        found = retrieval.search(self._options(query, among, rerank=True), self._put_to)
        return document_id in {hit.document_id for hit in found}

    def _options(self, query: str, k: int, *, rerank: bool) -> retrieval.Options:
        return retrieval.Options(
            query=query,
            k=k,
            fusion=self._settings.fusion,
            balance=self._settings.balance,
            rerank=rerank,
            documents=self._allowed,
        )

    def _chunks(self, chunk_ids: Sequence[int]) -> dict[int, Chunk]:
        with self._parts.library.read() as connection:
            return dict(documents.chunks_by_id(connection, chunk_ids))


_SOURCES: tuple[NegativeSource, NegativeSource] = ("dense", "bm25")
