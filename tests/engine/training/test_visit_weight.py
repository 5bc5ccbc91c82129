"""What a visit says depends on how long it was and on where the result stood."""

from __future__ import annotations

import pytest

from engine.training.visit_weight import sign_of, weight_of
from engine.training_records import WEIGHTS


@pytest.mark.parametrize(
    ("opened", "seconds", "sign"),
    [
        (True, 0.0, "open"),
        (True, 2.0, None),
        (True, 8.0, "open"),
        (True, 45.0, "dwell"),
        (False, 0.0, None),
        (False, 19.9, None),
        (False, 20.0, "dwell"),
    ],
)
def test_that_long_reading_counts_more_and_a_quick_return_for_nothing(
    opened: bool, seconds: float, sign: str | None
) -> None:
    assert sign_of(opened, seconds) == sign


def test_that_a_visit_far_down_says_more_but_never_more_than_its_kind() -> None:
    weights = [weight_of("open", rank) for rank in (1, 2, 4, 8, 50)]
    assert weights == sorted(weights)
    assert weights[0] == pytest.approx(WEIGHTS["open"] / 8**0.5, abs=1e-4)
    assert weights[-1] == weights[-2] == WEIGHTS["open"]
    assert weight_of("dwell", 0) == weight_of("dwell", 1) > weight_of("open", 1)
