"""Everything that a model can be tuned on: what was judged, and weaker signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.recipe import Origin
from engine.training.pairs import JudgedQuery


@dataclass(frozen=True, slots=True)
class WeakPair:
    """A query with a passage that likely answers it, though nobody said so."""

    origin: Origin
    query: str
    document: str
    """Key of its document, as judged passages have it."""
    text: str
    """As it is encoded."""
    weight: float
    negatives: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    """The cross-encoder's, of the passage and then of each negative; empty where it was not
    asked."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Pairs and negatives, less what was excluded and what would leak."""

    queries: tuple[JudgedQuery, ...]
    """What people judged: it trains, chooses and tests, each query only one of these."""
    weak: tuple[WeakPair, ...]
    """It only trains; what shares a query or a passage with a held-out query is left out later."""
    negatives: Mapping[str, tuple[str, ...]]
    """Normalised query -> passages that were mined or reviewed for it, the hardest first."""
    source: str
    """What it is, in words: `My own feedback`."""
    hash: str
    """SHA-256 of all of the above in canonical form, hex."""
