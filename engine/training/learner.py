"""A model that learns batch by batch: its weights, its optimiser and its penalties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import ModelRejected
from engine.recipe import Recipe, Stage
from engine.training import devices, lora, model_files
from engine.training.batches import Step
from engine.training.embedding import Embedder
from engine.training.losses import LOSSES, Batch
from engine.training.pairs import Example
from engine.training.probing import encode
from engine.training.regularisers import anchor, fisher_information, hubness
from engine.training.train_messages import StageOrder

_LARGEST_NORM = 1.0
_FISHER_EXAMPLES, _FISHER_BATCH = 64, 8
_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


class Learner:
    """A model on its device, made ready for a recipe."""

    def __init__(
        self,
        weights: Path,
        recipe: Recipe,
        stages: Sequence[StageOrder],
        general: Sequence[Example],
        threads: int,
    ) -> None:
        """`stages` hold only what their losses can use, and at least one example each."""
        self.device = devices.choose(recipe.device)
        devices.be_repeatable(threads)
        self.bf16 = devices.has_fast_bf16(self.device)
        self.recipe = recipe
        self.model = model_files.load(weights, recipe.max_tokens, self.device)
        self.base = {name: weight.clone() for name, weight in self.model.state_dict().items()}
        self.dim = int(self.model.get_embedding_dimension() or 0)
        self._embedder = Embedder(self.model, self.device, self.bf16)
        self._general = general
        protected = general or stages[0].examples
        self._importance = self._fisher(protected) if recipe.anchor == "ewc" else {}
        if recipe.lora_rank:
            lora.add(self.model, recipe.lora_rank, recipe.seed)
        self.trained = {
            name: weight for name, weight in self.model.named_parameters() if weight.requires_grad
        }
        self.start = {
            name: weight.detach().clone() if recipe.lora_rank else self.base[name]
            for name, weight in self.trained.items()
        }
        self._optimiser: torch.optim.AdamW | None = None

    def begin(self, stage: Stage) -> None:
        """Start a stage with an optimiser of its own; decay only pulls at matrices."""
        weights = list(self.trained.values())
        groups = [
            {
                "params": [w for w in weights if w.ndim >= 2],
                "weight_decay": stage.weight_decay,
            },
            {"params": [w for w in weights if w.ndim < 2], "weight_decay": 0.0},
        ]
        self._optimiser = torch.optim.AdamW(
            [group for group in groups if group["params"]], lr=stage.learning_rate, fused=True
        )
        self.model.train()

    def learn(
        self, stage: Stage, examples: Sequence[Example], step: Step, seed: int, rate: float
    ) -> float:
        """Take one step; returns the batch's loss without penalties.

        Raises:
            ModelRejected: the loss is no number any more.
        """
        assert self._optimiser is not None
        batch = [examples[row] for row in step.rows]
        batch += [self._general[row] for row in step.general]
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._embedder.learn(
            batch, lambda b: self._loss(stage, b), seed, stage.loss == "cached_mnrl"
        )
        if not np.isfinite(loss):
            raise ModelRejected(
                "The training diverged",
                "The loss is no number any more.",
                "Choose a lower learning rate.",
            )
        if self.recipe.anchor != "none" and self.recipe.anchor_weight:
            anchor(self._moved(), self.recipe.anchor_weight, self._importance).backward()
        torch.nn.utils.clip_grad_norm_(self.trained.values(), _LARGEST_NORM)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        return loss

    def _loss(self, stage: Stage, batch: Batch) -> Tensor:
        """The stage's loss, over all lengths that vectors may be cut to, and against hubs."""
        value = torch.stack(
            [
                LOSSES[stage.loss](batch.cut(dim), self.recipe.scale)
                for dim in sorted({self.dim, *self.recipe.matryoshka}, reverse=True)
                if dim <= self.dim
            ]
        ).sum()
        if self.recipe.hubness_weight:
            value = value + self.recipe.hubness_weight * hubness(batch)
        return value

    def _moved(self) -> Iterator[tuple[str, Tensor]]:
        """Name and change of each weight since the model came."""
        if self.recipe.lora_rank:
            return lora.changes(self.model)
        return ((name, weight - self.base[name]) for name, weight in self.trained.items())

    def easiest_first(self, examples: Sequence[Example]) -> list[int]:
        """The rows by how clearly the model as it came tells right from wrong, clearest first.

        That is the cosine of the positive less that of the nearest negative, or less the mean of
        the other rows' positives where a row has none: Bengio et al. 2009, Curriculum learning.
        """
        texts = list(dict.fromkeys(t for e in examples for t in (e.positive, *e.negatives)))
        place = {text: row for row, text in enumerate(texts)}
        queries = encode(
            self.model, [e.query for e in examples], self.device, self.bf16, queries=True
        )
        passages = encode(self.model, texts, self.device, self.bf16, queries=False)
        others = passages[[place[e.positive] for e in examples]].mean(axis=0)
        margins = []
        for query, e in zip(queries, examples, strict=True):
            wrong = [float(query @ passages[place[text]]) for text in e.negatives]
            margins.append(
                float(query @ passages[place[e.positive]])
                - max(wrong, default=float(query @ others))
            )
        return sorted(range(len(margins)), key=lambda row: -margins[row])

    def _fisher(self, examples: Sequence[Example]) -> dict[str, Tensor]:
        """What general language depends on, from some of these pairs."""
        generator = np.random.default_rng((self.recipe.seed, len(examples)))
        rows = generator.permutation(len(examples))[:_FISHER_EXAMPLES].tolist()
        self.model.eval()
        weights = {n: w for n, w in self.model.named_parameters() if w.requires_grad}
        batches = [
            [examples[row] for row in rows[start : start + _FISHER_BATCH]]
            for start in range(0, len(rows), _FISHER_BATCH)
        ]
        embedded = (self._embedder.embed(batch, seed=0) for batch in batches)
        return fisher_information(weights, embedded, self.recipe.scale)

    def copied(self) -> dict[str, Tensor]:
        """What trains, as it is now, in the computer's own memory."""
        return {name: w.detach().to("cpu", copy=True) for name, w in self.trained.items()}

    def moments(self) -> dict[str, Tensor]:
        """The optimiser's, as a checkpoint keeps them."""
        assert self._optimiser is not None
        return {
            f"{kind}/{name}": self._optimiser.state[weight][kind].detach().to("cpu", copy=True)
            for name, weight in self.trained.items()
            if weight in self._optimiser.state
            for kind in _MOMENTS
        }

    def put(self, weights: Mapping[str, Tensor]) -> None:
        """Give what trains these values; raises ModelRejected where they do not fit."""
        if {n: w.shape for n, w in weights.items()} != {
            n: w.shape for n, w in self.trained.items()
        }:
            raise misfit()
        with torch.no_grad():
            for name, weight in self.trained.items():
                weight.copy_(weights[name])

    def put_moments(self, moments: Mapping[str, Tensor]) -> None:
        """Give the optimiser what a checkpoint kept."""
        assert self._optimiser is not None
        for name, weight in self.trained.items():
            if f"step/{name}" in moments:
                self._optimiser.state[weight] = {
                    kind: moments[f"{kind}/{name}"].to(weight.device, copy=True)
                    for kind in _MOMENTS
                }

    def finish(self) -> dict[str, Tensor]:
        """Merge what lies beside the weights; returns all of the model, in the base's layout."""
        if self.recipe.lora_rank:
            lora.merge(self.model)
        return {name: weight.clone() for name, weight in self.model.state_dict().items()}


def misfit() -> ModelRejected:
    """A checkpoint that says it is of this order, and is not."""
    return ModelRejected(
        "This tuning cannot go on",
        "Its checkpoint does not fit the model or the recipe.",
        "Discard it and start anew.",
    )
