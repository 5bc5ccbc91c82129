"""How a model is tuned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of one training run; the defaults were chosen on SciFact's training queries."""

    epochs: int = 2
    batch_size: int = 32
    learning_rate: float = 5e-5
    warmup_share: float = 0.1
    """Share of the steps over which the learning rate rises; then it falls linearly to 0."""
    negatives: int = 1
    """Negatives a pair, beside the other pairs of its batch."""
    max_tokens: int = 256
    """Longer texts are cut while training."""
    scale: float = 20.0
    """Factor of the cosine within the loss: the inverse of its temperature."""
    probes_an_epoch: int = 2
    """How often in an epoch the model is measured, to be watched and to keep the best."""
    validation_share: float = 0.1
    """Of the training queries, kept back to choose the best checkpoint by."""
    seed: int = 0
