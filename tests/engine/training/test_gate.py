"""The gate: accepts what is clearly better, refuses what is not, and says why."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.gate import MIN_HELD_OUT, P_BELOW, HeldOutThings, judge


def values(differences: np.ndarray) -> tuple[dict[str, float], dict[str, float]]:
    before = {f"q{number}": 0.5 for number in range(len(differences))}
    after = {f"q{number}": 0.5 + float(d) for number, d in enumerate(differences)}
    return before, after


def test_that_a_clear_gain_is_accepted() -> None:
    report = judge(*values(np.random.default_rng(0).normal(0.08, 0.15, 100)))
    assert report.accepted
    assert report.measure == "nDCG@10"
    assert report.n_queries == 100
    assert report.before == pytest.approx(0.5)
    assert report.ci[0] < report.after - report.before < report.ci[1]
    assert report.p < P_BELOW
    assert report.reason.startswith("Accepted")


def test_that_a_gain_within_luck_is_refused() -> None:
    report = judge(*values(np.array([0.3, -0.3] * 20 + [0.1])))
    assert report.after > report.before
    assert not report.accepted
    assert "not clearly" in report.reason


def test_that_a_clear_loss_is_refused() -> None:
    report = judge(*values(np.full(40, -0.1)))
    assert report.p < P_BELOW
    assert not report.accepted
    assert "worse" in report.reason


def test_that_no_change_is_refused() -> None:
    report = judge(*values(np.zeros(40)))
    assert not report.accepted
    assert "no better" in report.reason


def test_that_too_few_queries_are_refused_however_large_the_gain() -> None:
    report = judge(*values(np.full(MIN_HELD_OUT - 1, 0.4)))
    assert not report.accepted
    assert "too few" in report.reason
    assert judge(*values(np.full(MIN_HELD_OUT, 0.4))).accepted


def test_that_models_without_a_difference_seldom_pass() -> None:
    generator = np.random.default_rng(1)
    passed = sum(judge(*values(generator.normal(0, 0.2, 12))).accepted for _ in range(120))
    assert passed <= 14


def test_that_queries_are_paired_by_their_ids() -> None:
    before, after = values(np.random.default_rng(2).normal(0.05, 0.1, 50))
    assert judge(before, dict(reversed(after.items()))) == judge(before, after)


@pytest.mark.parametrize("gain", [0.1, 0.0])
def test_that_the_verdict_tells_what_was_held_out(gain: float) -> None:
    pictures = HeldOutThings("pictures", "Describe more pictures.")
    report = judge(*values(np.full(312, gain)), pictures)
    assert "On 312 pictures that it had not seen" in report.reason
    few = judge(*values(np.full(3, gain)), pictures)
    assert "3 pictures are too few" in few.reason and "Describe more pictures." in few.reason
    assert "search" not in report.reason + few.reason
