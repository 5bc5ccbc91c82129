"""Choosing what to judge, on sets whose truth is known because they are made up."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from engine.evaluation.active import Chosen, Pair, choose

Pool = dict[str, dict[str, dict[str, int]]]
_HIGHEST = 3


def made_up(seed: int, n_queries: int = 12, depth: int = 10) -> tuple[Pool, dict[Pair, int]]:
    """A pool of two systems, the second of which sees a little better, and the true grades."""
    generator = np.random.default_rng(seed)
    pool: Pool = {}
    truth: dict[Pair, int] = {}
    for query in (f"q{n}" for n in range(n_queries)):
        grades = generator.choice([0, 0, 0, 0, 1, 2, 3], 40)
        of_query = pool.setdefault(query, {})
        for system, noise in (("first", 1.6), ("second", 1.1)):
            order = np.argsort(-(grades + generator.normal(0, noise, len(grades))))[:depth]
            for rank, number in enumerate(order.tolist(), start=1):
                of_query.setdefault(f"d{number}", {})[system] = rank
                truth[query, f"d{number}"] = int(grades[number])
    return pool, truth


def difference(ranks: dict[str, int]) -> float:
    """How much more a document's grade counts for the second system than for the first."""
    first, second = (
        1 / math.log2(ranks[system] + 1) if system in ranks else 0.0
        for system in ("first", "second")
    )
    return second - first


def in_active_order(pool: Pool, truth: dict[Pair, int], at_once: int = 5) -> list[Chosen]:
    grades: dict[str, dict[str, int]] = {}
    order: list[Chosen] = []
    left = set(truth)
    while left:
        for each in choose(pool, grades, left, len(order), at_once, "seed"):
            order.append(each)
            pair = each.query_id, each.document
            left.remove(pair)
            grades.setdefault(each.query_id, {})[each.document] = truth[pair]
    return order


def needed(pool: Pool, truth: dict[Pair, int], order: list[Pair]) -> tuple[int, int]:
    """After how many judgments the difference's sign is right for good, and cannot change."""
    total = sum(grade * difference(pool[q][d]) for (q, d), grade in truth.items())
    so_far, last_wrong, proven = 0.0, 0, len(order)
    left = np.array([_HIGHEST * difference(pool[q][d]) for q, d in order])
    for place, (query, document) in enumerate(order, start=1):
        so_far += truth[query, document] * difference(pool[query][document])
        if so_far * total <= 0:
            last_wrong = place
        rest = left[place:]
        if so_far + rest[rest < 0].sum() > 0 or so_far + rest[rest > 0].sum() < 0:
            proven = min(proven, place)
    return last_wrong + 1, proven


def test_that_fewer_judgments_tell_which_of_two_systems_is_better_than_in_pool_order() -> None:
    found = []
    for seed in range(8):
        pool, truth = made_up(seed)
        by_query: list[Pair] = []
        for query, of_query in pool.items():
            keys = list(of_query)
            random.Random(seed).shuffle(keys)
            by_query += [(query, key) for key in keys]
        actively = [(each.query_id, each.document) for each in in_active_order(pool, truth)]
        found.append((*needed(pool, truth, by_query), *needed(pool, truth, actively)))
    right, proven, right_actively, proven_actively = np.mean(found, axis=0)
    assert right_actively < right
    assert proven_actively < 0.9 * proven


def test_that_every_pair_comes_once_and_every_tenth_by_lot() -> None:
    pool, truth = made_up(1)
    order = in_active_order(pool, truth)
    assert {(each.query_id, each.document) for each in order} == truth.keys()
    assert [each.drawn == "random" for each in order] == [n % 10 == 9 for n in range(len(order))]


def test_that_what_is_drawn_by_lot_does_not_depend_on_what_was_judged() -> None:
    pool, truth = made_up(2)
    ninth = choose(pool, {}, set(truth), 9, 1, "seed")
    graded = {query: dict.fromkeys(of, 1) for query, of in list(pool.items())[1:]}
    assert choose(pool, graded, set(truth), 9, 1, "seed") == ninth
    drawn = {choose(pool, {}, set(truth), 9, 1, str(n))[0].query_id for n in range(60)}
    assert len(drawn) > 6


def test_that_what_systems_agree_on_comes_last() -> None:
    pool = {"q": {"same": {"a": 1, "b": 1}, "apart": {"a": 1, "b": 9}, "near": {"a": 8, "b": 9}}}
    chosen = choose(pool, {}, [("q", key) for key in pool["q"]], 0, 3, "seed")
    assert [each.document for each in chosen] == ["apart", "near", "same"]


def test_that_what_can_be_foreseen_comes_after_what_cannot() -> None:
    ranks = {"top": {"a": 1, "b": 3}, "next": {"a": 3, "b": 1}}
    pool = dict.fromkeys(("known", "unknown"), ranks)
    pool["known"] = ranks | {f"judged{n}": {"a": 2, "b": 2} for n in range(9)}
    grades = {"known": {f"judged{n}": 0 for n in range(9)}}
    chosen = choose(pool, grades, [("known", "top"), ("unknown", "top")], 0, 1, "seed")
    assert chosen[0].query_id == "unknown"


@pytest.mark.parametrize("pool", [{}, {"q": {"d": {}}}])
def test_that_a_pair_that_no_system_found_can_be_chosen(pool: Pool) -> None:
    assert choose(pool, {}, [("q", "d")], 0, 5, "seed") == [Chosen("q", "d", "active")]
