"""Hard negatives, checked by the cross-encoder, and the doubtful ones reviewed by the user."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import NotEnoughData
from engine.jobs.job import Job
from engine.pair_gathering import gather
from engine.parts import Parts
from engine.passage_search import PassageSearch
from engine.settings import Settings
from engine.storage import documents, mined_negatives, pair_documents
from engine.storage.encoding_key import encoding_text
from engine.storage.mined_negatives import MinedNegative
from engine.training.negative_check import check
from engine.training.pairs import JudgedQuery, normalised
from engine.training_records import DoubtfulNegative, MiningReport
from engine.training_requests import MineNegatives

_STAGE = "Checking with the cross-encoder"
_UNRECOGNISED = -5.0
"""A positive's logit below which the cross-encoder does not see that it answers (less than 1 %), so
that what it says of others means nothing: so it was for an eighth of SciFact's training queries."""


def doubtful(parts: Parts, limit: int) -> tuple[DoubtfulNegative, ...]:
    """Mined negatives that wait for somebody to look at them."""
    with parts.library.read() as connection:
        return mined_negatives.doubtful(connection, limit)


def review(parts: Parts, number: int, answers: bool | None) -> None:
    """Say whether a doubtful passage answers its query; raises NotFound."""
    with parts.library.write() as connection:
        mined_negatives.review(connection, number, answers)


def mine(parts: Parts, settings: Settings, request: MineNegatives, job: Job) -> MiningReport:
    """Look for hard negatives of every judged query and have the cross-encoder check them.

    What a query gave is kept at once, so that a job that ends early goes on there: queries that
    were mined with the same positives, model and request are not looked at again.
    """
    began = time.monotonic()
    gathered = gather(parts, request.evalset, request.split)
    if not gathered.queries:
        raise NotEnoughData(
            "Nothing to compare with",
            "Hard negatives are passages that look as good as one that you marked as relevant; "
            "no search has one yet.",
            "Mark some results as relevant first.",
        )
    ids = {key: number for number, key in gathered.names.items()}
    search = PassageSearch(parts, settings, gathered.names, job)
    miner = _Miner(parts, search, ids, request, job)
    states: Counter[str] = Counter()
    for done, query in enumerate(gathered.queries):
        job.checkpoint()
        job.progress(_STAGE, done, len(gathered.queries), "searches", miner.pace())
        found = miner.mined(query)
        states.update(each.state for each in found)
    job.progress(_STAGE, len(gathered.queries), len(gathered.queries), "searches", miner.pace())
    return MiningReport(
        n_queries=miner.n_queries,
        n_hard=states["hard"],
        n_doubtful=states["doubtful"],
        n_false=states["false"],
        seconds=time.monotonic() - began,
    )


class _Miner:
    """One run of mining, and how fast it is."""

    def __init__(
        self,
        parts: Parts,
        search: PassageSearch,
        ids: Mapping[str, int],
        request: MineNegatives,
        job: Job,
    ) -> None:
        self._parts = parts
        self._search = search
        self._ids = ids
        """Of documents, by their keys."""
        self._request = request
        self._job = job
        self._cross_encoder = parts.models.cross_encoder()
        self._n_pairs = 0
        self._scoring_s = 0.0
        self.n_queries = 0
        """That were looked at in this run."""

    def pace(self) -> str:
        """Pairs a second, in words; empty before the first."""
        return f"{self._n_pairs / self._scoring_s:.0f} pairs a second" if self._scoring_s else ""

    def mined(self, query: JudgedQuery) -> list[MinedNegative]:
        """What was found for a query, and kept; nothing where that was done before."""
        key = normalised(query.text)
        made_of = self._made_of(query)
        with self._parts.library.read() as connection:
            if mined_negatives.is_mined(connection, key, made_of):
                return []
        found = self._looked_for(query)
        with self._parts.library.write() as connection:
            mined_negatives.replace(connection, key, made_of, found)
        self.n_queries += 1
        return found

    def _made_of(self, query: JudgedQuery) -> str:
        positives = sorted((passage.document, passage.text) for passage in query.positives)
        request = self._request
        asked = [request.depth, request.margin, request.per_query, self._search.fingerprint]
        known = sorted(self._known(query))
        return hashlib.sha256(msgspec.json.encode([positives, known, asked])).hexdigest()

    def _known(self, query: JudgedQuery) -> set[int]:
        """Documents of which somebody said whether they answer: there is nothing to be mined."""
        judged = {*query.grades, *(passage.document for passage in query.negatives)}
        return {self._ids[document] for document in judged if document in self._ids}

    def _looked_for(self, query: JudgedQuery) -> list[MinedNegative]:
        positives = self._positives(query)
        if not positives:
            return []
        # The weakest of several: what beats it may answer as well as it does.
        logits = self._score(query.text, positives)
        row = min(range(len(positives)), key=lambda row: logits[row])
        if logits[row] < _UNRECOGNISED:
            return []
        candidates = self._search.lookalikes(query.text, self._request.depth, self._known(query))
        texts = [encoding_text(chunk.context, chunk.text) for chunk, _ in candidates]
        checked = check(
            texts,
            float(logits[row]),
            lambda some: self._score(query.text, some),
            self._request.margin,
            self._request.per_query,
        )
        owners = [candidates[each.row][0].document_id for each in checked]
        with self._parts.library.read() as connection:
            present = pair_documents.by_id(connection, owners)
        return [
            MinedNegative(
                positive=positives[row],
                content_hash=present[owner].content_hash,
                text=texts[each.row],
                source=candidates[each.row][1],
                margin=each.margin,
                state=each.state,
            )
            for each, owner in zip(checked, owners, strict=True)
            if owner in present
        ]

    def _positives(self, query: JudgedQuery) -> list[str]:
        """Its positives as they are encoded; of a document judged as a whole the best passage."""
        found: dict[str, None] = {}
        for passage in query.positives:
            number = self._ids.get(passage.document)
            if not passage.text and number is not None:
                chunk = self._search.best_passage(query.text, number)
                if chunk is not None:
                    found[encoding_text(chunk.context, chunk.text)] = None
            elif passage.text:
                found[self._encoded(number, passage.text)] = None
        return [text for text in found if text.strip()]

    def _encoded(self, number: int | None, shown: str) -> str:
        """The passage that holds what was judged, with its context; else what was judged."""
        if number is None:
            return shown
        with self._parts.library.read() as connection:
            chunks = list(documents.chunks(connection, [number]))
        holding = (encoding_text(c.context, c.text) for c in chunks if shown in c.text)
        return next(holding, shown)

    def _score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self._job.checkpoint()
        began = time.perf_counter()
        logits = self._cross_encoder.score(query, texts)
        self._scoring_s += time.perf_counter() - began
        self._n_pairs += len(texts)
        return logits
