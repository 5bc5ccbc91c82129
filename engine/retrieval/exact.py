"""Exact nearest neighbours: every vector is compared with the query's.

The oracle for the vector index, and its stand-in while it is not ready.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.records import ScoredChunk

_FIRST_CAPACITY = 1024
_COPY_COST = 8
"""Of copying a row, in rows scored (measured: 5 to 10)."""


class ExactVectors:
    """Vectors of chunks in memory, `(n, dim) float32`, L2-normalised; grows as they come.

    One thread at a time changes it; any number search meanwhile, each over what it held then.
    """

    def __init__(self, dim: int) -> None:
        self._chunks = np.empty(0, np.int64)
        self._documents = np.empty(0, np.int64)
        self._vectors = np.empty((0, dim), np.float32)
        self._n = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._n

    def append(
        self,
        chunk_ids: Sequence[int],
        document_ids: Sequence[int],
        vectors: NDArray[np.floating],
    ) -> None:
        """Add chunks; `vectors` is `(len(chunk_ids), dim)`."""
        n = self._n + len(chunk_ids)
        with self._lock:
            if n > len(self._chunks):
                self._grow(max(n, 2 * len(self._chunks), _FIRST_CAPACITY))
            self._chunks[self._n : n] = chunk_ids
            self._documents[self._n : n] = document_ids
            self._vectors[self._n : n] = vectors
            self._n = n

    def remove_documents(self, document_ids: Collection[int]) -> None:
        """Take out all chunks of these documents."""
        _, documents, _ = self.arrays()
        kept = ~_among(documents, document_ids)
        if kept.all():
            return
        with self._lock:
            self._chunks = self._chunks[: self._n][kept]
            self._documents = self._documents[: self._n][kept]
            self._vectors = self._vectors[: self._n][kept]
            self._n = len(self._chunks)

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Chunk ids (n,), document ids (n,) and vectors (n, dim) as they are now; not a copy."""
        with self._lock:
            return (
                self._chunks[: self._n],
                self._documents[: self._n],
                self._vectors[: self._n],
            )

    def search(
        self, vector: NDArray[np.floating], k: int, allowed: Collection[int] | None = None
    ) -> list[ScoredChunk]:
        """The k chunks of the highest inner product with `vector` (dim,), ties by chunk id.

        `allowed` limits the search to these documents.
        """
        chunks, documents, vectors = self.arrays()
        query = np.asarray(vector, np.float32)
        if allowed is None:
            scores = vectors @ query
        else:
            rows = np.flatnonzero(_among(documents, allowed))
            chunks, documents = chunks[rows], documents[rows]
            # Copying rows costs more than scoring them: only few are taken out first.
            few = len(rows) * _COPY_COST < len(vectors)
            scores = vectors[rows] @ query if few else (vectors @ query)[rows]
        k = min(k, len(scores))
        if k < 1:
            return []
        if k < len(scores):
            threshold = np.partition(scores, -k)[-k]
            rows = np.flatnonzero(scores >= threshold)
        else:
            rows = np.arange(k)
        best = rows[np.lexsort((chunks[rows], -scores[rows]))[:k]]
        return [
            ScoredChunk(int(chunks[row]), int(documents[row]), float(scores[row])) for row in best
        ]

    def _grow(self, capacity: int) -> None:
        """Move to larger arrays; a search under way keeps the old ones."""
        n = self._n
        for name in ("_chunks", "_documents", "_vectors"):
            old = getattr(self, name)
            new = np.empty((capacity, *old.shape[1:]), old.dtype)
            new[:n] = old[:n]
            setattr(self, name, new)


def _among(documents: NDArray[np.int64], wanted: Collection[int]) -> NDArray[np.bool_]:
    return np.isin(documents, np.fromiter(wanted, np.int64, len(wanted)))
