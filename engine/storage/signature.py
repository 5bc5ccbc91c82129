"""A short summary of a text by which near-duplicates are told: MinHash (Broder 1997).

The share of equal places of two signatures estimates the Jaccard similarity of the two texts' sets
of three-word sequences, with a standard error of at most 0.0625.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_PLACES = 64
_MOST_CHARACTERS = 500_000
"""A longer text is summarised by its beginning."""
_SEED = np.random.default_rng(1997)
_FACTORS = _SEED.integers(0, 1 << 63, (_PLACES, 1), np.uint64) * np.uint64(2) + np.uint64(1)
_SUMMANDS = _SEED.integers(0, 1 << 63, (_PLACES, 1), np.uint64)
_HIGH_HALF = np.uint64(32)
_AT_ONCE = 4096


def signature(text: str) -> bytes:
    """The signature of a text, 256 bytes; empty where it has no words.

    Sequences are hashed by multiply-shift (Dietzfelbinger et al. 1997).
    """
    words = _WORD.findall(text[:_MOST_CHARACTERS].casefold())
    if not words:
        return b""
    hashes = map(zlib.crc32, " ".join(words).encode("utf-8", "replace").split(b" "))
    padded = np.array([0, 0, *hashes], np.uint64)
    sequences = padded[2:] * np.uint64(961) + padded[1:-1] * np.uint64(31) + padded[:-2]
    least = np.full(_PLACES, np.iinfo(np.uint64).max, np.uint64)
    for begin in range(0, len(sequences), _AT_ONCE):
        hashed = _FACTORS * sequences[begin : begin + _AT_ONCE] + _SUMMANDS
        np.minimum(least, hashed.min(axis=1), out=least)
    return (least >> _HIGH_HALF).astype("<u4").tobytes()


def similarity(one: bytes, other: bytes) -> float:
    """Estimated Jaccard similarity of two texts, 0 to 1; 0 where one has no words."""
    if not one or not other:
        return 0.0
    return float(np.mean(_places(one) == _places(other)))


def _places(of: bytes) -> NDArray[np.uint32]:
    return np.frombuffer(of, "<u4")
