"""Divides judged queries into those that train and those that test, which share nothing.

Queries that share a relevant document, or whose relevant passages or wordings are near duplicates,
form one group, and a group goes to one side whole. Where one group is so large that the other side
would stay too small, that group is cut, and the training side gives up whatever the held-out side
knows: so the rule holds in any case.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.training.near_duplicates import near_duplicates
from engine.training.pairs import JudgedQuery


@dataclass(frozen=True, slots=True)
class Split:
    """Two sides that share no query and no relevant document, nor near duplicates of them."""

    train: tuple[JudgedQuery, ...]
    held_out: tuple[JudgedQuery, ...]
    n_left_out: int
    """Queries that had to be left out of training because a held-out one knows their answers."""


def split_by_query(queries: Sequence[JudgedQuery], n_held_out: int, seed: int) -> Split:
    """Hold out about `n_held_out` queries, never more.

    Args:
        queries: with at least one positive each.
        n_held_out: how many queries to hold out.
        seed: which ones.
    """
    owners = [row for row, query in enumerate(queries) for _ in query.positives]
    passages = [passage for query in queries for passage in query.positives]
    query_kinds = _kinds([query.text for query in queries], range(len(queries)))
    passage_kinds = _kinds([p.text for p in passages], [p.document for p in passages])
    links: list[list[Hashable]] = [[("query", kind)] for kind in query_kinds]
    for row, kind in zip(owners, passage_kinds, strict=True):
        links[row].append(("passage", kind))
    groups = _members(_Groups(len(queries)).joined_by(links))
    held_out = _choose(groups, n_held_out, np.random.default_rng(seed))
    taken = {link for row in held_out for link in links[row]}
    train = []
    first_positive = np.searchsorted(owners, np.arange(len(queries)))
    for row, query in enumerate(queries):
        if row in held_out or ("query", query_kinds[row]) in taken:
            continue
        kinds = passage_kinds[first_positive[row] :]
        kept = tuple(
            p
            for p, kind in zip(query.positives, kinds, strict=False)
            if ("passage", kind) not in taken
        )
        if kept:
            train.append(replace(query, positives=kept))
    return Split(
        tuple(train),
        tuple(query for row, query in enumerate(queries) if row in held_out),
        len(queries) - len(held_out) - len(train),
    )


class _Groups:
    """Disjoint sets over the numbers below n (Tarjan 1975)."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first

    def joined_by(self, links: Iterable[Iterable[Hashable]]) -> list[int]:
        """Join what has a link in common; returns each row's group."""
        seen: dict[Hashable, int] = {}
        for row, own in enumerate(links):
            for link in own:
                self.join(row, seen.setdefault(link, row))
        return [self.find(row) for row in range(len(self._parent))]


def _kinds(texts: Sequence[str], keys: Sequence[Hashable]) -> list[int]:
    """A number for each text, equal for near duplicates, equal keys and what they lead to."""
    groups = _Groups(len(texts))
    for row, other in near_duplicates(texts):
        groups.join(row, other)
    return groups.joined_by([key] for key in keys)


def _members(groups: Sequence[int]) -> list[list[int]]:
    members: dict[int, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    return list(members.values())


def _choose(groups: list[list[int]], n: int, generator: np.random.Generator) -> set[int]:
    """Whole groups up to n rows; where that leaves half of n free, part of what is left too."""
    chosen: set[int] = set()
    left = []
    for number in generator.permutation(len(groups)):
        group = groups[number]
        if len(chosen) + len(group) <= n:
            chosen.update(group)
        else:
            left.append(group)
    if len(chosen) < n / 2:
        largest = max(left, key=len)
        rows = [largest[row] for row in generator.permutation(len(largest))]
        chosen.update(rows[: n - len(chosen)])
    return chosen
