"""Penalties beside a loss."""

from __future__ import annotations

from dataclasses import replace

import torch

from engine.training.losses import Batch
from engine.training.regularisers import anchor, fisher_information, hubness


def batch(queries: torch.Tensor, positives: torch.Tensor) -> Batch:
    n = len(queries)
    return Batch(
        queries=queries,
        positives=positives,
        negatives=queries.new_zeros(0, queries.shape[1]),
        negative_of=torch.zeros(0, dtype=torch.int64),
        weights=torch.ones(n),
        grades=torch.full((n,), 2.0),
        positive_scores=torch.zeros(n),
        negative_scores=torch.zeros(0),
    )


def test_that_a_passage_near_to_the_queries_of_others_costs() -> None:
    apart = batch(torch.eye(3), torch.eye(3))
    assert float(hubness(apart)) == 0.0
    hub = replace(apart, positives=torch.cat([torch.ones(1, 3), torch.eye(3)[1:]]))
    # cos = 1 / sqrt(3) with both other queries: its mean squared, over three passages.
    assert torch.isclose(hubness(hub), torch.tensor(1 / 9))
    assert float(hubness(batch(torch.eye(3)[:1], torch.eye(3)[:1]))) == 0.0


def test_that_an_anchor_holds_what_matters_most() -> None:
    moved = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor([3.0])}
    assert float(anchor(moved.items(), 2.0, {})) == 14.0
    importance = {"a": torch.tensor([1.0, 0.0]), "b": torch.tensor([2.0])}
    assert float(anchor(moved.items(), 2.0, importance)) == 19.0


def test_that_the_fisher_information_finds_what_the_answers_depend_on() -> None:
    torch.manual_seed(0)
    matrix = torch.nn.Parameter(torch.randn(4, 4))
    unused = torch.nn.Parameter(torch.randn(2))
    inputs = torch.randn(5, 4) * torch.tensor([1.0, 1.0, 1.0, 0.0])
    found = fisher_information(
        {"matrix": matrix, "unused": unused},
        [batch(inputs, torch.randn(5, 4) @ matrix) for _ in range(1)],
        5.0,
    )
    assert float(found["unused"].abs().sum()) == 0.0
    everything = torch.cat([values.flatten() for values in found.values()])
    assert torch.isclose(everything.mean(), torch.tensor(1.0))
    assert (found["matrix"] > 0).all()
