"""The score follows its parts, and what is missing says what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.training.data_quality import Facts, TopicCover, missing, parts_of, score

GOOD = Facts(
    n_judged_queries=300,
    n_needed=20,
    n_with_negative=300,
    n_pairs=600,
    n_conflicts=0,
    n_duplicates=0,
    n_leaks=0,
    judged_weight=600.0,
    weak_weight=0.0,
    median_age_days=0.0,
    balance=1.0,
)
NOTHING = Facts(0, 20, 0, 0, 0, 0, 0, 0.0, 0.0, None, None)


def test_that_good_data_score_full_and_lack_nothing() -> None:
    assert score(GOOD) == 100
    assert missing(GOOD) == ()


def test_that_nothing_scores_nothing_and_the_first_step_is_told() -> None:
    assert score(NOTHING) == 0
    assert missing(NOTHING) == (
        "Judge 20 more searches: tuning needs 20 with a result that helps.",
    )


@pytest.mark.parametrize(
    ("worse", "says"),
    [
        (replace(GOOD, n_judged_queries=60, n_with_negative=60), "Judge 40 more searches"),
        (replace(GOOD, n_with_negative=3), "only 3 of 300 have one"),
        (
            replace(
                GOOD,
                balance=0.5,
                topics=(TopicCover("wing", 0.6, 1), TopicCover("drag", 0.4, 99)),
            ),
            "about “wing”: only 1 pair to learn from, though it makes up 60% of the library",
        ),
        (replace(GOOD, n_conflicts=20), "Settle 20 pairs said"),
        (replace(GOOD, n_leaks=30), "30 pairs are left out"),
        (replace(GOOD, weak_weight=1800.0), "only 25% of what would be learnt"),
        (replace(GOOD, median_age_days=730.0), "older than 2.0 years"),
    ],
)
def test_that_what_is_worse_scores_less_and_is_told(worse: Facts, says: str) -> None:
    assert score(worse) < 100
    told = missing(worse)
    assert len(told) == 1
    assert says in told[0]


def test_that_what_costs_most_is_told_first() -> None:
    told = missing(replace(GOOD, n_with_negative=0, n_conflicts=2))
    assert "none of 300 has one" in told[0]
    assert "Settle 2 pairs" in told[1]


def test_that_a_score_worked_by_hand_comes_out() -> None:
    facts = Facts(50, 20, 25, 100, 5, 3, 2, 50.0, 50.0, 365.0, 0.8)
    assert parts_of(facts) == pytest.approx(
        {
            "queries": 0.6889,
            "negatives": 0.5,
            "balance": 0.8,
            "clean": 0.8,
            "judged": 0.5,
            "fresh": 0.5,
        },
        abs=1e-4,
    )
    # 35 * .6889 + 20 * .5 + 15 * .8 + 10 * .8 + 10 * .5 + 10 * .5
    assert score(facts) == 64


def test_that_what_is_not_known_is_left_out_of_the_mean() -> None:
    assert score(replace(GOOD, median_age_days=None, balance=None)) == 100
