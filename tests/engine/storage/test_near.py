from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.storage.near import Near, distance_km


def test_that_distances_are_those_of_a_globe() -> None:
    assert distance_km(38.72, -9.14, 41.15, -8.61) == pytest.approx(274, abs=2)  # Lisbon, Porto
    assert distance_km(0, 179.9, 0, -179.9) == pytest.approx(22.2, abs=0.1)


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(0.1, 3000),
    st.floats(-90, 90), st.floats(-180, 180),
)  # fmt: skip
def test_that_what_is_near_lies_in_the_box(
    latitude: float, longitude: float, km: float, other: float, another: float
) -> None:
    south, north, west, east = Near(latitude, longitude, km).box()
    if distance_km(latitude, longitude, other, another) <= km * 0.999:
        assert south <= other <= north and west <= another <= east
