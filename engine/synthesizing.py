"""Queries made from passages: by rules, or by a language model on a server of the user's choice."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from engine.errors import NotEnoughData
from engine.jobs.job import Job
from engine.parts import Parts
from engine.passage_search import PassageSearch, searchable
from engine.settings import Settings
from engine.storage import (
    document_names,
    documents,
    made_pairs,
)
from engine.storage.document_names import DocumentName
from engine.storage.encoding_key import encoding_text
from engine.storage.made_pairs import MadePair
from engine.training.heuristic_queries import (
    HeuristicPair,
    SourcePassage,
    enough,
    heuristic_pairs,
    spread,
)
from engine.training.llm_queries import BadAnswer, LlmClient
from engine.training_records import LlmServer, SynthesisReport
from engine.training_requests import Synthesize

_SEED = 0
"""Which passages are taken first: the same ones again, so that a job goes on where it was."""
_ANSWER_S = 300.0
"""For an answer in a job: a large model may have to be loaded first."""
_TRY_S = 90.0
_TRIED = 3
"""Queries asked for to try a server."""
_EXAMPLES = 20
_BAD_IN_A_ROW = 5
"""Unusable answers after which a server is not asked any further."""
_ABOUT_FROM = -2.0
"""Logit of the cross-encoder below which a passage is not about a phrase of it. On SciFact it tells
`strong linkage disequilibrium` (-11) from `brown adipocyte apoptosis` (7), and leaves out a sixth.
"""
_STAGE = "Making queries"


def try_server(parts: Parts, server: LlmServer) -> tuple[str, ...]:
    """Queries that a language model makes of one passage; raises EngineError."""
    client = LlmClient(server, _TRY_S)
    passages = _passages(parts, searchable(parts, None), _names(parts))
    passage = next(_telling(passages), None)
    if passage is None:
        raise _nothing_to_ask()
    return tuple(client.queries(encoding_text(passage.context, passage.text), _TRIED))


def synthesize(parts: Parts, settings: Settings, request: Synthesize, job: Job) -> SynthesisReport:
    """Make queries from passages, and keep those that find their passage's document again.

    The same request takes the same passages. What was kept of them stays, and they are not looked
    at again, so that a job that ended early goes on where it was; more are made by asking for more
    passages.
    """
    began = time.monotonic()
    ids = searchable(parts, request.evalset)
    names = _names(parts)
    passages = _passages(parts, ids, names)
    if not passages:
        raise _nothing_to_ask()
    checked = _RoundTrip(parts, settings, request, job, ids) if request.round_trip else None
    maker = _Maker(parts, settings, request, job, names)
    n_made, kept = 0, []
    for pair in maker.pairs(passages):
        job.checkpoint()
        n_made += 1
        if checked and not checked.holds(pair):
            continue
        with parts.library.write() as connection:
            made_pairs.add(connection, [maker.to_keep(pair)])
        kept.append((pair.query, pair.positive))
    return SynthesisReport(
        by=request.by,
        n_made=n_made,
        n_kept=len(kept),
        seconds=time.monotonic() - began,
        examples=tuple(kept[:_EXAMPLES]),
    )


class _RoundTrip:
    """Asks whether a query leads back to its passage, as InPars and Promptagator do.

    A query in a passage's own words finds it in any case: on SciFact every title, phrase and
    sentence did, so that the cross-encoder is not asked to rank what is found for them. Whether a
    phrase is what its passage is about, it can tell. Titles and headings were written by people,
    and it would leave out more than half of those of short texts, which say more with less.
    """

    def __init__(
        self,
        parts: Parts,
        settings: Settings,
        request: Synthesize,
        job: Job,
        document_ids: Sequence[int],
    ) -> None:
        self._search = PassageSearch(parts, settings, document_ids, job)
        self._cross_encoder = parts.models.cross_encoder()
        self._among = request.round_trip
        self._by = request.by

    def holds(self, pair: HeuristicPair) -> bool:
        """Whether a pair is worth keeping."""
        if self._by == "phrase":
            logit = float(self._cross_encoder.score(pair.query, [pair.positive])[0])
            if logit < _ABOUT_FROM:
                return False
        return self._search.comes_back(
            pair.query, int(pair.document), self._among, reranked=self._by == "llm"
        )


class _Maker:
    """Makes the pairs of one request that are not there yet, one after the other."""

    def __init__(
        self,
        parts: Parts,
        settings: Settings,
        request: Synthesize,
        job: Job,
        names: Mapping[int, DocumentName],
    ) -> None:
        self._request = request
        self._job = job
        self._names = names
        self._detail: dict[str, str] = {}
        self._client: LlmClient | None = None
        if request.by == "llm":
            server = request.server or settings.llm
            self._client = LlmClient(server, _ANSWER_S, job.checkpoint)
            self._detail = {"model": self._client.model, "prompt": server.prompt}
        with parts.library.read() as connection:
            stored = [pair for pair in made_pairs.every(connection) if pair.origin == request.by]
        self._queries = {(pair.query, pair.content_hash) for pair in stored}
        self._texts = {(pair.text, pair.content_hash) for pair in stored}

    def to_keep(self, pair: HeuristicPair) -> MadePair:
        """A pair as it is stored."""
        return MadePair(
            origin=self._request.by,
            query=pair.query,
            content_hash=self._names[int(pair.document)].content_hash,
            text=pair.positive,
            detail=self._detail,
        )

    def pairs(self, passages: list[SourcePassage]) -> Iterator[HeuristicPair]:
        """Of at most so many passages as the request wants, less what was made before."""
        if self._client is not None:
            yield from self._by_model(self._client, passages)
            return
        n = self._request.n_passages * self._request.per_passage
        self._job.progress(_STAGE, 0)
        found = heuristic_pairs(
            passages, self._request.by, n, _SEED, per_passage=self._request.per_passage
        )
        new = [
            pair
            for pair in found
            if (pair.query, self._names[int(pair.document)].content_hash) not in self._queries
        ]
        for done, pair in enumerate(new):
            self._job.progress(_STAGE, done, len(new), "queries", pair.query)
            yield pair
        self._job.progress(_STAGE, len(new), len(new), "queries")

    def _by_model(
        self, client: LlmClient, passages: list[SourcePassage]
    ) -> Iterator[HeuristicPair]:
        chosen = list(islice(_telling(passages), self._request.n_passages))
        new = []
        for passage in chosen:
            text = encoding_text(passage.context, passage.text)
            if (text, self._names[int(passage.document)].content_hash) not in self._texts:
                new.append((passage, text))
        bad = 0
        for done, (passage, text) in enumerate(new):
            self._job.progress(_STAGE, done, len(new), "passages", passage.title)
            try:
                queries = client.queries(text, self._request.per_passage)
                bad = 0
            except BadAnswer as error:
                queries, bad = [], bad + 1
                if bad == _BAD_IN_A_ROW:
                    self._job.warned(error.title, error.message, error.hint)
                    return
            for query in queries:
                yield HeuristicPair(query, passage.document, text)
        self._job.progress(_STAGE, len(new), len(new), "passages")


def _telling(passages: list[SourcePassage]) -> Iterator[SourcePassage]:
    """The passages that say enough to be asked about, spread over the documents."""
    return (passage for passage in spread(passages, _SEED) if enough(passage.text))


def _passages(
    parts: Parts, ids: Iterable[int], names: Mapping[int, DocumentName]
) -> list[SourcePassage]:
    """The passages of documents, each document's in its order."""
    with parts.library.read() as connection:
        return [
            SourcePassage(
                str(chunk.document_id), names[chunk.document_id].title, chunk.context, chunk.text
            )
            for chunk in documents.chunks(connection, ids)
            if chunk.document_id in names
        ]


def _names(parts: Parts) -> dict[int, DocumentName]:
    with parts.library.read() as connection:
        return document_names.every(connection)


def _nothing_to_ask() -> NotEnoughData:
    return NotEnoughData(
        "Nothing to ask about",
        "There are no passages that queries could be made of.",
        "Add folders with documents first.",
    )
