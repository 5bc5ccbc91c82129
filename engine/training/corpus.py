"""The passages among which a model has to find the right one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.qrels import Run


@dataclass(frozen=True, slots=True)
class Corpus:
    """All passages of a library, in one order."""

    documents: tuple[str, ...]
    """`(n_passages,)` key of each passage's document."""
    texts: tuple[str, ...]
    """`(n_passages,)` as they are encoded, context and all."""
    vectors: NDArray[np.float32]
    """`(n_passages, dim)` L2-normalised, of the model that is to be tuned."""

    def rows_by_document(self) -> dict[str, list[int]]:
        """Document key -> the rows of its passages."""
        rows: dict[str, list[int]] = {}
        for row, document in enumerate(self.documents):
            rows.setdefault(document, []).append(row)
        return rows


def dense_run(
    queries: Mapping[str, NDArray[np.float32]],
    documents: Sequence[str],
    vectors: NDArray[np.float32],
    k: int,
) -> Run:
    """The k best documents of each query by exact cosine; a document is its best passage.

    Args:
        queries: query id -> `(dim,)` L2-normalised.
        documents: `(n_passages,)` document keys.
        vectors: `(n_passages, dim)` L2-normalised.
        k: documents a query.
    """
    rows: dict[str, int] = {}
    owners = np.array([rows.setdefault(key, len(rows)) for key in documents], dtype=np.intp)
    keys = list(rows)
    run = {}
    for query, vector in queries.items():
        best = np.full(len(keys), -np.inf, dtype=np.float32)
        np.maximum.at(best, owners, vectors @ vector)
        top = np.argsort(-best, kind="stable")[:k]
        run[query] = [(keys[row], float(best[row])) for row in top]
    return run
