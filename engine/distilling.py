"""Pairs that the cross-encoder labels, for queries that nobody judged."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import NotEnoughData
from engine.jobs.job import Job
from engine.parts import Parts
from engine.passage_search import PassageSearch, searchable
from engine.settings import Settings
from engine.storage import (
    document_names,
    evalset_versions,
    evalsets,
    labels,
    made_pairs,
    searches,
)
from engine.storage.encoding_key import encoding_text
from engine.storage.made_pairs import MadePair
from engine.training.pairs import normalised
from engine.training.pseudo_labels import pseudo_labels
from engine.training_records import DistillReport
from engine.training_requests import Distill

_STAGE = "Asking the cross-encoder"
_A_NEGATIVE = 2
"""Passages scored for every negative that is kept."""
_SEARCHES = 20_000


@dataclass(frozen=True, slots=True)
class _Query:
    """A query that nobody judged."""

    text: str
    content_hash: str = ""
    """Of the document that it was made of; empty where it was not made."""
    passage: str = ""
    """What it was made of, less what it took from it."""


def distill(parts: Parts, settings: Settings, request: Distill, job: Job) -> DistillReport:
    """Have the cross-encoder score what hybrid search finds for queries without judgments.

    What a query gave is kept at once, so that a job that ends early goes on there.
    """
    began = time.monotonic()
    ids = searchable(parts, request.evalset)
    queries, labelled = _queries(parts, request)
    if not queries:
        raise NotEnoughData(
            "No queries to ask about",
            "The cross-encoder labels what you searched for without judging it, and queries that "
            "were made of passages; there are neither.",
            "Make queries from your passages first.",
        )
    wanted = queries[: request.n_queries]
    new = [query for query in wanted if normalised(query.text) not in labelled]
    labeller = _Labeller(parts, PassageSearch(parts, settings, ids, job), request.per_query)
    n_queries = n_pairs = 0
    for done, query in enumerate(new):
        job.checkpoint()
        job.progress(_STAGE, done, len(new), "queries", query.text)
        pair = labeller.label(query)
        if pair is not None:
            with parts.library.write() as connection:
                made_pairs.add(connection, [pair])
            n_queries += 1
            n_pairs += len(pair.negatives)
    job.progress(_STAGE, len(new), len(new), "queries")
    return DistillReport(n_queries, n_pairs, time.monotonic() - began)


class _Labeller:
    """Searches, has the cross-encoder score, and takes a positive and negatives from that."""

    def __init__(self, parts: Parts, search: PassageSearch, per_query: int) -> None:
        with parts.library.read() as connection:
            self._names = document_names.every(connection)
        self._cross_encoder = parts.models.cross_encoder()
        self._search = search
        self._per_query = per_query

    def label(self, query: _Query) -> MadePair | None:
        """The query with what answers it and what does not; None where nothing clearly does."""
        passages = self._passages(query)
        texts = list(passages.values())
        scores = [float(logit) for logit in self._cross_encoder.score(query.text, texts)]
        labels = pseudo_labels(scores, self._per_query)
        if labels is None:
            return None
        return MadePair(
            origin="pseudo",
            query=query.text,
            content_hash=list(passages)[labels.positive],
            text=texts[labels.positive],
            negatives=tuple(texts[row] for row in labels.negatives),
            scores=tuple(scores[row] for row in (labels.positive, *labels.negatives)),
        )

    def _passages(self, query: _Query) -> dict[str, str]:
        """By content hash, the best passage of each document that is found, as it is encoded.

        That which a query was made of stands without what the query took from it, or its title
        would be all that is learnt.
        """
        found = {
            self._names[chunk.document_id].content_hash: encoding_text(chunk.context, chunk.text)
            for chunk in self._search.best(query.text, 1 + _A_NEGATIVE * self._per_query)
            if chunk.document_id in self._names
        }
        return found | ({query.content_hash: query.passage} if query.passage else {})


def _queries(parts: Parts, request: Distill) -> tuple[list[_Query], set[str]]:
    """Different queries that nobody judged, and which of them, normalised, are labelled already.

    The user's own searches come first, the newest of them first, then the set's queries of the
    split without a judgment, then those that were made, all kinds mixed.
    """
    with parts.library.read() as connection:
        asked = list(searches.distinct(connection, _SEARCHES, sample=False))
        made = made_pairs.every(connection)
        judged = {normalised(label.query) for label in labels.in_force(connection)}
        if request.evalset is not None:
            content = evalset_versions.content(
                connection, evalsets.find(connection, request.evalset)
            )
            asked += [content.queries[query] for query in content.splits.get(request.split, [])]
            judged |= {
                normalised(content.queries[query])
                for qrels in content.qrels.values()
                for query in qrels
            }
    found: dict[str, _Query] = {}
    for query in (*(_Query(text) for text in asked), *_mixed(made)):
        key = normalised(query.text)
        if key and key not in judged:
            found.setdefault(key, query)
    labelled = {normalised(pair.query) for pair in made if pair.origin == "pseudo"}
    return list(found.values()), labelled


def _mixed(made: Sequence[MadePair]) -> list[_Query]:
    queries = [
        _Query(pair.query, pair.content_hash, pair.text) for pair in made if pair.origin != "pseudo"
    ]
    return sorted(queries, key=lambda query: hashlib.sha256(query.text.encode()).digest())
