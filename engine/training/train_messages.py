"""What the trainer process and its parent say to each other."""

from __future__ import annotations

import msgspec

from engine.jobs.worker import WorkerError
from engine.recipe import Recipe, Stage
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


class StageOrder(msgspec.Struct, frozen=True):
    """One stage with all that it learns from."""

    stage: Stage
    examples: tuple[Example, ...]
    """They may differ in how many negatives they have. What the stage's loss cannot use (no
    negative, no scores) is left out, and a stage without anything is passed over."""


class TrainOrder(msgspec.Struct, frozen=True, tag=True):
    """What the parent asks for."""

    weights: str
    """Folder of the model to tune, in sentence-transformers layout."""
    target: str
    """Folder to be made for the tuned model, in the same layout; its parent exists."""
    checkpoints: str
    """Folder that exists, for checkpoints and nothing else; where it holds one of this order,
    training goes on from there. It is left as it is at the end."""
    recipe: Recipe
    stages: tuple[StageOrder, ...]
    """In turn; they take the place of `recipe.stages`."""
    general: tuple[Example, ...]
    """Pairs of general knowledge, for `general_share` and for what EWC protects; may be empty."""
    probe: Probe
    keeps_best: bool
    """Whether the model is kept as the probe liked it best, else as it is after the last step. Only
    where the gate does not test with the probe's queries. Without it nothing stops early."""
    threads: int


class EstimateOrder(msgspec.Struct, frozen=True, tag=True):
    """Asks what steps of these stages cost; nothing is written."""

    weights: str
    recipe: Recipe
    stages: tuple[StageOrder, ...]
    """Only the first and the last are tried."""
    general: tuple[Example, ...]
    threads: int
    n_steps: int = 4
    """So many of each are tried, after one with the longest texts that is not counted."""


class Hold(msgspec.Struct, frozen=True, tag=True):
    """Wait before the next step until `GoOn` or `FinishHere`."""


class GoOn(msgspec.Struct, frozen=True, tag=True):
    """Wait no longer."""


class FinishHere(msgspec.Struct, frozen=True, tag=True):
    """Take no more steps, and write down the best so far."""


ToWorker = TrainOrder | EstimateOrder | Hold | GoOn | FinishHere


class Stepped(msgspec.Struct, frozen=True, tag=True):
    """A batch was learnt."""

    step: int
    """Of all stages together, from 1."""
    n_steps: int
    """Of all stages together."""
    loss: float
    learning_rate: float
    pairs_a_second: float
    """Over the last steps."""
    memory_mb: int
    """That the trainer holds now."""
    stage: str
    """`stage 1 of 2`."""


class Probed(msgspec.Struct, frozen=True, tag=True):
    """The model was measured; step 0 is the model as it came."""

    step: int
    ndcg: float
    loss: float
    """InfoNCE over all of the probe's passages: what the best is chosen by."""


class Saved(msgspec.Struct, frozen=True, tag=True):
    """A checkpoint is on the disk; from there an interrupted training can go on."""

    step: int


class Resumed(msgspec.Struct, frozen=True, tag=True):
    """Training goes on from a checkpoint."""

    step: int
    n_steps: int
    curve: tuple[Stepped | Probed, ...]
    """What was reported until then; it is not reported again."""


class Trained(msgspec.Struct, frozen=True, tag=True):
    """The model is written down."""

    n_steps: int
    """That were taken."""
    seconds: float
    """With those before it was interrupted."""
    bf16: bool
    """Whether matrices were multiplied in bfloat16, which some processors do much faster."""
    kept_step: int
    """The step after which the model was kept; 0 is the model as it came."""
    kept_share: float
    """How far its weights were moved from those it came with towards those of that step, 0 to 1."""
    device: str = "cpu"
    """`cpu`, `cuda`, `mps`."""
    stopped: str = ""
    """Why it ended before the last planned step, in words; empty where it did not."""


class StageCost(msgspec.Struct, frozen=True):
    """What a stage costs."""

    step_s: float
    """Median."""
    pairs_a_step: float


class Estimated(msgspec.Struct, frozen=True, tag=True):
    """What was measured for an `EstimateOrder`."""

    costs: tuple[StageCost, ...]
    """Of the first stage and of the last; one where there is only one."""
    load_s: float
    """Until the first step."""
    passages_a_second: float
    """That the model encodes, as a probe does."""
    memory_mb: int
    """The most that the trainer held."""
    device: str
    bf16: bool


Heard = Stepped | Probed | Saved | Resumed
"""What is reported while it trains."""
ToParent = Heard | Trained | Estimated | WorkerError
