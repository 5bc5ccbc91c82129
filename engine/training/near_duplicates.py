"""Which texts are the same but for a few words.

Two texts are near duplicates where their sets of words and of neighbouring words overlap by
`RESEMBLANCE` (Jaccard; Broder 1997, On the resemblance and containment of documents). That depends
on no model, so a model cannot decide on which queries it is tested. Pairs are found exactly, by
prefix filtering (Bayardo, Ma and Srikant 2007, Scaling up all pairs similarity search).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.training.pairs import normalised

RESEMBLANCE = 0.6

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
"""A word, or one character of a script that puts no spaces between words."""


def near_duplicates(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of rows, the smaller first, whose texts are equal or near duplicates."""
    shingles = [shingles_of(normalised(text)) for text in texts]
    frequency = Counter(shingle for own in shingles for shingle in own)
    rows_with: dict[str, list[int]] = {}
    for row, own in enumerate(shingles):
        prefix = _prefix(own, frequency)
        candidates = {other for shingle in prefix for other in rows_with.get(shingle, ())}
        for other in sorted(candidates):
            if _alike(own, shingles[other]):
                yield other, row
        for shingle in prefix:
            rows_with.setdefault(shingle, []).append(row)


def _prefix(own: frozenset[str], frequency: Counter[str]) -> list[str]:
    """Two sets that overlap by the threshold share at least one of each one's rarest shingles."""
    rarest = sorted(own, key=lambda shingle: (frequency[shingle], shingle))
    return rarest[: len(own) - math.ceil(RESEMBLANCE * len(own)) + 1]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= RESEMBLANCE * (len(one) + len(other) - shared)


def shingles_of(text: str) -> frozenset[str]:
    """Its words and its pairs of neighbouring words; a text without words is one of its own."""
    words = _WORD.findall(text) or [text]
    return frozenset(words) | {f"{one} {other}" for one, other in pairwise(words)}
