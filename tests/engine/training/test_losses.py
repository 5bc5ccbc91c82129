"""The losses against sentence-transformers' own, and what weights do to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.encoders.torchvision_ops import define_missing

define_missing()
# Only now: these look for torchvision.
# ruff: noqa: E402
import torch
from sentence_transformers.sentence_transformer import losses as theirs
from torch import Tensor

from engine.training.losses import (
    LOSSES,
    TRIPLET_MARGIN,
    Batch,
    cosent,
    kl,
    margin_mse,
    mnrl,
    triplet,
)

N, DIM = 6, 8


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(0)
    return Batch(
        queries=torch.randn(N, DIM),
        positives=torch.randn(N, DIM),
        negatives=torch.randn(N, DIM),
        negative_of=torch.arange(N),
        weights=torch.ones(N),
        grades=torch.tensor([1.0, 2.0, 3.0, 1.0, 2.0, 3.0]),
        positive_scores=torch.rand(N) * 8,
        negative_scores=torch.rand(N) * 4,
    )


def columns(batch: Batch) -> list[Tensor]:
    return [batch.queries, batch.positives, batch.negatives]


def close(first: Tensor, second: Tensor) -> bool:
    return bool(torch.allclose(first, second, atol=1e-5))


def test_that_equal_weights_give_the_known_ranking_loss(batch: Batch) -> None:
    known = theirs.MultipleNegativesRankingLoss(None, scale=20.0)
    assert close(
        mnrl(batch, 20.0), known.compute_loss_from_embeddings(columns(batch), torch.empty(0))
    )


def test_that_equal_weights_give_the_known_triplet_loss(batch: Batch) -> None:
    metric = theirs.TripletDistanceMetric.COSINE
    known = theirs.TripletLoss(None, distance_metric=metric, triplet_margin=TRIPLET_MARGIN)
    assert close(
        triplet(batch, 20.0), known.compute_loss_from_embeddings(columns(batch), torch.empty(0))
    )


def test_that_equal_weights_give_the_known_margin_mse(batch: Batch) -> None:
    known = theirs.MarginMSELoss(
        None, similarity_fct=lambda a, b: 20 * torch.cosine_similarity(a, b)
    )
    margins = batch.positive_scores - batch.negative_scores
    assert close(
        margin_mse(batch, 20.0), known.compute_loss_from_embeddings(columns(batch), margins)
    )


def test_that_equal_weights_give_the_known_divergence(batch: Batch) -> None:
    known = theirs.DistillKLDivLoss(
        None, similarity_fct=lambda a, b: 20 * torch.cosine_similarity(a, b)
    )
    scores = torch.stack([batch.positive_scores, batch.negative_scores], dim=1)
    assert close(kl(batch, 20.0), known.compute_loss_from_embeddings(columns(batch), scores))


def test_that_equal_weights_give_the_known_cosent(batch: Batch) -> None:
    known = theirs.CoSENTLoss(None, scale=20.0)
    pairs = [
        torch.cat([batch.queries, batch.queries]),
        torch.cat([batch.positives, batch.negatives]),
    ]
    grades = torch.cat([batch.grades, torch.zeros(N)])
    assert close(cosent(batch, 20.0), known.compute_loss_from_embeddings(pairs, grades))


@pytest.mark.parametrize("name", LOSSES)
def test_that_a_weight_of_nothing_is_as_if_the_row_were_not_there(name: str, batch: Batch) -> None:
    loss = LOSSES[name]  # type: ignore[index]
    without = replace(
        batch,
        weights=torch.tensor([1.0] * (N - 1) + [1e-12]),
    )
    if name in ("mnrl", "cached_mnrl"):  # its passages are still negatives of the others
        rows = [loss(replace(batch, weights=torch.eye(N)[n] + 1e-12), 20.0) for n in range(N - 1)]
        assert close(loss(without, 20.0), torch.stack(rows).mean())
        return
    shorter = Batch(
        queries=batch.queries[: N - 1],
        positives=batch.positives[: N - 1],
        negatives=batch.negatives[: N - 1],
        negative_of=torch.arange(N - 1),
        weights=torch.ones(N - 1),
        grades=batch.grades[: N - 1],
        positive_scores=batch.positive_scores[: N - 1],
        negative_scores=batch.negative_scores[: N - 1],
    )
    if name == "cosent":  # pairs of pairs count as both do together, beside the mean weight
        assert float(loss(without, 20.0)) != pytest.approx(float(loss(batch, 20.0)), abs=1e-3)
        return
    assert close(loss(without, 20.0), loss(shorter, 20.0))


def test_that_rows_may_have_different_numbers_of_negatives(batch: Batch) -> None:
    uneven = replace(
        batch,
        negatives=batch.negatives[:4],
        negative_of=torch.tensor([0, 0, 0, 3]),
        negative_scores=batch.negative_scores[:4],
    )
    for loss in LOSSES.values():
        assert torch.isfinite(loss(uneven, 20.0))
    row = kl(replace(uneven, weights=torch.eye(N)[0]), 20.0)
    own = torch.cosine_similarity(
        uneven.queries[:1], torch.cat([uneven.positives[:1], uneven.negatives[:3]])
    )
    wanted = torch.cat([uneven.positive_scores[:1], uneven.negative_scores[:3]]).softmax(0)
    assert close(row, (wanted * (wanted.log() - (20 * own).log_softmax(0))).sum())
