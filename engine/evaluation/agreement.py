"""How far raters agree, beyond what chance would bring.

A rater's grades are by item; an item is a query–document pair. Two raters are compared on the items
that both graded; Krippendorff's alpha takes any number of raters and any gaps.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.evaluation_records import Agreement, PairAgreement

Item = tuple[str, str]
"""Query id and document id."""
Grades = Mapping[Item, int]
"""One rater's."""
Weights = Literal["none", "linear", "quadratic"]
"""What a disagreement counts: all the same, by its distance, or by the distance's square."""

N_RESAMPLES = 1000


def percent_agreement(first: Grades, second: Grades) -> float:
    """Share of the items that both graded and that have the same grade of both; NaN without any."""
    both = first.keys() & second.keys()
    return sum(first[item] == second[item] for item in both) / len(both) if both else math.nan


def cohen_kappa(first: Grades, second: Grades, weights: Weights = "none") -> float:
    """Cohen's kappa of two raters on what both graded; NaN where chance alone explains all.

    Cohen 1960, A coefficient of agreement for nominal scales (Educational and Psychological
    Measurement); with weights, Cohen 1968, Weighted kappa (Psychological Bulletin).
    """
    scale, tables = _tables(first, second)
    return _kappa(scale, tables.sum(axis=0), weights)


def kappa_interval(
    first: Grades, second: Grades, weights: Weights = "none", level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """`bootstrap_over_queries` of `cohen_kappa`, quickly: a query's items are added up once."""
    scale, tables = _tables(first, second)
    n = len(tables)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(n, np.full(n, 1 / n), N_RESAMPLES) if n else np.empty((0, 0))
    return _interval([_kappa(scale, np.tensordot(of, tables, 1), weights) for of in drawn], level)


def krippendorff_alpha(
    raters: Sequence[Grades], level: Literal["nominal", "ordinal", "interval"] = "ordinal"
) -> float:
    """Krippendorff's alpha of any number of raters, who need not have graded all items.

    NaN where no item has two grades, or all grades are the same. Krippendorff 2011, Computing
    Krippendorff's alpha-reliability.
    """
    import krippendorff

    items = sorted({item for grades in raters for item in grades})
    table = np.array([[grades.get(item, np.nan) for item in items] for grades in raters])
    paired = table[:, np.isfinite(table).sum(axis=0) >= 2] if items else table
    if not paired.size or len(np.unique(paired[np.isfinite(paired)])) < 2:
        return math.nan
    return float(krippendorff.alpha(reliability_data=paired, level_of_measurement=level))


def bootstrap_over_queries(
    raters: Sequence[Grades],
    measure: Callable[[Sequence[Grades]], float],
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile confidence interval of an agreement, the queries drawn with replacement.

    A query's items are drawn together, as they are not independent: a hard query is hard for all
    of its documents. Resamples on which the measure is undefined are left out; NaN where all are.

    Args:
        raters: their grades.
        measure: takes such grades; for two raters `lambda two: cohen_kappa(two[0], two[1])`.
        level: share of resamples inside the interval.
        seed: of the drawing.
    """
    queries = sorted({query for grades in raters for query, _ in grades})
    by_query: dict[str, list[tuple[int, str, int]]] = {query: [] for query in queries}
    for number, grades in enumerate(raters):
        for (query, document), grade in grades.items():
            by_query[query].append((number, document, grade))
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(N_RESAMPLES if queries else 0):
        resampled: list[dict[Item, int]] = [{} for _ in raters]
        for copy, drawn in enumerate(generator.integers(0, len(queries), len(queries))):
            for number, document, grade in by_query[queries[drawn]]:
                resampled[number][str(copy), document] = grade
        values.append(measure(resampled))
    return _interval(values, level)


def bias(raters: Mapping[str, Grades]) -> dict[str, float]:
    """By rater, how much higher they grade than the others do the same items, on average.

    A rater who shares no item with another is absent.
    """
    found = {}
    for rater, grades in raters.items():
        differences = []
        for item, grade in grades.items():
            others = [g[item] for name, g in raters.items() if name != rater and item in g]
            if others:
                differences.append(grade - math.fsum(others) / len(others))
        if differences:
            found[rater] = math.fsum(differences) / len(differences)
    return found


def pairs_of(raters: Mapping[str, Grades]) -> list[tuple[str, str]]:
    """Every two raters who graded an item in common, in the order of their names."""
    return [
        (one, other)
        for one, other in combinations(sorted(raters), 2)
        if raters[one].keys() & raters[other].keys()
    ]


def agreement(raters: Mapping[str, Grades]) -> Agreement:
    """All that can be told of how far raters agree."""
    every = [raters[name] for name in sorted(raters)]
    given = Counter(item for grades in every for item in grades)
    return Agreement(
        pairs=tuple(_of_two(raters, first, second) for first, second in pairs_of(raters)),
        alpha=krippendorff_alpha(every),
        alpha_ci=bootstrap_over_queries(every, krippendorff_alpha),
        bias=bias(raters),
        n_items=sum(n > 1 for n in given.values()),
    )


def _of_two(raters: Mapping[str, Grades], first: str, second: str) -> PairAgreement:
    one, other = raters[first], raters[second]
    both = one.keys() & other.keys()
    return PairAgreement(
        first=first,
        second=second,
        n_items=len(both),
        percent=percent_agreement(one, other),
        kappa=cohen_kappa(one, other),
        weighted_kappa=cohen_kappa(one, other, "quadratic"),
        kappa_ci=kappa_interval(one, other),
        weighted_kappa_ci=kappa_interval(one, other, "quadratic"),
    )


def _tables(first: Grades, second: Grades) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The grades that occur, (k,), and how often each two of them met, (n_queries, k, k)."""
    both = sorted(first.keys() & second.keys())
    scale = np.unique(np.array([g[item] for g in (first, second) for item in both], np.float64))
    queries = {query: place for place, query in enumerate(sorted({query for query, _ in both}))}
    tables = np.zeros((len(queries), len(scale), len(scale)))
    if both:
        rows, columns = (
            np.searchsorted(scale, [grades[item] for item in both]) for grades in (first, second)
        )
        of_query = np.array([queries[query] for query, _ in both])
        np.add.at(tables, (of_query, rows, columns), 1)
    return scale, tables


def _kappa(scale: NDArray[np.float64], met: NDArray[np.float64], weights: Weights) -> float:
    if not met.sum():
        return math.nan
    observed = met / met.sum()
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    cost = _cost(scale, weights)
    by_chance = float((cost * expected).sum())
    return 1 - float((cost * observed).sum()) / by_chance if by_chance else math.nan


def _interval(values: Sequence[float], level: float) -> tuple[float, float]:
    """The middle share of the values that are defined."""
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        return math.nan, math.nan
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


def _cost(scale: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    distance = np.abs(scale[:, None] - scale[None, :])
    match weights:
        case "none":
            return (distance > 0).astype(np.float64)
        case "linear":
            return distance
        case "quadratic":
            return distance**2
