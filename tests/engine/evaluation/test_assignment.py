"""Sharing queries among raters."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.errors import InvalidInput
from engine.evaluation.assignment import share_queries

QUERIES = [f"q{n}" for n in range(60)]


def test_that_every_query_is_dealt_evenly_and_a_share_goes_to_two() -> None:
    shared = share_queries(QUERIES, ("ann", "bob", "eve"), 0.2)
    by_query = Counter(query for query, _ in shared)
    assert by_query.keys() == set(QUERIES)
    assert Counter(by_query.values()) == {1: 48, 2: 12}
    assert len(set(shared)) == len(shared)
    assert set(Counter(rater for _, rater in shared).values()) == {24}


def test_that_every_pair_of_raters_meets() -> None:
    shared = share_queries(QUERIES, ("ann", "bob", "eve", "joe"), 0.2)
    together: dict[str, list[str]] = {}
    for query, rater in shared:
        together.setdefault(query, []).append(rater)
    pairs = {frozenset(raters) for raters in together.values() if len(raters) == 2}
    assert len(pairs) == 6


def test_that_one_rater_gets_all_and_nobody_takes_sharing_away() -> None:
    assert sorted(share_queries(QUERIES, ("ann",), 0.5)) == sorted((q, "ann") for q in QUERIES)
    assert share_queries(QUERIES, (), 0.5) == []


@pytest.mark.parametrize(("raters", "overlap"), [(("a", "a"), 0.2), (("",), 0.2), (("a",), 1.5)])
def test_that_names_and_share_are_checked(raters: tuple[str, ...], overlap: float) -> None:
    with pytest.raises(InvalidInput):
        share_queries(QUERIES, raters, overlap)
