"""How good training data are, from 0 to 100, and what would make them better.

The score is 100 times the weighted mean of the parts below, each from 0 to 1, times the share that
there is of the judged queries that tuning needs at least. Parts of which nothing is known (topics
while the library has no vectors, age of what came with a set) are left out of the mean.

    part      weight  value
    queries       35  log(1 + n) / log(1 + 300) of the judged queries, at most 1: each further one
                      adds less, as learning curves do
    negatives     20  share of the judged queries with a negative, judged or mined
    balance       15  entropy of the pairs over the library's topics, over its maximum
    clean         10  1 - 2 x share of conflicts, duplicates and leaks among the pairs, at least 0
    judged        10  share of what people judged in the sum of the pairs' weights
    fresh         10  0.5^(median age / 1 year)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_ENOUGH = 300
_TO_TELL = 100
"""From about so many judged queries on, some 30 are held out, and a usual gain can be told."""
_HALF_LIFE_DAYS = 365.0
_FEW_NEGATIVES = 0.5
_STALE_DAYS = 365.0
_WEIGHTS = {
    "queries": 35,
    "negatives": 20,
    "balance": 15,
    "clean": 10,
    "judged": 10,
    "fresh": 10,
}


@dataclass(frozen=True, slots=True)
class TopicCover:
    """A topic of the library and the pairs about it."""

    words: str
    share: float
    """Of the library's passages."""
    n_pairs: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the quality of training data depends on."""

    n_judged_queries: int
    n_needed: int
    """Judged queries without which nothing is tuned."""
    n_with_negative: int
    """Of the judged queries."""
    n_pairs: int
    """Of all origins, those that are left out for a problem with them."""
    n_conflicts: int
    n_duplicates: int
    n_leaks: int
    judged_weight: float
    """Sum over the pairs that people judged and that are trained on."""
    weak_weight: float
    """Of the others."""
    median_age_days: float | None
    """None where it is not known."""
    balance: float | None
    """Over topics, 0 to 1; None where there are none."""
    topics: tuple[TopicCover, ...] = ()


def parts_of(facts: Facts) -> dict[str, float]:
    """Each part that is known, from 0 to 1."""
    queries, pairs = facts.n_judged_queries, facts.n_pairs
    weight = facts.judged_weight + facts.weak_weight
    troubled = facts.n_conflicts + facts.n_duplicates + facts.n_leaks
    parts: dict[str, float | None] = {
        "queries": min(1.0, math.log1p(queries) / math.log1p(_ENOUGH)),
        "negatives": facts.n_with_negative / queries if queries else 0.0,
        "balance": facts.balance,
        "clean": max(0.0, 1.0 - 2.0 * troubled / pairs) if pairs else None,
        "judged": facts.judged_weight / weight if weight else None,
        "fresh": None
        if facts.median_age_days is None
        else 0.5 ** (max(facts.median_age_days, 0.0) / _HALF_LIFE_DAYS),
    }
    return {name: value for name, value in parts.items() if value is not None}


def score(facts: Facts) -> int:
    """The quality of training data, 0 to 100."""
    parts = parts_of(facts)
    mean = sum(_WEIGHTS[name] * value for name, value in parts.items()) / sum(
        _WEIGHTS[name] for name in parts
    )
    enough = min(1.0, facts.n_judged_queries / max(facts.n_needed, 1))
    return round(100 * mean * enough)


def missing(facts: Facts) -> tuple[str, ...]:
    """What would make the data better, in sentences, the most useful first."""
    parts = parts_of(facts)
    lost = {name: _WEIGHTS[name] * (1.0 - value) for name, value in parts.items()}
    said = [
        (math.inf if facts.n_judged_queries < facts.n_needed else lost["queries"], _queries(facts)),
        (lost["negatives"], _negatives(facts)),
        (lost.get("balance", 0.0), _topic(facts.topics)),
        (lost.get("clean", 0.0), _conflicts(facts)),
        (lost.get("clean", 0.0) / 2, _leaks(facts)),
        (lost.get("judged", 0.0), _judged(parts.get("judged", 1.0))),
        (lost.get("fresh", 0.0), _fresh(facts.median_age_days)),
    ]
    return tuple(sentence for _, sentence in sorted(said, key=lambda each: -each[0]) if sentence)


def _queries(facts: Facts) -> str:
    n = facts.n_judged_queries
    if n < facts.n_needed:
        return (
            f"Judge {_count(facts.n_needed - n, 'more search', 'more searches')}: tuning needs"
            f" {facts.n_needed} with a result that helps."
        )
    if n < _TO_TELL:
        return (
            f"Judge {_count(_TO_TELL - n, 'more search', 'more searches')}: from about {_TO_TELL}"
            " on, the test can tell a usual gain from chance."
        )
    return ""


def _negatives(facts: Facts) -> str:
    have, n = facts.n_with_negative, facts.n_judged_queries
    if not n or have >= _FEW_NEGATIVES * n:
        return ""
    only = f"only {have}" if have else "none"
    verb = "has" if have <= 1 else "have"
    return f"Mark results that do not help, or look for hard negatives: {only} of {n} {verb} one."


def _topic(topics: Sequence[TopicCover]) -> str:
    """About the largest topic that is covered by less than half of its share."""
    total = sum(topic.n_pairs for topic in topics)
    poor = [topic for topic in topics if topic.n_pairs < topic.share * total / 2]
    if not poor:
        return ""
    topic = max(poor, key=lambda each: each.share)
    there = f"only {_count(topic.n_pairs, 'pair', 'pairs')}" if topic.n_pairs else "nothing"
    return (
        f"Search and judge about “{topic.words}”: {there} to learn from, though it makes up"
        f" {topic.share:.0%} of the library."
    )


def _conflicts(facts: Facts) -> str:
    if not facts.n_conflicts:
        return ""
    return (
        f"Settle {_count(facts.n_conflicts, 'pair', 'pairs')} said both to help and not to: until"
        " then nothing is learnt of them."
    )


def _leaks(facts: Facts) -> str:
    if not facts.n_leaks:
        return ""
    are = "is" if facts.n_leaks == 1 else "are"
    return (
        f"{_count(facts.n_leaks, 'pair', 'pairs')} {are} left out because an evaluation set tests"
        " with them: judge searches that it does not have."
    )


def _judged(share: float) -> str:
    if share >= 0.5:
        return ""
    return (
        f"People judged only {share:.0%} of what would be learnt, by weight: judge more, or take"
        " fewer pairs that were made."
    )


def _fresh(age_days: float | None) -> str:
    if age_days is None or age_days < _STALE_DAYS:
        return ""
    return f"Half of it is older than {age_days / 365:.1f} years: judge what you search for now."


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
