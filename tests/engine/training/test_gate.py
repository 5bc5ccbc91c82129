"""The gate: accepts what is clearly better, refuses what is not, and says why."""

from __future__ import annotations

import numpy as np
import pytest

from engine.records import GateRules
from engine.training.gate import (
    MIN_HELD_OUT,
    P_BELOW,
    HeldOutThings,
    general_knowledge,
    judge,
    nothing_seen,
    size,
    speed,
)
from engine.training.pairs import Example, JudgedQuery, LabelledPassage


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


GAIN = values(np.full(40, 0.1))
RULES = GateRules()


def test_that_all_tests_passed_are_told_one_by_one() -> None:
    others = (speed(10, 14, RULES), size(100, 150, RULES))
    report = judge(*GAIN, others=others)
    assert report.accepted
    assert [check.passed for check in report.checks] == [True, True, True]
    assert report.checks[1:] == others


def test_that_the_first_test_that_failed_is_told() -> None:
    forgot = general_knowledge({"g": 0.9}, {"g": 0.88}, RULES)
    report = judge(*GAIN, others=(speed(10, 14, RULES), forgot, size(100, 151, RULES)))
    assert not report.accepted
    assert report.reason.startswith("Not accepted") and forgot.words in report.reason
    assert [check.passed for check in report.checks] == [True, True, False, False]


def test_that_a_model_that_finds_no_better_is_told_so_whatever_else_it_fails() -> None:
    report = judge(*values(np.zeros(40)), others=(size(1, 100, RULES),))
    assert "no better" in report.reason


@pytest.mark.parametrize(("after", "passes"), [(0.895, True), (0.885, False), (0.95, True)])
def test_that_a_little_general_knowledge_may_be_lost(after: float, passes: bool) -> None:
    check = general_knowledge({"a": 0.8, "b": 1.0}, {"a": after - 0.1, "b": after + 0.1}, RULES)
    assert check.passed is passes


def test_that_rules_are_heeded() -> None:
    few = values(np.full(30, 0.1))
    assert judge(*few).accepted
    assert not judge(*few, rules=GateRules(min_held_out=31)).accepted
    assert "at least 31" in judge(*few, rules=GateRules(min_held_out=31)).reason
    assert not judge(*few, rules=GateRules(p_below=0.0)).accepted
    assert speed(10, 19, GateRules(slower=2)).passed
    assert not size(10, 19, GateRules(larger=1.8)).passed


HELD_OUT = (
    JudgedQuery(
        "h",
        "how do swifts sleep while they fly",
        (LabelledPassage("swifts", "Swifts sleep with half of their brain at a time.", 3),),
        undecided=("birds",),
    ),
)
CLEAN = Example("q", "where do eels spawn", "eels", "In the Sargasso Sea.", ("In a river.",))


@pytest.mark.parametrize(
    "seen",
    [
        Example("q", "How do swifts sleep, while they fly?", "other", "Nothing of the kind."),
        Example("q", "when do birds rest", "swifts", "Another passage of that document."),
        Example("q", "when do birds rest", "birds", "One that was hardly relevant."),
        Example("q", "sleep", "copy", "Swifts sleep with half of their brain at a time!"),
        Example("q", "s", "d", "x", ("swifts sleep with half of their brain at a  time",)),
    ],
    ids=["wording", "document", "undecided document", "copy", "as a negative"],
)
def test_that_it_is_noticed_where_something_was_learnt_that_tests(seen: Example) -> None:
    assert nothing_seen([CLEAN], HELD_OUT).passed
    check = nothing_seen([CLEAN, seen], HELD_OUT)
    assert not check.passed
    assert "learnt" in check.words
