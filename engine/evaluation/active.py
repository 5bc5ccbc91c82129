"""Which pooled pairs to judge next, so that few judgments tell systems apart.

A judgment matters to a comparison where systems rank the document differently, and where its grade
cannot be foreseen. This is the idea of minimal test collections (Carterette, Allan and Sitaraman
2006, Minimal test collections for retrieval evaluation, SIGIR), for discounted cumulative gain in
place of average precision, and simplified: the weight of a pair is the standard deviation of the
discounts of its ranks over the systems, not its effect on each pair's chance to be ordered rightly;
the chance that it is relevant is counted from what was judged near its place, in its query and in
others, not fitted; queries are not normalised by their ideal gain.

What is chosen like this says nothing of the rest. So every tenth pair is drawn uniformly instead:
in one order, fixed by lot, of all that is pooled, the first that is open. The judged beginning of
that order is a uniform sample of the pool, whatever else was judged (as in Yilmaz, Kanoulas and
Aslam 2008, A simple and efficient sampling method for estimating AP and NDCG, SIGIR, who draw by
strata).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.qrels import Qrels

Pair = tuple[str, str]
"""Query id and document id."""
Pool = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Query id -> document id -> system -> rank, from 1; a system that did not find it is absent."""

_RANDOM_EVERY = 10
_RRF_K = 60
_NEIGHBOUR = 0.5
"""Places in the fused list that are near each other, in steps of the logarithm to base 2."""
_PRIOR_WEIGHT = 2.0
"""Judgments of its own query that outweigh what other queries tell of a pair."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A pair that is to be judged next."""

    query_id: str
    document: str
    drawn: Literal["active", "random"]


def choose(
    pool: Pool, grades: Qrels, wanted: Collection[Pair], n_judged: int, n: int, seed: str
) -> list[Chosen]:
    """The n pairs to judge next, of those wanted, the first first.

    Args:
        pool: of all queries.
        grades: what is judged, by anybody.
        wanted: the pairs that may come.
        n_judged: how many pairs the rater has dealt with, of which every tenth was drawn by lot.
        n: at most so many.
        seed: of the lot.
    """
    scored = _values(pool, grades, wanted)
    by_value = sorted(scored, key=lambda pair: (-scored[pair], _lot(seed, pair)))
    by_lot = sorted(scored, key=lambda pair: _lot(seed, pair))
    taken: dict[Pair, Chosen] = {}
    for place in range(n_judged, n_judged + min(n, len(scored))):
        random = place % _RANDOM_EVERY == _RANDOM_EVERY - 1
        pair = next(each for each in (by_lot if random else by_value) if each not in taken)
        taken[pair] = Chosen(*pair, "random" if random else "active")
    return list(taken.values())


def _values(pool: Pool, grades: Qrels, wanted: Collection[Pair]) -> dict[Pair, float]:
    """How much the grade of each wanted pair would move the comparison of the systems."""
    systems = sorted({s for of in pool.values() for ranks in of.values() for s in ranks})
    places = {query_id: _places(of) for query_id, of in pool.items()}
    chances = _Chances(places, grades)
    found = {}
    for query_id, document in wanted:
        ranks = pool.get(query_id, {}).get(document, {})
        discounts = [_discount(ranks.get(system)) for system in systems]
        chance = chances.of(query_id, document)
        spread = float(np.std(discounts)) if systems else 0.0
        found[query_id, document] = spread * math.sqrt(chance * (1 - chance))
    return found


def _discount(rank: int | None) -> float:
    """Weight of a rank in discounted cumulative gain; nothing is gained by what was not found."""
    return 0.0 if rank is None else 1 / math.log2(rank + 1)


def _places(of_query: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Where each document stands in the fusion of all systems: log2 of its place from 1."""
    fused = {
        document: sum(1 / (_RRF_K + rank) for rank in ranks.values())
        for document, ranks in of_query.items()
    }
    order = sorted(fused, key=lambda document: (-fused[document], document))
    return {document: math.log2(place) for place, document in enumerate(order, start=1)}


class _Chances:
    """The chance of each pair to be relevant, from what was judged near its place.

    Judged neighbours in the same query count in full; those of all queries together stand for
    `_PRIOR_WEIGHT` of them, and before there are any the chance is one half.
    """

    def __init__(self, places: Mapping[str, Mapping[str, float]], grades: Qrels) -> None:
        self._places = places
        self._judged: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        for query_id, of in places.items():
            graded = grades.get(query_id, {})
            both = [(of[key], float(grade > 0)) for key, grade in graded.items() if key in of]
            if both:
                at, relevant = np.array(both).T
                self._judged[query_id] = at, relevant
        self._all = (
            np.concatenate([at for at, _ in self._judged.values()] or [np.empty(0)]),
            np.concatenate([relevant for _, relevant in self._judged.values()] or [np.empty(0)]),
        )
        self._overall: dict[float, float] = {}

    def of(self, query_id: str, document: str) -> float:
        """The chance that a document is relevant to a query, never quite 0 or 1."""
        place = self._places.get(query_id, {}).get(document)
        if place is None:
            return 0.5
        if place not in self._overall:
            near, relevant = _near(self._all, place)
            self._overall[place] = (relevant + 1) / (near + 2)
        near, relevant = _near(self._judged.get(query_id, (np.empty(0), np.empty(0))), place)
        return (relevant + _PRIOR_WEIGHT * self._overall[place]) / (near + _PRIOR_WEIGHT)


def _near(
    judged: tuple[NDArray[np.float64], NDArray[np.float64]], place: float
) -> tuple[float, float]:
    """How many judged documents are near a place, by a Gaussian kernel, and how many relevant."""
    at, relevant = judged
    weight = np.exp(-0.5 * ((at - place) / _NEIGHBOUR) ** 2)
    return float(weight.sum()), float(weight @ relevant)


def _lot(seed: str, pair: Sequence[str]) -> bytes:
    return blake2b(
        "\0".join((seed, *pair)).encode("utf-8", "surrogatepass"), digest_size=8
    ).digest()
