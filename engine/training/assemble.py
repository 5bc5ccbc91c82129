"""Makes a training set of candidates, less those that must not be learnt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import msgspec

from engine.training.candidates import Candidate
from engine.training.pairs import JudgedQuery, normalised
from engine.training.training_set import TrainingSet, WeakPair


def assemble(
    queries: Sequence[JudgedQuery],
    candidates: Sequence[Candidate],
    left_out: Collection[int],
    negatives: Mapping[str, tuple[str, ...]],
    source: str,
) -> TrainingSet:
    """The training set in canonical order, so that it and its hash depend on its content alone.

    A document whose judgment is left out becomes undecided: it is trained neither towards nor, as a
    negative that was mined, away from. A query that has no positive left goes.

    Args:
        queries: as people judged them.
        candidates: their positives and negatives, and the weaker pairs.
        left_out: rows of candidates.
        negatives: normalised query -> passages that were mined or reviewed, the hardest first.
        source: what it is, in words.
    """
    dropped = {
        (candidates[row].query_id, candidates[row].key)
        for row in left_out
        if candidates[row].judged
    }
    judged = tuple(
        sorted(
            (kept for query in queries if (kept := _without(query, dropped)).positives),
            key=lambda query: query.id,
        )
    )
    weak = tuple(
        sorted(
            (
                WeakPair(c.origin, c.query, c.key, c.text, c.weight, c.negatives, c.scores)
                for row, c in enumerate(candidates)
                if not c.judged and row not in left_out
            ),
            key=lambda pair: (pair.origin, pair.query, pair.document, pair.text),
        )
    )
    asked = {normalised(each.text) for each in judged} | {normalised(each.query) for each in weak}
    mined = {query: negatives[query] for query in sorted(asked) if negatives.get(query)}
    digest = sha256(
        msgspec.json.encode((judged, weak, mined, source), order="deterministic")
    ).hexdigest()
    return TrainingSet(judged, weak, mined, source, digest)


def _without(query: JudgedQuery, dropped: Collection[tuple[str, str]]) -> JudgedQuery:
    """The query less some documents, in canonical order."""
    gone = {
        passage.document
        for passage in (*query.positives, *query.negatives)
        if (query.id, passage.document) in dropped
    }
    positives, negatives = (
        tuple(
            sorted(
                (passage for passage in side if passage.document not in gone),
                key=lambda passage: passage.document,
            )
        )
        for side in (query.positives, query.negatives)
    )
    return replace(
        query,
        positives=positives,
        negatives=negatives,
        undecided=tuple(sorted({*query.undecided, *gone})),
    )
