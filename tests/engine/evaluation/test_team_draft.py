"""Team-draft interleaving: what is in the list, whose it is, and what may be concluded from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.team_draft import n_to_decide, team_draft, wilson, winner

RANKINGS = st.lists(st.integers(1, 30), unique=True, max_size=12)


@given(RANKINGS, RANKINGS, st.integers(0, 20), st.integers(0, 2**32))
def test_that_the_list_holds_the_best_of_both_once(
    first: list[int], second: list[int], k: int, seed: int
) -> None:
    drafted = team_draft(first, second, k, seed)
    assert len(set(drafted.items)) == len(drafted.items) == min(k, len({*first, *second}))
    for ranking, team in ((first, 1), (second, 2)):
        own = [item for item in drafted.items if drafted.teams.get(item) == team]
        assert own == sorted(own, key=ranking.index)


@given(RANKINGS, RANKINGS, st.integers(0, 2**32))
def test_that_neither_team_is_ahead_by_more_than_one_while_both_have_results(
    first: list[int], second: list[int], seed: int
) -> None:
    drafted = team_draft(first, second, 30, seed)
    lead = 0
    for item in drafted.items:
        lead += {1: 1, 2: -1}.get(drafted.teams.get(item, 0), 0)
        others = set(drafted.items[drafted.items.index(item) :])
        if others & set(first) and others & set(second):
            assert abs(lead) <= 1 + len(set(first) & set(second))


def test_that_equal_rankings_decide_nothing() -> None:
    drafted = team_draft([1, 2, 3], [1, 2, 3], 3, seed=0)
    assert drafted.items == (1, 2, 3)
    assert winner(drafted.teams, {1: 1.0, 2: 1.0}) is None


def test_that_the_coin_decides_who_begins() -> None:
    begun = {team_draft([1, 2], [2, 1], 2, seed).items for seed in range(20)}
    assert begun == {(1, 2), (2, 1)}


def test_that_more_credit_wins_and_equal_credit_does_not() -> None:
    assert winner({7: 1, 8: 2}, {7: 0.4, 8: 0.2}) == 1
    assert winner({7: 1, 8: 2}, {7: -1.0}) == 2
    assert winner({7: 1, 8: 2}, {7: 0.2, 8: 0.2, 9: 5.0}) is None


def test_that_the_interval_is_wilsons() -> None:
    # Worked by hand for 8 of 10: (0.8 + z²/20 ± z √(0.016 + z²/400)) / (1 + z²/10).
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_that_as_many_as_are_told_decide() -> None:
    more = n_to_decide(12, 20)
    assert more is not None
    assert more > 0
    n = 20 + more
    assert wilson(round(0.6 * n), n)[0] == pytest.approx(0.5, abs=0.01)
    assert n_to_decide(20, 20) == 0
    assert n_to_decide(10, 20) is None


def simulated(quality: float, n: int, generator: np.random.Generator) -> tuple[int, int]:
    """Wins of the second ranker and decided searches, of users who look from the top."""
    wins = decided = 0
    rankings: list[list[int]]
    for _ in range(n):
        relevant = int(generator.integers(20))
        rankings = []
        for skill in (0.5, quality):
            noise = generator.permutation(20).tolist()
            noise.remove(relevant)
            place = 0 if generator.random() < skill else int(generator.integers(20))
            rankings.append([*noise[:place], relevant, *noise[place:]][:10])
        first, second = rankings
        drafted = team_draft(first, second, 10, int(generator.integers(2**32)))
        looked = drafted.items[: 1 + int(generator.geometric(0.2))]
        used = {relevant: 1.0} if relevant in looked else {}
        if generator.random() < 0.2:
            used[int(looked[0])] = 1.0  # what stands first is opened for no reason
        won = winner(drafted.teams, used)
        decided += won is not None
        wins += won == 2
    return wins, decided


def test_that_equal_rankers_are_not_told_apart_and_a_better_one_is() -> None:
    generator = np.random.default_rng(3)
    equal, decided = simulated(0.5, 1500, generator)
    low, high = wilson(equal, decided)
    assert low < 0.5 < high
    better, decided = simulated(0.8, 400, generator)
    assert wilson(better, decided)[0] > 0.5


def test_that_the_interval_holds_the_true_preference_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    for quality in (0.5, 0.7):
        wins, decided = simulated(quality, 20_000, generator)
        preference = 0.5 if quality == 0.5 else wins / decided
        assert abs(wins / decided - preference) < 0.015
        rounds = [simulated(quality, 60, generator) for _ in range(200)]
        held = [low <= preference <= high for low, high in (wilson(*each) for each in rounds)]
        assert 0.91 <= np.mean(held) <= 0.99
