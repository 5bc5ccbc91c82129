from __future__ import annotations

import numpy as np
import pytest

from engine.encoders.ridge import ridge

RANDOM = np.random.default_rng(3)
LOOK = RANDOM.normal(size=(20, 24)).astype(np.float32)
SAID = RANDOM.normal(size=(20, 5)).astype(np.float32)


@pytest.mark.parametrize("dims", [24, 12])
def test_that_fewer_examples_than_dimensions_and_more_are_solved_alike(dims: int) -> None:
    look = LOOK[:, :dims]
    mean, (found,) = ridge(look, SAID, np.ones(20, np.float32), (0.01,))
    centred = (look - look.mean(axis=0)).astype(float)
    expected = np.linalg.solve(
        centred.T @ centred + 0.01 * 20 * np.eye(dims), centred.T @ (SAID - SAID.mean(axis=0))
    )
    assert found == pytest.approx(expected, abs=1e-4)
    assert mean == pytest.approx(look.mean(axis=0), abs=1e-6)


def test_that_an_example_of_double_weight_is_two_examples() -> None:
    weights = np.ones(20, np.float32)
    weights[7] = 2
    _, (heavy,) = ridge(LOOK, SAID, weights, (0.02,))
    rows = [*range(20), 7]
    _, (twice,) = ridge(LOOK[rows], SAID[rows], np.ones(21, np.float32), (0.02,))
    assert heavy == pytest.approx(twice, abs=1e-5)
