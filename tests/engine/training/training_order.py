"""A tiny order for the trainer: two dozen pairs that a random model can learn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.recipe import Recipe
from engine.training.pairs import Example
from engine.training.train_messages import Probe, StageOrder, TrainOrder

WORDS = [f"word{number}" for number in range(24)]
EXAMPLES = tuple(
    Example(
        f"q{n}",
        f"what is {word}",
        f"d{n}",
        f"{word} is this",
        (f"{WORDS[n - 1]} is that",),
        scores=(4.0 + n % 3, 1.0),
    )
    for n, word in enumerate(WORDS)
)
PROBE = Probe(
    {example.query_id: example.query for example in EXAMPLES},
    tuple(example.document for example in EXAMPLES),
    tuple(example.positive for example in EXAMPLES),
    {example.query_id: {example.document: 1} for example in EXAMPLES},
)


def order(
    weights: Path,
    target: Path,
    recipe: Recipe,
    *,
    keeps_best: bool = False,
    general: tuple[Example, ...] = (),
    examples: tuple[Example, ...] = EXAMPLES,
) -> TrainOrder:
    """An order whose checkpoints lie beside its target."""
    checkpoints = target.with_name(f"{target.name}-checkpoints")
    checkpoints.mkdir(exist_ok=True)
    stages = tuple(StageOrder(stage, examples) for stage in recipe.stages)
    return TrainOrder(
        str(weights),
        str(target),
        str(checkpoints),
        recipe,
        stages,
        general,
        PROBE,
        keeps_best,
        threads=1,
    )


def weighted(weights: tuple[float, ...]) -> tuple[Example, ...]:
    """The examples with these weights, over and over."""
    return tuple(
        replace(example, weight=weights[n % len(weights)]) for n, example in enumerate(EXAMPLES)
    )
