from __future__ import annotations

import pytest

from gui.judging_clock import LONGEST_S, JudgingClock


class _Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> _Time:
    return _Time()


def test_that_what_is_held_is_not_counted(time: _Time) -> None:
    clock = JudgingClock(time)
    clock.begin()
    time.now += 3
    clock.hold()
    time.now += 50
    clock.hold()
    clock.go_on()
    time.now += 4
    clock.go_on()
    assert clock.seconds == 7
    clock.begin()
    assert clock.seconds == 0


def test_that_it_is_held_from_a_moment_in_the_past_but_not_before_it_began(time: _Time) -> None:
    clock = JudgingClock(time)
    clock.begin()
    time.now += 70
    clock.hold(seconds_ago=60)
    assert clock.seconds == 10
    clock.begin()
    time.now += 5
    clock.hold(seconds_ago=60)
    assert clock.seconds == 0


def test_that_an_interruption_counts_for_no_more_than_the_most(time: _Time) -> None:
    clock = JudgingClock(time)
    clock.begin()
    time.now += 10_000
    assert clock.seconds == LONGEST_S
