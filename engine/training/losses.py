"""What is learnt from a batch of vectors: one number to be made small, per loss of a recipe.

sentence-transformers' own losses give each row the same weight; these give each its own, and with
equal weights are theirs (their tests say so). All similarities are cosines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from engine.recipe import Loss

TRIPLET_MARGIN = 0.2
"""Between the cosines of the right passage and of the wrong one."""

_NOTHING = -1e4
"""A logit that has no share in a softmax, and unlike -inf no part in a gradient."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as vectors, with what is known of its rows."""

    queries: Tensor
    """`(n, dim)`."""
    positives: Tensor
    """`(n, dim)`."""
    negatives: Tensor
    """`(m, dim)`, those of the first row first."""
    negative_of: Tensor
    """`(m,)` int64: the row that each belongs to."""
    weights: Tensor
    """`(n,)`: how much each row counts."""
    grades: Tensor
    """`(n,)`: of the positives."""
    positive_scores: Tensor
    """`(n,)`: the cross-encoder's; 0 where it was not asked."""
    negative_scores: Tensor
    """`(m,)`."""

    def cut(self, dim: int) -> Batch:
        """The first so many dimensions."""
        return replace(
            self,
            queries=self.queries[:, :dim],
            positives=self.positives[:, :dim],
            negatives=self.negatives[:, :dim],
        )


def mnrl(batch: Batch, scale: float) -> Tensor:
    """MultipleNegativesRanking: cross-entropy of each row's positive among all passages.

    Henderson et al. 2017, Efficient natural language response suggestion (arXiv 1705.00652).
    """
    return _weighted(ranking_losses(batch, scale), batch.weights)


def ranking_losses(batch: Batch, scale: float) -> Tensor:
    """`(n,)`: -log of the share that falls to each row's positive among all passages."""
    passages = torch.cat([batch.positives, batch.negatives])
    logits = scale * similarities(batch.queries, passages)
    rows = torch.arange(len(batch.queries), device=logits.device)
    return functional.cross_entropy(logits, rows, reduction="none")


def triplet(batch: Batch, scale: float) -> Tensor:  # noqa: ARG001 (all losses are called alike)
    """Mean of max(0, margin - cos(query, positive) + cos(query, negative)), a row a negative."""
    positive, negative = _cosines(batch)
    rows = functional.relu(TRIPLET_MARGIN - positive[batch.negative_of] + negative)
    return _weighted(rows, batch.weights[batch.negative_of])


def margin_mse(batch: Batch, scale: float) -> Tensor:
    """Squared difference between the margin of scaled cosines and the cross-encoder's margin.

    Hofstätter et al. 2020, Improving efficient neural ranking models with cross-architecture
    knowledge distillation (arXiv 2010.02666).
    """
    positive, negative = _cosines(batch)
    own = scale * (positive[batch.negative_of] - negative)
    wanted = batch.positive_scores[batch.negative_of] - batch.negative_scores
    return _weighted((own - wanted).square(), batch.weights[batch.negative_of])


def kl(batch: Batch, scale: float) -> Tensor:
    """Kullback-Leibler divergence of a row's ranking from that of the cross-encoder.

    Both are softmaxes over the row's own passages. Lin et al. 2020, Distilling dense
    representations for ranking using tightly-coupled teachers (arXiv 2010.11386).
    """
    positive, negative = _cosines(batch)
    own = _by_row(scale * positive, scale * negative, batch)
    wanted = _by_row(batch.positive_scores, batch.negative_scores, batch)
    rows = functional.kl_div(own.log_softmax(dim=1), wanted.softmax(dim=1), reduction="none")
    return _weighted(rows.sum(dim=1), batch.weights)


def cosent(batch: Batch, scale: float) -> Tensor:
    """CoSENT: log(1 + sum of exp(scale (cos_b - cos_a)) over pairs a of a higher grade than b).

    Each term counts as much as both of its pairs together; negatives have grade 0. Huang et al.
    2024, CoSENT: consistent sentence embedding via similarity ranking (TASLP 32).
    """
    cosines = scale * torch.cat(_cosines(batch))
    grades = torch.cat([batch.grades, torch.zeros_like(batch.negative_scores)])
    weights = torch.cat([batch.weights, batch.weights[batch.negative_of]])
    shares = (weights / weights.mean()).log()
    terms = cosines[None, :] - cosines[:, None] + shares[None, :] + shares[:, None]
    wrong_if_high = terms[grades[:, None] > grades[None, :]]
    return torch.cat([wrong_if_high.new_zeros(1), wrong_if_high]).logsumexp(dim=0)


LOSSES: dict[Loss, Callable[[Batch, float], Tensor]] = {
    "mnrl": mnrl,
    "cached_mnrl": mnrl,
    "triplet": triplet,
    "margin_mse": margin_mse,
    "kl": kl,
    "cosent": cosent,
}


def similarities(queries: Tensor, passages: Tensor) -> Tensor:
    """`(n_queries, n_passages)` cosines."""
    return functional.normalize(queries, dim=1) @ functional.normalize(passages, dim=1).T


def _cosines(batch: Batch) -> tuple[Tensor, Tensor]:
    """`(n,)` of the rows with their positives, `(m,)` with their negatives."""
    return (
        functional.cosine_similarity(batch.queries, batch.positives),
        functional.cosine_similarity(batch.queries[batch.negative_of], batch.negatives),
    )


def _by_row(positive: Tensor, negative: Tensor, batch: Batch) -> Tensor:
    """`(n, 1 + most negatives)`: a row's own values; `_NOTHING` where it has fewer."""
    counts = torch.bincount(batch.negative_of, minlength=len(positive))
    firsts = counts.cumsum(0) - counts
    places = torch.arange(len(negative), device=negative.device) - firsts[batch.negative_of]
    empty = positive.new_full((len(positive), int(counts.max())), _NOTHING)
    table = empty.index_put((batch.negative_of, places), negative)
    return torch.cat([positive[:, None], table], dim=1)


def _weighted(rows: Tensor, weights: Tensor) -> Tensor:
    return (rows * weights).sum() / weights.sum()
