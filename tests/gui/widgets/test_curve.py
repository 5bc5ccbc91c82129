from __future__ import annotations

import pytest

from gui.widgets.curve import span_of, whole_spacing


def test_that_the_axis_spans_the_values() -> None:
    assert span_of((0.2, 0.9, 0.4), 0.05) == (0.2, 0.9)


@pytest.mark.parametrize(("span", "spacing"), [(5, 1), (12, 1), (13, 2), (70, 10), (900, 100)])
def test_that_ticks_stand_at_round_steps(span: float, spacing: int) -> None:
    assert whole_spacing(span) == spacing


def test_that_noise_does_not_fill_the_curve() -> None:
    assert span_of((0.812, 0.814), 0.05) == pytest.approx((0.788, 0.838))


@pytest.mark.parametrize("value", [5e-5, -3.0, 0.0])
def test_that_a_constant_has_room_of_its_own_size(value: float) -> None:
    low, high = span_of((value, value), 0.0)
    assert low < value < high
    assert high - low <= max(abs(value), 1.0)
