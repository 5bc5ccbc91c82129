"""Pairs as they were gathered, before it is decided which of them may be trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from engine.recipe import JUDGED, USED, Origin
from engine.training.pairs import normalised

Says = Literal["up", "down", "neither"]
"""That the passage answers the query, that it does not, or that nobody can tell."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one source says of a query and a passage."""

    id: str
    """Of the pair, see `pair_id`."""
    query_id: str
    """The normalised query, or its id in an evaluation set."""
    query: str
    origin: Origin
    says: Says
    key: str
    """Of the document, as judged passages have it."""
    document_id: int | None
    document: str
    """Its place, or its id in a dataset."""
    title: str
    text: str
    """The passage; of a document that was judged as a whole its beginning."""
    grade: int
    weight: float
    at: float
    negatives: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    disputed: bool = False
    """The same source says the opposite too."""

    @property
    def judged(self) -> bool:
        """Whether a person said it."""
        return self.origin in JUDGED


def pair_id(origin: Origin, query: str, document: str, passage: str) -> str:
    """Id of a pair: the same query, document and passage have it always.

    What people said has one id whatever way they said it in, and so has what they did; of what was
    made, each origin has its own.

    Args:
        origin: where it comes from.
        query: in any case and spacing.
        document: what stays the same of the document: its content hash, or its id in a dataset.
        passage: as shown; empty where the document is meant as a whole.
    """
    kind = "judged" if origin in JUDGED else "used" if origin in USED else origin
    parts = (kind, normalised(query), document, normalised(passage))
    return sha256("\0".join(parts).encode()).hexdigest()[:24]


def by_query(candidates: tuple[Candidate, ...]) -> Mapping[str, list[int]]:
    """Rows of the candidates of each query wording, normalised."""
    found: dict[str, list[int]] = {}
    for row, candidate in enumerate(candidates):
        found.setdefault(normalised(candidate.query), []).append(row)
    return found
