"""nDCG@10 of exact dense search: what models are told apart by while they are tuned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Measure, per_query
from engine.evaluation.qrels import Qrels
from engine.training.corpus import dense_run

NDCG = Measure("nDCG", 10)


def dense_ndcg(
    qrels: Qrels,
    queries: NDArray[np.float32],
    documents: Sequence[str],
    passages: NDArray[np.float32],
) -> dict[str, float]:
    """By query id.

    Args:
        qrels: query id -> document key -> grade.
        queries: `(n_queries, dim)` L2-normalised, in the order of `qrels`.
        documents: `(n_passages,)` document keys; a document is its best passage.
        passages: `(n_passages, dim)` L2-normalised.
    """
    vectors = dict(zip(qrels, queries, strict=True))
    run = dense_run(vectors, documents, passages, k=NDCG.cutoff or len(documents))
    return per_query(NDCG, qrels, run)
