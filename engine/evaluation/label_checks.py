"""Judgments that deserve a second look: they stand against evidence, each other, or their rater.

Nothing here is an error for certain, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Literal

from engine.evaluation.agreement import Item
from engine.retrieval.grouping import NEARLY_THE_SAME
from engine.storage.signature import similarity

_VERY_FIRST = 3
"""Ranks by words and by meaning at which a document is hardly ever not relevant."""
_SURE = 0.9
"""A cross-encoder's probability from which on it is sure."""
_CLEARLY_RELEVANT = 2
_DRIFT_NEEDS = 10
"""Judgments in each third that others judged as well."""
_DRIFT_FROM = 0.5
"""Grades."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something odd about a judgment."""

    kind: Literal["evidence", "near-duplicate", "drift"]
    query_id: str
    document: str
    rater: str
    """Empty where it is about the grade in force, whoever gave it."""
    text: str
    severity: float
    """Larger first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for or against a document, apart from its grade."""

    ranks: Mapping[str, int]
    """By system: absent where it is not among the first few dozen."""
    n_systems: int
    shared_words: int
    """How many of the query's words it has."""
    relevance: float | None = None
    """What a cross-encoder gives it, 0 to 1; None where it was not asked."""


def against_evidence(
    grades: Mapping[Item, int], evidence: Mapping[Item, Evidence]
) -> list[Suspicion]:
    """Not relevant, though all systems rank it first; relevant, though nothing points to it.

    A document that a cross-encoder was asked about counts as first only if that is sure as well.
    """
    found = []
    for (query_id, document), grade in grades.items():
        seen = evidence.get((query_id, document))
        if seen is None:
            continue
        if (
            grade == 0
            and ranked_first(seen)
            and (seen.relevance is None or seen.relevance >= _SURE)
        ):
            places = " and ".join(f"{name} at {rank}" for name, rank in seen.ranks.items())
            sure = (
                "" if seen.relevance is None else f", and the reranker is {seen.relevance:.0%} sure"
            )
            text = f"It is graded not relevant, but found by {places}{sure}."
            severity = 2.0 + (seen.relevance or 0.0) + 1.0 / sum(seen.ranks.values())
            found.append(Suspicion("evidence", query_id, document, "", text, severity))
        elif grade >= _CLEARLY_RELEVANT and not seen.ranks and not seen.shared_words:
            text = (
                f"It has grade {grade}, but none of the query's words, and no system ranks it high."
            )
            found.append(Suspicion("evidence", query_id, document, "", text, float(grade) / 2))
    return found


def ranked_first(seen: Evidence) -> bool:
    """Whether every system ranks a document among the very first."""
    return len(seen.ranks) == seen.n_systems and max(seen.ranks.values()) <= _VERY_FIRST


def near_duplicates(
    grades: Mapping[str, Mapping[str, int]], signatures: Mapping[str, bytes]
) -> list[Suspicion]:
    """Documents that say nearly the same but have different grades for one query."""
    found = []
    for query_id, of_query in grades.items():
        for one, other in combinations(sorted(of_query), 2):
            apart = abs(of_query[one] - of_query[other])
            if not apart:
                continue
            alike = similarity(signatures.get(one, b""), signatures.get(other, b""))
            if alike >= NEARLY_THE_SAME:
                lower, higher = sorted((one, other), key=of_query.__getitem__)
                text = (
                    f"It has grade {of_query[lower]}, but “{higher}”, which says nearly the same,"
                    f" has {of_query[higher]}."
                )
                severity = apart + alike
                found.append(Suspicion("near-duplicate", query_id, lower, "", text, severity))
    return found


def drift(
    in_order: Mapping[str, Sequence[tuple[Item, int]]],
) -> list[Suspicion]:
    """Raters who came to grade higher or lower than others did the same pairs.

    The first third of a rater's judgments is compared with the last, each by how much higher they
    are than the mean of others' grades of the same pair, so that harder queries at the end are no
    drift.

    Args:
        in_order: each rater's grades, in the order they were given.
    """
    by_rater = {rater: dict(given) for rater, given in in_order.items()}
    found = []
    for rater, given in in_order.items():
        third = len(given) // 3
        early, late = (
            list(_above_others(rater, part, by_rater)) for part in (given[:third], given[-third:])
        )
        if min(len(early), len(late)) < _DRIFT_NEEDS:
            continue
        change = fmean(late) - fmean(early)
        if abs(change) >= _DRIFT_FROM:
            (query_id, document), _ = given[-1]
            text = (
                f"{rater} came to grade {abs(change):.1f} {'higher' if change > 0 else 'lower'}"
                " from the first to the last third of their judgments, beside others on the"
                " same pairs."
            )
            found.append(Suspicion("drift", query_id, document, rater, text, 1.0 + abs(change)))
    return found


def _above_others(
    rater: str, given: Sequence[tuple[Item, int]], by_rater: Mapping[str, Mapping[Item, int]]
) -> Iterator[float]:
    for item, grade in given:
        others = [of[item] for name, of in by_rater.items() if name != rater and item in of]
        if others:
            yield grade - fmean(others)
