"""Permutation tests on two samples: vectors and values."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.drift import energy_p, fall_p


def test_that_a_shift_is_seen_and_sameness_is_not() -> None:
    generator = np.random.default_rng(0)
    here = generator.normal(size=(60, 8)).astype(np.float32)
    there = (generator.normal(size=(60, 8)) + 0.8).astype(np.float32)
    assert energy_p(here, there) == pytest.approx(0.001)
    assert energy_p(here[:30], here[30:]) > 0.05


def test_that_false_alarms_are_as_rare_as_they_are_said_to_be() -> None:
    generator = np.random.default_rng(1)
    samples = generator.normal(size=(60, 2, 20, 4)).astype(np.float32)
    alarms = [energy_p(one, other) < 0.05 for one, other in samples]
    assert np.mean(alarms) <= 0.15


def test_that_a_fall_is_seen_and_a_rise_is_none() -> None:
    high, low = [0.9, 0.8, 1.0, 0.9, 0.85] * 5, [0.5, 0.4, 0.6, 0.5, 0.45] * 5
    assert fall_p(high, low) < 0.01
    assert fall_p(low, high) > 0.99
    assert fall_p(high, high) > 0.05
