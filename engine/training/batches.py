"""Which pairs are learnt together, and when: the same for the same seed, stage and pairs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from engine.recipe import Loss, Recipe, Stage
from engine.training.pairs import Example, normalised
from engine.training.train_messages import StageOrder

IN_BATCH: frozenset[Loss] = frozenset({"mnrl", "cached_mnrl"})
"""Losses that take the passages of a batch's other pairs for negatives."""

_LEAST_REST = 0.25
"""Of a batch. A smaller rest is left out of its epoch: each of its pairs would move the weights
many times as far as any other, with next to nothing to be told from."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a stage learns from."""

    epoch: int
    rows: tuple[int, ...]
    """Of the stage's usable examples."""
    general: tuple[int, ...] = ()
    """Of the pairs of general knowledge."""


def usable(stage: Stage, examples: Sequence[Example]) -> tuple[Example, ...]:
    """The examples that the stage's loss can learn from."""
    match stage.loss:
        case "margin_mse" | "kl":
            return tuple(
                e for e in examples if e.negatives and len(e.scores) == 1 + len(e.negatives)
            )
        case "triplet":
            return tuple(e for e in examples if e.negatives)
        case "cosent":
            grades = {e.grade for e in examples} | {0 for e in examples if e.negatives}
            return tuple(examples) if len(grades) > 1 else ()
        case "mnrl" | "cached_mnrl":
            enough = len({normalised(e.query) for e in examples}) > 1
            return tuple(e for e in examples if enough or e.negatives)


def usable_stages(stages: Sequence[StageOrder]) -> tuple[StageOrder, ...]:
    """The stages with what their losses can use; those without anything are left out."""
    found = (StageOrder(s.stage, usable(s.stage, s.examples)) for s in stages)
    return tuple(stage for stage in found if stage.examples)


def plan(
    stage: Stage,
    examples: Sequence[Example],
    general: Sequence[Example],
    recipe: Recipe,
    number: int,
    first_epoch: Sequence[int] | None = None,
) -> tuple[Step, ...]:
    """The steps of a stage, all epochs.

    No batch of a loss that takes its other passages for negatives holds a query twice, or a
    positive that is also another row's: it would be pushed away from a query that it answers.

    Args:
        stage: the stage.
        examples: what its loss can use.
        general: pairs of general knowledge, mixed in where the recipe asks for it.
        recipe: of it, the seed and the general share.
        number: the stage's, from 0: no two are shuffled alike.
        first_epoch: the rows in the order of the first epoch; None shuffles it as the others.
    """
    in_batch = stage.loss in IN_BATCH
    n_general = round(recipe.general_share * stage.batch_size) if in_batch and general else 0
    n_rows = max(1, stage.batch_size - n_general)
    keys = [_Keys.of(e) for e in examples]
    general_keys = [_Keys.of(e) for e in general] if n_general else []
    steps: list[Step] = []
    for epoch in range(stage.epochs):
        generator = np.random.default_rng((recipe.seed, number, epoch))
        order = generator.permutation(len(examples)).tolist()
        if epoch == 0 and first_epoch is not None:
            order = list(first_epoch)
        for rows in _batches(order, n_rows, keys if in_batch else None):
            taken = _Taken()
            for row in rows:
                taken.add(keys[row])
            drawn = _general(general_keys, taken, n_general, (recipe.seed, number, len(steps)))
            steps.append(Step(epoch, rows, drawn))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class _Keys:
    """The texts of an example in the form in which they are compared."""

    query: str
    positive: str
    negatives: Set[str]

    @classmethod
    def of(cls, example: Example) -> _Keys:
        return cls(
            normalised(example.query),
            normalised(example.positive),
            frozenset(map(normalised, example.negatives)),
        )


@dataclass(frozen=True, slots=True)
class _Taken:
    """The texts of a batch so far."""

    queries: set[str] = field(default_factory=set)
    positives: set[str] = field(default_factory=set)
    negatives: set[str] = field(default_factory=set)

    def has_room_for(self, keys: _Keys) -> bool:
        return (
            keys.query not in self.queries
            and keys.positive not in self.positives
            and keys.positive not in self.negatives
            and self.positives.isdisjoint(keys.negatives)
        )

    def add(self, keys: _Keys) -> None:
        self.queries.add(keys.query)
        self.positives.add(keys.positive)
        self.negatives.update(keys.negatives)


def _batches(
    order: Iterable[int], size: int, keys: Sequence[_Keys] | None
) -> Iterable[tuple[int, ...]]:
    """Fill one batch after another in order; what does not fit waits for the next."""
    waiting = deque(order)
    n_batches = 0
    while waiting:
        batch: list[int] = []
        put_off: list[int] = []
        taken = _Taken()
        while waiting and len(batch) < size:
            row = waiting.popleft()
            if keys is None:
                batch.append(row)
            elif taken.has_room_for(keys[row]):
                taken.add(keys[row])
                batch.append(row)
            else:
                put_off.append(row)
        waiting.extendleft(reversed(put_off))
        if n_batches == 0 or len(batch) >= _LEAST_REST * size:
            n_batches += 1
            yield tuple(batch)


def _general(
    keys: Sequence[_Keys], taken: _Taken, wanted: int, seed: tuple[int, int, int]
) -> tuple[int, ...]:
    """So many pairs of general knowledge that fit into the batch, drawn anew for each step."""
    drawn: list[int] = []
    if wanted:
        for row in np.random.default_rng((*seed, 1)).permutation(len(keys)).tolist():
            if taken.has_room_for(keys[row]):
                taken.add(keys[row])
                drawn.append(row)
                if len(drawn) == wanted:
                    break
    return tuple(drawn)
