"""A run of which some lines do not count, taken deeper until enough are left."""

from __future__ import annotations

from collections.abc import Callable

from engine.records import ScoredChunk

_DEEPER = 8
_ROUNDS = 3
"""After so many, what is left is all: nearly nothing that is found counts."""


def deepened(
    search: Callable[[int], list[ScoredChunk]],
    k: int,
    counting: Callable[[list[ScoredChunk]], list[ScoredChunk]],
) -> list[ScoredChunk]:
    """The best k lines that count of what `search` finds at some depth, if there are so many."""
    depth, kept = k, []
    for _ in range(_ROUNDS):
        run = search(depth)
        kept = counting(run)[:k]
        if len(kept) == k or len(run) < depth:
            break
        depth *= _DEEPER
    return kept
