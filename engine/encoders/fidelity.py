"""Whether a faster variant of an encoder still ranks as the exact one does, on the check set."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.encoders.prepared import Measured
from engine.encoders.text_encoder import TextEncoder

_MIN_COSINE = 0.99
_MAX_NDCG_LOSS = 0.005
_STANDARD_ERRORS = 2.0
"""By how many a loss must exceed it: rounding changes the places of near-equals by chance."""
_DEPTH = 10


class _Line(msgspec.Struct):
    """A line of a BEIR corpus or query file."""

    id: str = msgspec.field(name="_id")
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class CheckSet:
    """A small test collection."""

    passages: dict[str, str]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]
    """Grades by query and passage."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What one variant made of the check set."""

    vectors: NDArray[np.float32]
    """Of passages, then queries: (n, dim) float32, L2-normalised."""
    ndcgs: NDArray[np.float64]
    """`(n_queries,)` nDCG@10 of each query."""
    passages_per_s: float

    @property
    def measured(self) -> Measured:
        """What is kept of it."""
        return Measured(float(self.ndcgs.mean()), self.passages_per_s)


def read_check_set(folder: Path) -> CheckSet:
    """Read `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (query-id, corpus-id, score; header)."""
    qrels: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, passage, grade = line.split("\t")
        qrels.setdefault(query, {})[passage] = int(grade)
    corpus = _read_lines(folder / "corpus.jsonl")
    return CheckSet(
        {line.id: f"{line.title}\n{line.text}" if line.title else line.text for line in corpus},
        {line.id: line.text for line in _read_lines(folder / "queries.jsonl")},
        qrels,
    )


def check(encoder: TextEncoder, check_set: CheckSet) -> Checked:
    """Encode the check set and measure how well, and how fast."""
    texts = list(check_set.passages.values())
    encoder.encode_passages(texts[: len(texts) // 4])  # the first runs of a session are slower
    began = time.perf_counter()
    passages = encoder.encode_passages(texts)
    seconds = time.perf_counter() - began
    queries = encoder.encode_queries(list(check_set.queries.values()))
    ids = list(check_set.passages)
    ndcgs = [
        ndcg_at_10([ids[row] for row in np.argsort(-scores, kind="stable")], check_set.qrels[query])
        for query, scores in zip(check_set.queries, queries @ passages.T, strict=True)
        if query in check_set.qrels
    ]
    return Checked(
        np.concatenate([passages, queries]),
        np.array(ndcgs),
        len(texts) / seconds,
    )


def mean_cosine(one: Checked, other: Checked) -> float:
    """Mean cosine of the same texts' vectors by two variants."""
    return float(np.einsum("ij,ij->i", one.vectors, other.vectors).mean())


def is_faithful(fast: Checked, exact: Checked) -> bool:
    """Whether the fast variant may stand in for the exact one.

    Its vectors must be near, and it must not clearly lose more nDCG@10 than the limit.
    """
    losses = exact.ndcgs - fast.ndcgs
    surely_lost = losses.mean() - _STANDARD_ERRORS * losses.std() / math.sqrt(len(losses))
    return mean_cosine(fast, exact) >= _MIN_COSINE and bool(surely_lost <= _MAX_NDCG_LOSS)


def ndcg_at_10(ranking: list[str], grades: Mapping[str, int]) -> float:
    """NDCG@10 of one ranking with linear gains (Järvelin and Kekäläinen 2002, as trec_eval)."""
    gained = _dcg([grades.get(passage, 0) for passage in ranking[:_DEPTH]])
    ideal = _dcg(sorted(grades.values(), reverse=True)[:_DEPTH])
    return gained / ideal if ideal else 0.0


def _dcg(gains: list[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _read_lines(path: Path) -> list[_Line]:
    return msgspec.json.Decoder(_Line).decode_lines(path.read_bytes())
