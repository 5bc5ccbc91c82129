"""An encoder without a model: texts that share words are near."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DIM = 64


class HashedWords:
    """Bags of words, each word a random direction."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_passages(texts)

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        vectors = np.stack([self._vector(text) for text in texts])
        if on_batch:
            on_batch(len(texts))
        return vectors

    def _vector(self, text: str) -> NDArray[np.float32]:
        directions = [
            np.random.default_rng(zlib.crc32(word.encode())).normal(size=DIM)
            for word in text.casefold().split()
        ]
        total = np.sum(directions, axis=0)
        unit: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
        return unit
