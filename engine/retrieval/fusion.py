"""From runs of passages to one ranked list of documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.records import Fusion, RetrieverScore, ScoredChunk

PASSAGES_A_DOCUMENT = 3
_RRF_K = 60


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document in one retriever's run."""

    document_id: int
    score: float
    """Of its best passage."""
    chunks: tuple[ScoredChunk, ...]
    """Its best passages that were found, the best first, at most `PASSAGES_A_DOCUMENT`."""


@dataclass(frozen=True, slots=True)
class FusedDocument:
    """A document in the fused list."""

    document_id: int
    score: float
    scores: dict[str, RetrieverScore]
    """By retriever; one that did not find it is absent."""
    chunk_ids: tuple[int, ...]
    """Its best passages by any retriever, the best first, at most `PASSAGES_A_DOCUMENT`."""


def by_document(run: Sequence[ScoredChunk]) -> list[RankedDocument]:
    """Rank documents by their best passage (MaxP), the best first, ties by document id.

    Adding a share of the other passages' scores gained nothing clear on SciFact, Cranfield,
    Wikipedia summaries or StackExchange FAQs.
    """
    chunks: dict[int, list[ScoredChunk]] = {}
    for line in sorted(run, key=lambda line: (-line.score, line.chunk_id)):
        chunks.setdefault(line.document_id, []).append(line)
    documents = [
        RankedDocument(document_id, found[0].score, tuple(found[:PASSAGES_A_DOCUMENT]))
        for document_id, found in chunks.items()
    ]
    return sorted(documents, key=lambda document: (-document.score, document.document_id))


def fuse(
    runs: Mapping[str, Sequence[RankedDocument]], fusion: Fusion, balance: float
) -> list[FusedDocument]:
    """One list of the runs of `lexical` and `dense`; `balance` is the share of `dense`, 0 to 1.

    A single run stays as it is.
    """
    if len(runs) == 1:
        weights = dict.fromkeys(runs, 1.0)
    else:
        weights = {"lexical": 1.0 - balance, "dense": balance}
    return rrf(runs, weights) if fusion == "rrf" else weighted(runs, weights)


def rrf(
    runs: Mapping[str, Sequence[RankedDocument]], weights: Mapping[str, float], k: int = _RRF_K
) -> list[FusedDocument]:
    """Reciprocal rank fusion: the sum of weight / (k + rank).

    Cormack, Clarke and Büttcher, SIGIR 2009; weighted as is usual since.
    """
    shares = {
        name: {
            document.document_id: weights[name] / (k + rank)
            for rank, document in enumerate(run, start=1)
        }
        for name, run in runs.items()
    }
    return _summed(runs, shares)


def weighted(
    runs: Mapping[str, Sequence[RankedDocument]], weights: Mapping[str, float]
) -> list[FusedDocument]:
    """Convex combination: the sum of weight x normalised score.

    A run's scores are mapped to 0 to 1 from the least that a document can have to the best of the
    run. That least is 0 for BM25, which a document without any of the words has. An inner product
    has no such point (some encoders give no pair of texts less than 0.6), so it is the least of
    the run. Bruch, Gai and Ingber, TOIS 2023, compare such normalisations.
    """
    shares = {name: _normalised(run, weights[name], name) for name, run in runs.items()}
    return _summed(runs, shares)


def _normalised(run: Sequence[RankedDocument], weight: float, name: str) -> dict[int, float]:
    scores = [document.score for document in run]
    if not scores:
        return {}
    least = 0.0 if name == "lexical" else min(scores)
    span = max(scores) - least
    return {
        document.document_id: weight * ((document.score - least) / span if span > 0 else 1.0)
        for document in run
    }


def _summed(
    runs: Mapping[str, Sequence[RankedDocument]], shares: Mapping[str, Mapping[int, float]]
) -> list[FusedDocument]:
    """Documents by the sum of their shares, ties by document id."""
    totals: dict[int, float] = {}
    scores: dict[int, dict[str, RetrieverScore]] = {}
    found: dict[int, list[tuple[str, RankedDocument]]] = {}
    for name, run in runs.items():
        for rank, document in enumerate(run, start=1):
            key = document.document_id
            totals[key] = totals.get(key, 0.0) + shares[name][key]
            scores.setdefault(key, {})[name] = RetrieverScore(rank, document.score)
            found.setdefault(key, []).append((name, document))
    fused = []
    for key, total in totals.items():
        best_first = sorted(found[key], key=lambda item: -shares[item[0]][key])
        chunk_ids = _best_passages([document.chunks for _, document in best_first])
        fused.append(FusedDocument(key, total, scores[key], chunk_ids))
    return sorted(fused, key=lambda document: (-document.score, document.document_id))


def _best_passages(lists: Iterable[Sequence[ScoredChunk]]) -> tuple[int, ...]:
    """Passages of several retrievers' lists by reciprocal rank; the first list wins ties."""
    points: dict[int, float] = {}
    for chunks in lists:
        for rank, line in enumerate(chunks):
            points[line.chunk_id] = points.get(line.chunk_id, 0.0) + 1.0 / (1 + rank)
    return tuple(sorted(points, key=lambda chunk_id: -points[chunk_id])[:PASSAGES_A_DOCUMENT])
