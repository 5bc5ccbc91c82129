"""Measures a model on a small retrieval task while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluation.metrics import mean
from engine.training.dense_ndcg import dense_ndcg
from engine.training.train_messages import Probe

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_AT_ONCE = 32


class Prober:
    """A probe, and how the model is to be run on it."""

    def __init__(self, probe: Probe, scale: float, device: str, bf16: bool) -> None:
        self._probe = probe
        self._scale = scale
        self._device = device
        self._bf16 = bf16
        self._relevant = np.array(
            [[document in probe.qrels[q] for document in probe.documents] for q in probe.queries]
        )

    def measure(self, model: SentenceTransformer) -> tuple[float, float]:
        """nDCG@10 of the model as it is now, and its loss.

        The loss is InfoNCE over all of the probe's passages (van den Oord et al. 2018,
        arXiv 1807.03748). It tells models apart with far fewer queries than nDCG@10 needs.
        """
        probe = self._probe
        was_training = model.training
        passages = encode(model, list(probe.passages), self._device, self._bf16, queries=False)
        texts = list(probe.queries.values())
        queries = encode(model, texts, self._device, self._bf16, queries=True)
        model.train(was_training)
        qrels = {query: probe.qrels[query] for query in probe.queries}
        ndcg = mean(dense_ndcg(qrels, queries, probe.documents, passages))
        return ndcg, self._loss(queries, passages)

    def _loss(self, queries: NDArray[np.float32], passages: NDArray[np.float32]) -> float:
        """Mean over the queries of -log of the share that falls to the relevant passages."""
        logits = self._scale * (queries @ passages.T)
        likelihoods = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = (likelihoods * self._relevant).sum(axis=1) / likelihoods.sum(axis=1)
        return float(-np.log(shares).mean())


def encode(
    model: SentenceTransformer, texts: list[str], device: str, bf16: bool, *, queries: bool
) -> NDArray[np.float32]:
    """`(n, dim)` float32, L2-normalised, as the model is when it serves."""
    encode_texts = model.encode_query if queries else model.encode_document
    with torch.autocast(device, dtype=torch.bfloat16, enabled=bf16):
        vectors: NDArray[np.float32] = encode_texts(
            texts, batch_size=_AT_ONCE, show_progress_bar=False, normalize_embeddings=True
        )
    return vectors.astype(np.float32)
