"""Penalties beside a loss: against hubs, and for staying near the model as it came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from engine.training.losses import Batch, ranking_losses, similarities


def hubness(batch: Batch) -> Tensor:
    """Mean over the passages of the squared mean cosine with the queries of other rows.

    Passages that are near to the mean of the queries turn up for most of them: Radovanović et al.
    2010, Hubs in space (JMLR 11). The mean cosine is what CSLS takes off for it: Conneau et al.
    2018, Word translation without parallel data (arXiv 1710.04087).
    """
    passages = torch.cat([batch.positives, batch.negatives])
    n_queries = len(batch.queries)
    if n_queries < 2:
        return passages.new_zeros(())
    rows = torch.arange(n_queries, device=passages.device)
    owners = torch.cat([rows, batch.negative_of])
    cosines = similarities(batch.queries, passages)
    of_others = cosines * (rows[:, None] != owners[None, :])
    return (of_others.sum(dim=0) / (n_queries - 1)).square().mean()


def anchor(
    moved: Iterable[tuple[str, Tensor]], weight: float, importance: Mapping[str, Tensor]
) -> Tensor:
    """Half of `weight` times the sum of importance times squared change.

    Without importance all weights are held alike: Li et al. 2018, Explicit inductive bias for
    transfer learning (arXiv 1802.01483). With the Fisher information it is elastic weight
    consolidation: Kirkpatrick et al. 2017 (PNAS 114, arXiv 1612.00796).

    Args:
        moved: name and change of each weight since the model came.
        weight: of the penalty.
        importance: by name; empty counts 1 for each.
    """
    parts = [
        (importance[name] * change.square() if importance else change.square()).sum()
        for name, change in moved
        if not importance or name in importance
    ]
    return 0.5 * weight * torch.stack(parts).sum()


def fisher_information(
    weights: Mapping[str, Tensor], batches: Iterable[Batch], scale: float
) -> dict[str, Tensor]:
    """The diagonal of the empirical Fisher information, scaled to a mean of 1 over all weights.

    Mean of the squared gradients of -log p(positive | query), p being the softmax over a batch's
    passages. Scaled so that a penalty's weight means as much as one that holds all weights alike.

    Args:
        weights: by name; they need gradients.
        batches: embedded, with gradients.
        scale: factor of the cosine.
    """
    names, tensors = list(weights), list(weights.values())
    sums = [torch.zeros_like(tensor) for tensor in tensors]
    for batch in batches:
        losses = ranking_losses(batch, scale)
        for number, loss in enumerate(losses):
            gradients = torch.autograd.grad(
                loss, tensors, retain_graph=number + 1 < len(losses), allow_unused=True
            )
            for total, gradient in zip(sums, gradients, strict=True):
                if gradient is not None:
                    total.addcmul_(gradient, gradient)
    n_weights = sum(total.numel() for total in sums)
    mean = torch.stack([total.sum() for total in sums]).sum() / n_weights
    return {
        name: total / mean.clamp_min(torch.finfo(total.dtype).tiny)
        for name, total in zip(names, sums, strict=True)
    }
