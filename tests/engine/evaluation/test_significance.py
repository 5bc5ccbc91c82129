"""The paired tests against exact values and against what they promise."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluation.significance import (
    EXACT_UP_TO,
    bootstrap_interval,
    effect_size,
    holm,
    randomisation_p,
)

VALUES = st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=7)


def test_p_worked_by_hand() -> None:
    # Of the 8 ways to flip the signs of .1 .2 .3, only +++ and --- reach a sum of .6.
    assert randomisation_p([0, 0, 0], [0.1, 0.2, 0.3]) == pytest.approx(2 / 8)
    # -.1 +.2 +.3 = .4 is reached by itself, by its mirror image, and by +++ and ---.
    assert randomisation_p([0.1, 0, 0], [0, 0.2, 0.3]) == pytest.approx(4 / 8)


@settings(max_examples=100, deadline=None)
@given(before=VALUES, after=VALUES)
def test_that_few_queries_are_tested_exactly(before: list[float], after: list[float]) -> None:
    n = min(len(before), len(after))
    differences = [b - a for a, b in zip(before[:n], after[:n], strict=True)]
    sums = [
        sum(s * d for s, d in zip(signs, differences, strict=True))
        for signs in product((1, -1), repeat=n)
    ]
    expected = sum(abs(s) >= abs(sum(differences)) - 1e-12 for s in sums) / len(sums)
    assert randomisation_p(before[:n], after[:n]) == pytest.approx(expected)


def test_that_no_difference_is_no_evidence() -> None:
    assert randomisation_p([0.5] * 40, [0.5] * 40) == 1
    assert bootstrap_interval([0.5] * 40, [0.5] * 40) == (0, 0)
    assert randomisation_p([], []) == 1


def test_that_sampling_agrees_with_the_exact_test_where_both_can_be_had() -> None:
    generator = np.random.default_rng(3)
    few = generator.normal(0.03, 0.1, EXACT_UP_TO)
    exact = randomisation_p(np.zeros(len(few)), few)
    # A seventeenth query of nearly no difference forces sampling and changes next to nothing.
    sampled = randomisation_p(np.zeros(len(few) + 1), np.append(few, 1e-9))
    assert sampled == pytest.approx(exact, abs=0.015)


def test_that_a_seed_repeats_the_draw_and_direction_does_not_matter() -> None:
    generator = np.random.default_rng(5)
    before, after = generator.random(60), generator.random(60)
    assert randomisation_p(before, after, 7) == randomisation_p(before, after, 7)
    assert randomisation_p(before, after, 7) == pytest.approx(randomisation_p(after, before, 7))
    assert bootstrap_interval(before, after, seed=7) == bootstrap_interval(before, after, seed=7)


def test_that_p_is_small_for_a_real_gain_and_never_0() -> None:
    gain = np.full(50, 0.2)
    assert 0 < randomisation_p(np.zeros(50), gain) < 0.001


def test_that_p_below_5_percent_is_rare_without_a_difference() -> None:
    generator = np.random.default_rng(11)
    false_alarms = sum(
        randomisation_p(np.zeros(14), generator.normal(0, 0.2, 14)) < 0.05 for _ in range(400)
    )
    assert 4 <= false_alarms <= 36


def test_that_the_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(13)
    covered = 0
    for trial in range(150):
        differences = generator.normal(0.05, 0.2, 60)
        low, high = bootstrap_interval(np.zeros(60), differences, seed=trial)
        covered += low <= 0.05 <= high
    assert 0.86 * 150 <= covered <= 150


def test_that_a_wider_level_gives_a_wider_interval_around_the_mean() -> None:
    differences = np.random.default_rng(17).normal(0.1, 0.3, 80)
    narrow = bootstrap_interval(np.zeros(80), differences, level=0.5)
    wide = bootstrap_interval(np.zeros(80), differences, level=0.95)
    assert wide[0] < narrow[0] < differences.mean() < narrow[1] < wide[1]


def test_that_values_which_are_not_paired_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="not paired"):
        randomisation_p([1, 2], [1])
    with pytest.raises(ValueError, match="no queries"):
        bootstrap_interval([], [])


def test_holm_worked_by_hand() -> None:
    # 4 x .01, 3 x .02, 2 x .03 (raised to the one before), 1 x .04 (raised as well).
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(min_value=0, max_value=1), max_size=12))
def test_that_holm_lies_between_no_correction_and_bonferronis(p_values: list[float]) -> None:
    corrected = holm(p_values)
    for p, after in zip(p_values, corrected, strict=True):
        assert p <= after <= min(1.0, p * len(p_values))
    by_p = sorted(zip(p_values, corrected, strict=True))
    assert [after for _, after in by_p] == sorted(corrected)


def test_that_holm_seldom_gives_any_false_alarm() -> None:
    generator = np.random.default_rng(5)
    alarms = sum(min(holm(generator.random(10).tolist())) < 0.05 for _ in range(1000))
    assert 20 <= alarms <= 80  # uncorrected it would be about 400


def test_effect_size_worked_by_hand() -> None:
    # Differences 1, 2, 3: mean 2, standard deviation 1.
    assert effect_size([0, 0, 0], [1, 2, 3]) == pytest.approx(2.0)
    assert effect_size([1, 2, 3], [0, 0, 0]) == pytest.approx(-2.0)
    assert effect_size([0.5, 0.5], [0.5, 0.5]) == 0
    assert effect_size([1, 1], [0, 0]) == -math.inf
    assert effect_size([0], [1]) == 0
