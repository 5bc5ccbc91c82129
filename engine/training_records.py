"""What is handed about when training data are gathered, models are tuned, compared and kept.

Made as `engine.records` is: frozen, slotted, of plain values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from engine.recipe import Origin, Recipe
from engine.records import GateReport, Mode, ModelInfo

ORIGINS: dict[Origin, str] = {
    "judgment": "Judged",
    "thumb": "Thumb",
    "set": "Evaluation set",
    "open": "Opened",
    "dwell": "Read for long",
    "title": "From a title",
    "heading": "From a heading",
    "phrase": "From key phrases",
    "cloze": "Sentence taken out",
    "llm": "By a language model",
    "pseudo": "By the cross-encoder",
}
"""Origins in words."""

WEIGHTS: dict[Origin, float] = {
    "judgment": 1.0,
    "thumb": 1.0,
    "set": 1.0,
    "open": 0.2,
    "dwell": 0.4,
    "title": 0.5,
    "heading": 0.4,
    "phrase": 0.3,
    "cloze": 0.3,
    "llm": 0.6,
    "pseudo": 0.6,
}
"""How much a pair of each origin counts in a loss, beside one that was judged."""

Problem = Literal["conflict", "duplicate", "leak", "gone"]
"""Up and down at once; said before; seen in an evaluation set; its document is gone."""

NegativeSource = Literal["judged", "bm25", "dense", "reviewed"]
NegativeState = Literal["hard", "doubtful", "false"]
"""By the cross-encoder: clearly below the positive, nearly as good, as good or better."""
MadeBy = Literal["title", "heading", "phrase", "cloze", "llm"]
Gathering = Literal["negatives", "queries", "llm", "labels"]
"""Ways to get more training data."""

GATHERINGS: dict[Gathering, str] = {
    "negatives": "Looking for hard negatives",
    "queries": "Making queries from passages",
    "llm": "Asking a language model for queries",
    "labels": "Asking the cross-encoder",
}
"""Titles of their jobs."""


# Training data


@dataclass(frozen=True, slots=True)
class Negative:
    """A passage that does not answer a query."""

    document: str
    """Its place, or its id in a dataset."""
    title: str
    text: str
    source: NegativeSource


@dataclass(frozen=True, slots=True)
class TrainingPair:
    """A query with a passage that answers it, as the model would learn it."""

    id: str
    """Of query and passage: the same pair has it always."""
    query: str
    document_id: int | None
    """None once the document has left the library."""
    document: str
    """Its place, or its id in a dataset."""
    title: str
    positive: str
    negatives: tuple[Negative, ...]
    origin: Origin
    grade: int
    """From 0 to 3; 2 where nobody gave a grade."""
    weight: float
    """How much it counts, 0 to 1."""
    at: float
    """When it came about."""
    excluded: bool
    """The user does not want it to be learnt."""
    problems: tuple[Problem, ...]
    problem: str
    """The first of them in words; empty where there is none."""
    topic: int
    """Which of the overview's topics it belongs to; -1 where that is not known."""


@dataclass(frozen=True, slots=True)
class PairPage:
    """Some of the pairs that fit a filter."""

    pairs: tuple[TrainingPair, ...]
    n_found: int
    n_total: int


@dataclass(frozen=True, slots=True)
class OriginCount:
    """Pairs of one origin."""

    origin: Origin
    n_pairs: int
    n_queries: int
    weight: float


@dataclass(frozen=True, slots=True)
class Topic:
    """A cluster of the library, and how well the pairs cover it."""

    words: str
    """What is typical of it: `wing, boundary layer, drag`."""
    n_passages: int
    n_pairs: int


@dataclass(frozen=True, slots=True)
class TrainingOverview:
    """What there is to train on, and how good it is."""

    origins: tuple[OriginCount, ...]
    n_pairs: int
    """That would be trained on: neither excluded nor left out for a problem."""
    n_queries: int
    n_judged_queries: int
    """Queries with a positive that somebody judged: only these can test a model."""
    n_excluded: int
    problems: dict[Problem, int]
    topics: tuple[Topic, ...]
    """The largest first; empty while the library has no vectors."""
    score: int
    """Of the data's quality, 0 to 100."""
    missing: tuple[str, ...]
    """What would make them better, in words, the most useful first."""
    hash: str
    """SHA-256 of all that would be trained on, hex."""
    n_doubtful: int = 0
    """Mined negatives that wait for somebody to look at them."""
    n_mined: int = 0
    """Hard negatives that would be taught, mined or reviewed."""


@dataclass(frozen=True, slots=True)
class DoubtfulNegative:
    """A mined passage of which the cross-encoder is not sure that it is no answer."""

    id: int
    query: str
    positive: str
    title: str
    document: str
    text: str
    source: NegativeSource
    margin: float
    """The cross-encoder's score of the positive less its own."""


@dataclass(frozen=True, slots=True)
class LlmServer:
    """A language model's server that speaks OpenAI's API."""

    url: str = "http://127.0.0.1:11434/v1"
    model: str = ""
    """As the server calls it; empty takes its first."""
    prompt: str = (
        "Here is a passage from my own documents.\n\n{passage}\n\nWrite {n} different short search "
        "queries that this passage answers, one on a line, nothing else. Do not copy its words "
        "where others would do."
    )
    api_key: str = ""


class MiningReport(msgspec.Struct, frozen=True, tag=True):
    """Hard negatives were looked for."""

    n_queries: int
    n_hard: int
    n_doubtful: int
    n_false: int
    """Left out: as good as the positive, by the cross-encoder."""
    seconds: float


class SynthesisReport(msgspec.Struct, frozen=True, tag=True):
    """Queries were made from passages."""

    by: MadeBy
    n_made: int
    n_kept: int
    """Whose passage comes back where they are searched for."""
    seconds: float
    examples: tuple[tuple[str, str], ...] = ()
    """Some queries that were kept, with their passages."""


class DistillReport(msgspec.Struct, frozen=True, tag=True):
    """The cross-encoder labelled pairs."""

    n_queries: int
    n_pairs: int
    seconds: float


# Tuning


@dataclass(frozen=True, slots=True)
class TuningEstimate:
    """What a recipe would cost on this machine, from a probe of some steps."""

    seconds: float
    """From start to verdict."""
    training_s: float
    """Of them, the steps."""
    memory_mb: int
    """That the trainer would take at most."""
    n_steps: int
    n_pairs: int
    device: str
    """`cpu`, `cuda`, `mps`."""
    bf16: bool
    notes: tuple[str, ...] = ()
    """What is worth knowing before starting, in words."""


class EstimateReport(msgspec.Struct, frozen=True, tag=True):
    """A recipe was tried for a few steps."""

    estimate: TuningEstimate


@dataclass(frozen=True, slots=True)
class InterruptedTuning:
    """A tuning that ended before its verdict and can go on."""

    job: str
    recipe: str
    began_at: float
    step: int
    """Of the last checkpoint."""
    n_steps: int
    source: str
    """What it is trained on, in words."""


@dataclass(frozen=True, slots=True)
class QueryChange:
    """What tuning did to a held-out query."""

    query: str
    before: float
    after: float
    """nDCG@10."""
    relevant: tuple[int, ...] = ()
    """Ids of the documents that were judged relevant to it."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a curve."""

    series: str
    step: float
    value: float


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """How a tuned model came about, so that it can be understood and repeated."""

    parents: tuple[str, ...]
    """Ids, the one it was tuned from first, then that one's."""
    data: str
    """What it was trained on, in words."""
    data_hash: str
    """SHA-256 of the training data, hex."""
    n_pairs: int
    recipe: Recipe | None
    """None for an adapter, and where it is not known."""
    seed: int
    versions: dict[str, str]
    """Of the program and of the libraries that made it."""
    device: str
    bf16: bool
    seconds: float
    curves: tuple[CurvePoint, ...]
    changes: tuple[QueryChange, ...]
    """Of the gate's queries, the best gain first."""
    general_before: float | None
    """nDCG@10 on the general set."""
    general_after: float | None
    query_ms: float
    """Median time to encode a query."""
    size_bytes: int
    """Of its weights as they are searched with."""
    kept_step: int = 0
    n_steps: int = 0
    kept_share: float = 1.0


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """What a model reached on an evaluation set."""

    set: str
    split: str
    version: int | None
    mode: Mode
    reranked: bool
    measures: dict[str, float]
    at: float


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """All that is known of a model."""

    info: ModelInfo
    record: ModelRecord | None
    """None for one that was not tuned here."""
    measured: tuple[MeasuredOn, ...]
    """The newest of each set, split and mode."""
    dependents: tuple[str, ...]
    """Ids of models that were tuned from it, and go with it."""
    vectors_bytes: int
    """That its vectors of the library take."""
    notes: str


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """What differs between two models."""

    name: str
    """In words: `Learning rate`."""
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class MeasureDifference:
    """A measure that both models have on the same set."""

    on: str
    """In words: `scifact / test, dense`."""
    measure: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Two models beside each other."""

    first: ModelDetails
    second: ModelDetails
    fields: tuple[FieldDifference, ...]
    """Of recipe, data, versions, size and speed: what is not the same."""
    measures: tuple[MeasureDifference, ...]


class ExportReport(msgspec.Struct, frozen=True, tag=True):
    """A model was written to a folder."""

    model: str
    path: str
    files: tuple[str, ...]
    size_bytes: int
    agreement: float
    """Smallest cosine between its vectors in the file and in torch, over the check texts."""
    ndcg: dict[str, float]
    """nDCG@10 on the general set by variant: `fp32`, `int8`."""
    seconds: float


# Suggestions, A/B, runs


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Why it may be worth tuning now."""

    kind: Literal["adapter", "tune", "none"]
    reasons: tuple[str, ...]
    """In words, the strongest first."""
    recipe: str
    """Name of the preset that fits the data."""
    n_new: int
    """Labels since the last tuning."""


@dataclass(frozen=True, slots=True)
class AbTest:
    """Two models that compete for the user's own searches."""

    first: str
    second: str
    began_at: float
    ended_at: float | None
    n_searches: int
    n_decided: int
    """Searches in which one of them was preferred."""
    wins_first: int
    wins_second: int
    preference: float
    """Share of the decided searches that the second won; .5 where none is decided."""
    ci: tuple[float, float]
    """95 % interval of it."""
    verdict: str
    """In plain words."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A job as the run log keeps it."""

    job: str
    kind: str
    title: str
    state: str
    began_at: float
    ended_at: float | None
    params: dict[str, str]
    metrics: dict[str, float]
    artefacts: tuple[str, ...]
    """Ids of models, paths of files that it made."""
    message: str = ""
    """What it ended with, in words."""
    points: tuple[CurvePoint, ...] = ()
    """Only where one run is asked for."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted."""

    kinds: tuple[str, ...] = ()
    """Empty is all."""
    text: str = ""
    """In the title, a parameter or an artefact."""
    since: float | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which pairs are wanted."""

    text: str = ""
    """In query, title or passage."""
    origins: tuple[Origin, ...] = ()
    """Empty is all."""
    problems: tuple[Problem, ...] = ()
    """Only pairs with one of these."""
    topic: int | None = None
    excluded: bool | None = None
    order: Literal["newest", "query", "weight", "origin"] = "newest"


@dataclass(frozen=True, slots=True)
class Overruled:
    """A gate's verdict that the user set aside."""

    model: str
    reason: str
    at: float
    gate: GateReport = field(repr=False)
