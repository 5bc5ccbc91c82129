"""What a library is about: clusters of its passages, named by the words typical of each.

Spherical k-means (Dhillon and Modha 2001, Concept decompositions for large sparse text data using
clustering) from seeds that k-means++ spreads (Arthur and Vassilvitskii 2007), on a sample where
there are many passages. Names come from class-based TF-IDF (Grootendorst 2022, BERTopic).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.retrieval.analyzer import STOPWORDS, words

_MOST = 24
"""Topics; more could not be taken in at a glance."""
_ROUNDS = 25
_COMMON = 0.25
"""Words in more than this share of the passages of most topics name none, in any language."""
_SHORTEST_WORD = 3


def n_topics(n_passages: int) -> int:
    """About the square root of half as many as there are passages."""
    return min(_MOST, max(1, round(math.sqrt(n_passages / 2))))


def centroids(vectors: NDArray[np.float32], k: int, seed: int) -> NDArray[np.float32]:
    """Centres of clusters, (k or fewer, dim) float32, L2-normalised.

    Args:
        vectors: (n, dim) float32, L2-normalised.
        k: at most so many, and never more than there are different vectors.
        seed: the same gives the same centres.
    """
    found = _spread(vectors, k, np.random.default_rng(seed))
    before: NDArray[np.int64] | None = None
    for _ in range(_ROUNDS):
        nearest = assign(vectors, found)
        if before is not None and np.array_equal(nearest, before):
            break
        before = nearest
        sums = np.stack([vectors[nearest == topic].sum(axis=0) for topic in range(len(found))])
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        # A cluster that lost its members, or whose members cancel out, stays where it was.
        found = np.where(norms > 0, sums / np.maximum(norms, 1e-12), found).astype(np.float32)
    return found


def assign(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """The nearest centre of each vector, (n,)."""
    nearest: NDArray[np.int64] = np.argmax(vectors @ centres.T, axis=1)
    return nearest


def _spread(
    vectors: NDArray[np.float32], k: int, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Seeds far from each other: each next one likelier the farther it is from those before."""
    chosen = [int(generator.integers(len(vectors)))]
    distance = np.clip(1.0 - vectors @ vectors[chosen[0]], 0.0, None).astype(np.float64)
    while len(chosen) < k:
        # Beyond rounding: equal vectors are not chosen twice.
        distance[distance < 1e-6] = 0.0
        total = distance.sum()
        if total == 0.0:
            break
        row = int(generator.choice(len(vectors), p=distance / total))
        chosen.append(row)
        distance = np.minimum(distance, np.clip(1.0 - vectors @ vectors[row], 0.0, None))
    return vectors[chosen].copy()


def name_topics(passages: Sequence[Sequence[str]], n_words: int = 3) -> tuple[str, ...]:
    """The words most typical of each topic, joined by commas.

    A word's weight in a topic is tf * log(1 + A / f), with its frequency tf in the topic and f in
    all of them, and A words a topic on average.

    Args:
        passages: texts of each topic.
        n_words: in a name.
    """
    counts: list[Counter[str]] = []
    common_in: Counter[str] = Counter()
    for texts in passages:
        of_topic: Counter[str] = Counter()
        holding: Counter[str] = Counter()
        for text in texts:
            own = [word for word in words(text) if _names(word)]
            of_topic.update(own)
            holding.update(set(own))
        counts.append(of_topic)
        common_in.update(word for word, n in holding.items() if n > _COMMON * len(texts))
    common = {word for word, n in common_in.items() if n > max(1, len(passages) / 2)}
    frequency: Counter[str] = Counter()
    for of_topic in counts:
        frequency.update(of_topic)
    average = sum(frequency.values()) / max(len(counts), 1)

    def weight(of_topic: Counter[str], word: str) -> float:
        return of_topic[word] * math.log(1.0 + average / frequency[word])

    names = []
    for of_topic in counts:
        ranked = sorted(
            (word for word in of_topic if word not in common),
            key=lambda word: (-weight(of_topic, word), word),
        )
        names.append(", ".join(_apart(ranked, n_words)))
    return tuple(names)


def _names(word: str) -> bool:
    """Whether a word can name anything; one character can where there are no blanks."""
    unspaced = len(word) == 1 and ord(word) >= 0x0E00
    return unspaced or (
        len(word) >= _SHORTEST_WORD and word not in STOPWORDS and not any(map(str.isdigit, word))
    )


def _apart(ranked: Sequence[str], n: int) -> list[str]:
    """The first n words of which none is another with an ending."""
    chosen: list[str] = []
    for word in ranked:
        if not any(_same_stem(word, other) for other in chosen):
            chosen.append(word)
        if len(chosen) == n:
            break
    return chosen


def _same_stem(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and len(longer) - len(shorter) <= 2


def balance(counts: Sequence[int]) -> float:
    """How evenly pairs lie over topics: Shannon's entropy over its maximum, 0 to 1.

    Without pairs it is 0, with one topic 1.
    """
    total = sum(counts)
    if not total:
        return 0.0
    if len(counts) == 1:
        return 1.0
    shares = [count / total for count in counts if count]
    return -sum(share * math.log(share) for share in shares) / math.log(len(counts))
