"""What the trainer process and its parent say to each other."""

from __future__ import annotations

import msgspec

from engine.jobs.worker import WorkerError
from engine.training.pairs import Example
from engine.training.recipe import Recipe


class Probe(msgspec.Struct, frozen=True):
    """A small retrieval task on which the model is measured as it learns."""

    queries: dict[str, str]
    """Query id -> text."""
    passages: dict[str, str]
    """Document key -> text."""
    qrels: dict[str, dict[str, int]]


class TrainOrder(msgspec.Struct, frozen=True):
    """What the parent asks for."""

    weights: str
    """Folder of the model to tune, in sentence-transformers layout."""
    target: str
    """Folder to be made for the tuned model, in the same layout."""
    recipe: Recipe
    examples: tuple[Example, ...]
    """At least one; all with equally many negatives."""
    probe: Probe
    threads: int


class Stepped(msgspec.Struct, frozen=True, tag=True):
    """A batch was learnt."""

    step: int
    n_steps: int
    loss: float


class Probed(msgspec.Struct, frozen=True, tag=True):
    """The model was measured; step 0 is the model as it came."""

    step: int
    ndcg: float


class Trained(msgspec.Struct, frozen=True, tag=True):
    """The model is written down."""

    n_steps: int
    seconds: float
    bf16: bool
    """Whether matrices were multiplied in bfloat16, which some CPUs do much faster."""


ToParent = Stepped | Probed | Trained | WorkerError
