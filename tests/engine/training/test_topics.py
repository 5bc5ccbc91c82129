"""Topics are found where there are some, named by what is typical of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.training.topics import assign, balance, centroids, n_topics, name_topics


def clouds(seed: int) -> NDArray[np.float32]:
    """Three groups of 20 vectors, far from each other."""
    generator = np.random.default_rng(seed)
    middles = np.eye(3, 8).repeat(20, axis=0)
    vectors = middles + 0.1 * generator.standard_normal(middles.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found: NDArray[np.float32] = vectors.astype(np.float32)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_that_groups_are_found_whatever_the_seed(seed: int) -> None:
    vectors = clouds(seed)
    found = assign(vectors, centroids(vectors, 3, seed))
    groups = [set(found[start : start + 20].tolist()) for start in (0, 20, 40)]
    assert [len(group) for group in groups] == [1, 1, 1]
    assert len(set.union(*groups)) == 3


def test_that_the_same_seed_gives_the_same_centres_and_they_are_normalised() -> None:
    vectors = clouds(7)
    one, other = centroids(vectors, 4, 1), centroids(vectors, 4, 1)
    assert np.array_equal(one, other)
    assert np.linalg.norm(one, axis=1) == pytest.approx(np.ones(len(one)), abs=1e-5)


def test_that_there_are_no_more_centres_than_different_vectors() -> None:
    vectors = np.repeat(np.eye(2, 4, dtype=np.float32), 10, axis=0)
    assert len(centroids(vectors, 5, 0)) == 2


def test_that_the_number_of_topics_grows_slowly_up_to_a_limit() -> None:
    assert [n_topics(n) for n in (1, 8, 200, 10**6)] == [1, 2, 10, 24]


def test_that_topics_are_named_by_what_is_typical_of_them() -> None:
    bread = [f"The bread with yeast and flour number {n} is good." for n in range(6)]
    sea = [f"The tides and the moon at sea number {n} are good." for n in range(6)]
    first, second = name_topics([bread, sea])
    assert set(first.split(", ")) == {"bread", "flour", "yeast"}
    assert set(second.split(", ")) == {"moon", "sea", "tides"}


def test_that_a_name_has_no_word_twice_with_another_ending() -> None:
    (name, _) = name_topics([["cell cells cell cells wall"], ["sea tides moon"]])
    assert name == "cell, wall"


def test_that_balance_is_one_where_topics_are_even_and_zero_where_one_has_all() -> None:
    assert balance([5, 5, 5]) == pytest.approx(1.0)
    assert balance([9, 0, 0]) == 0.0
    assert balance([]) == balance([0, 0]) == 0.0
    assert balance([4]) == 1.0


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=24))
def test_that_balance_lies_between_nothing_and_one(counts: list[int]) -> None:
    assert 0.0 <= balance(counts) <= 1.0 + 1e-9
