"""What the trainer process and its parent say to each other."""

from __future__ import annotations

import msgspec

from engine.jobs.worker import WorkerError
from engine.recipe import Recipe
from engine.training.pairs import Example


class Probe(msgspec.Struct, frozen=True):
    """A small retrieval task on which the model is measured as it learns."""

    queries: dict[str, str]
    """Query id -> text."""
    documents: tuple[str, ...]
    """`(n_passages,)` document keys; one may occur several times."""
    passages: tuple[str, ...]
    """`(n_passages,)` their texts."""
    qrels: dict[str, dict[str, int]]
    """Query id -> document key -> grade; at least one is relevant to each query."""


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
    keeps_best: bool
    """Whether the model is kept as the probe liked it best, else as it is after the last step. Only
    where the gate does not test with the probe's queries."""
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
    kept_step: int
    """The step after which the model was kept; 0 is the model as it came."""
    kept_share: float
    """How far its weights were moved from those it came with towards those of that step, 0 to 1."""


ToParent = Stepped | Probed | Trained | WorkerError
