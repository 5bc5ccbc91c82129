"""Agreement against worked examples from the literature, and on what raters leave out."""

from __future__ import annotations

import math
import random

import pytest

from engine.evaluation.agreement import (
    Grades,
    Item,
    Weights,
    bias,
    bootstrap_over_queries,
    cohen_kappa,
    kappa_interval,
    krippendorff_alpha,
    pairs_of,
    percent_agreement,
)

# Two radiologists read 85 xeromammograms as normal, benign, suspect or cancer: Boyd et al. 1982,
# as worked in Stata's Reference Manual under `kappa`.
MAMMOGRAMS = ((21, 12, 0, 0), (4, 17, 1, 0), (3, 9, 15, 2), (0, 0, 0, 1))
# Four observers, twelve units, with gaps: Krippendorff 2011, Computing Krippendorff's
# alpha-reliability, section C and following.
UNITS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)


@pytest.mark.parametrize(
    ("weights", "kappa"), [("none", 0.4728), ("linear", 0.5684), ("quadratic", 0.6714)]
)
def test_that_kappa_equals_the_worked_example(weights: Weights, kappa: float) -> None:
    first, second = _raters(MAMMOGRAMS)
    assert percent_agreement(first, second) == pytest.approx(0.6353, abs=5e-5)
    assert cohen_kappa(first, second, weights) == pytest.approx(kappa, abs=5e-5)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_that_alpha_equals_the_worked_example(level: str, alpha: float) -> None:
    raters: list[Grades] = [
        {("q", f"d{n}"): grade for n, grade in enumerate(row) if grade is not None} for row in UNITS
    ]
    found = krippendorff_alpha(raters, level)  # type: ignore[arg-type]
    assert found == pytest.approx(alpha, abs=5e-4)


def test_that_only_what_both_graded_counts() -> None:
    first: Grades = {("q", "a"): 1, ("q", "b"): 0, ("q", "c"): 3}
    second: Grades = {("q", "a"): 1, ("q", "b"): 1, ("r", "z"): 0}
    assert percent_agreement(first, second) == 0.5
    assert cohen_kappa(first, second) == cohen_kappa(
        {("q", "a"): 1, ("q", "b"): 0}, {("q", "a"): 1, ("q", "b"): 1}
    )


def test_that_what_cannot_be_told_is_no_number() -> None:
    alone: Grades = {("q", "a"): 1}
    assert math.isnan(percent_agreement(alone, {}))
    assert math.isnan(cohen_kappa(alone, {}))
    assert math.isnan(cohen_kappa(alone, alone))
    assert math.isnan(krippendorff_alpha([alone, {}]))
    assert math.isnan(krippendorff_alpha([alone, alone]))
    assert all(
        map(math.isnan, bootstrap_over_queries([alone, {}], lambda r: cohen_kappa(r[0], r[1])))
    )


def test_that_the_interval_covers_the_value_and_narrows_with_more_queries() -> None:
    def interval(n: int) -> tuple[float, float]:
        first: dict[Item, int] = {}
        second: dict[Item, int] = {}
        for query in range(n):
            for document in range(4):
                item = (f"q{query}", f"d{document}")
                first[item] = (query + document) % 4
                second[item] = (query + document + (query % 3 == 0)) % 4
        low, high = bootstrap_over_queries([first, second], lambda r: cohen_kappa(r[0], r[1]))
        assert low <= cohen_kappa(first, second) <= high
        return low, high

    few, many = interval(9), interval(90)
    assert many[1] - many[0] < few[1] - few[0]


def test_that_a_generous_rater_is_seen() -> None:
    raters: dict[str, Grades] = {
        "ann": {("q", "a"): 3, ("q", "b"): 2},
        "bob": {("q", "a"): 2, ("q", "b"): 1},
        "cy": {("q", "a"): 2},
        "dee": {("r", "z"): 3},
    }
    assert bias(raters) == {"ann": 1.0, "bob": pytest.approx(-0.75), "cy": -0.5}
    assert pairs_of(raters) == [("ann", "bob"), ("ann", "cy"), ("bob", "cy")]


def _raters(table: tuple[tuple[int, ...], ...]) -> tuple[Grades, Grades]:
    """Two raters whose grades fall into a table so."""
    first: dict[Item, int] = {}
    second: dict[Item, int] = {}
    for row, counts in enumerate(table):
        for column, n in enumerate(counts):
            for _ in range(n):
                item = ("q", str(len(first)))
                first[item], second[item] = row, column
    return first, second


def test_that_the_quick_interval_of_kappa_is_that_of_any_measure() -> None:
    generator = random.Random(3)
    first = {(f"q{q}", f"d{d}"): generator.randint(0, 3) for q in range(20) for d in range(5)}
    second = {item: max(0, grade - generator.randint(0, 1)) for item, grade in first.items()}
    slow = bootstrap_over_queries(
        [first, second], lambda two: cohen_kappa(two[0], two[1], "quadratic"), seed=1
    )
    assert kappa_interval(first, second, "quadratic") == pytest.approx(slow, abs=0.03)
    assert math.isnan(kappa_interval({}, {})[0])
