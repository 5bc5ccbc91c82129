"""What is handed about when evaluation sets are made, judged and measured with.

Made as `engine.records` is: frozen, slotted, of plain values. A document is named by its key: its
id in a dataset, else its content hash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from engine.records import Mode, Passage

BINARY = ("Not relevant", "Relevant")
GRADED = ("Not relevant", "Touches on it", "Relevant", "Exactly it")
"""Names of the grades from 0 on: what a scale is."""

ADJUDICATED = "adjudicated"
"""The rater whose grade stands whatever the others say."""
IMPORTED = "imported"
"""The rater of grades that came with an imported set."""

JUDGMENTS = "judgments"
"""Name of the set that the user's own judgments of searches make; no other has it."""
OWNER = "me"
"""The rater whose judgments come from where no name is asked for."""

QueryOrigin = Literal["typed", "imported", "history", "search"]
SetFormat = Literal["beir", "trec", "jsonl", "csv"]
JudgingOrder = Literal["pool", "active"]
"""Query by query in a shuffled order, or what the measures depend on most first."""
MissKind = Literal["not retrieved", "low", "wrong sense", "duplicate", "found"]


@dataclass(frozen=True, slots=True)
class System:
    """One way of searching, to be pooled from or measured."""

    mode: Mode = "hybrid"
    model: str | None = None
    """Id of a registered text model; None is the active one. Without meaning in `lexical`."""
    rerank: bool = False
    run: str | None = None
    """Name of a run that the set holds: what it found, and nothing of the above, is heeded."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a system outside this program found, as it came with a set."""

    name: str
    n_queries: int
    """Queries of the set that it answers."""
    n_lines: int
    n_outside: int
    """Documents of it that were neither in the library nor kept with the set."""


@dataclass(frozen=True, slots=True)
class SetVersion:
    """A version of a set; what was frozen never changes."""

    number: int
    """From 1."""
    frozen_at: float
    note: str
    n_queries: int
    n_judgments: int
    sha256: str
    """Of its queries, splits and grades, hex."""


@dataclass(frozen=True, slots=True)
class SetQuery:
    """A query of a set, and how well it is judged."""

    id: str
    text: str
    split: str
    origin: QueryOrigin
    n_pooled: int
    n_judged: int
    """Documents with a grade in force."""
    n_relevant: int
    n_flagged: int
    judged_at_10: float | None = None
    """Share of the first ten that have a grade, the least of the systems that it was pooled from;
    None where it was never pooled."""


@dataclass(frozen=True, slots=True)
class SetOverview:
    """An evaluation set with its coverage."""

    name: str
    root_id: int | None
    """Of the dataset whose documents answer; None is the whole library."""
    guideline: str
    scale: tuple[str, ...]
    """Names of the grades from 0 on."""
    queries: tuple[SetQuery, ...]
    versions: tuple[SetVersion, ...]
    """The newest last. What was judged since is not in any."""
    changed: bool
    """Whether anything differs from the newest version."""
    grades: dict[int, int]
    """How many pairs have each grade."""
    raters: tuple[str, ...]
    n_without_relevant: int
    """Judged queries without a relevant document."""
    n_holes: int
    """Pooled pairs without a grade."""
    runs: tuple[RunInfo, ...] = ()
    """Of systems outside this program."""


@dataclass(frozen=True, slots=True)
class GivenJudgment:
    """What one rater said of one pair."""

    query_id: str
    document: str
    rater: str
    grade: int | None
    """None where it was skipped, or the grade was taken away."""
    skipped: bool = False
    flagged: bool = False
    note: str = ""
    span: tuple[int, int] | None = None
    """The passage that decided it, as offsets into the document's text."""
    span_text: str = ""
    seconds: float | None = None
    """From when it was shown."""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class JudgingTask:
    """A pair to be judged."""

    query_id: str
    query: str
    document: str
    """Its key."""
    document_id: int | None
    """None where it is not in the library: then `text` is all there is."""
    title: str
    place: str
    """Its path, or its id in a dataset."""
    media_type: str
    text: str
    """The beginning of the whole text."""
    passages: tuple[Passage, ...]
    """Those that fit the query best, the best first."""
    given: GivenJudgment | None
    """What this rater said of it before."""
    drawn: Literal["pool", "active", "random"] = "pool"
    """Why it comes now."""


@dataclass(frozen=True, slots=True)
class JudgingProgress:
    """How far one rater is with a set."""

    n_done: int
    n_total: int
    n_skipped: int
    n_flagged: int
    seconds_each: float | None
    """Median of the last judgments; None before there are any."""
    seconds_left: float | None
    undo: str
    """What undo would take back, in words; empty where there is nothing."""
    redo: str
    about: tuple[str, str] | None = None
    """Query id and document that were judged, or whose judgment was undone or redone, just now."""


@dataclass(frozen=True, slots=True)
class PoolEstimate:
    """What a pool would cost."""

    n_new: int
    """Pairs that are in no pool yet."""
    n_known: int
    """Pairs of it that have a grade already."""
    seconds_each: float
    minutes: float


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How far two raters agree."""

    first: str
    second: str
    n_items: int
    percent: float
    """Share of equal grades, 0 to 1."""
    kappa: float
    weighted_kappa: float
    """With quadratic weights."""
    kappa_ci: tuple[float, float]
    weighted_kappa_ci: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the raters of a set agree; NaN where it cannot be told."""

    pairs: tuple[PairAgreement, ...]
    alpha: float
    """Krippendorff's, ordinal."""
    alpha_ci: tuple[float, float]
    bias: dict[str, float]
    """By rater, how much higher they grade than others the same pairs."""
    n_items: int
    """Pairs that at least two raters graded."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pair that raters graded differently."""

    query_id: str
    query: str
    document: str
    document_id: int | None
    title: str
    judgments: tuple[GivenJudgment, ...]
    """One of each rater."""
    settled: int | None
    """The adjudicated grade, if there is one."""


@dataclass(frozen=True, slots=True)
class LabelFinding:
    """Something about a judgment that deserves a second look."""

    kind: Literal["evidence", "near-duplicate", "drift"]
    query_id: str
    query: str
    document: str
    document_id: int | None
    title: str
    grade: int
    rater: str
    text: str
    """What is odd, in words."""
    severity: float
    """Larger first."""


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """How one system did on a split."""

    system: System
    name: str
    """In words: `Hybrid, reranked`."""
    measures: dict[str, float]
    """Means by notation."""
    per_query: dict[str, dict[str, float]]
    """By notation, by query id."""
    latency_p50_ms: float | None
    """None where nothing was searched, as with an imported run."""
    latency_p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Two systems on one measure."""

    measure: str
    first: int
    """Index of a system."""
    second: int
    gain: float
    """Mean of second - first."""
    ci: tuple[float, float]
    p: float
    """Two-sided, paired randomisation."""
    p_holm: float
    """The same, corrected for all comparisons of the report on this measure."""
    effect: float
    """Mean difference over its standard deviation (Cohen's d of paired values)."""
    wins: int
    """Queries on which the second is better."""
    ties: int
    losses: int


class ComparisonReport(msgspec.Struct, frozen=True, tag=True):
    """Systems measured on one split of one version of a set."""

    set: str
    version: int | None
    """None is as it stands now."""
    split: str
    n_queries: int
    systems: tuple[SystemFigures, ...]
    differences: tuple[Difference, ...]
    queries: dict[str, str]
    """Text by query id."""


class PoolReport(msgspec.Struct, frozen=True, tag=True):
    """What pooling added."""

    set: str
    added: int
    known: int
    seconds: float
    outside: int = 0
    """Pairs of imported runs that were left out, as nothing is known of their documents."""


class RunReport(msgspec.Struct, frozen=True, tag=True):
    """A run that was written."""

    set: str
    path: str
    system: str
    """Its name in words."""
    n_queries: int
    n_lines: int


@dataclass(frozen=True, slots=True)
class Miss:
    """A relevant document and what became of it."""

    document: str
    document_id: int | None
    title: str
    grade: int
    kind: MissKind
    ranks: dict[str, int]
    """By system's name; absent where it was not retrieved."""
    text: str
    """Why, in words."""


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """A document that a system answered with."""

    document: str
    document_id: int | None
    title: str
    rank: int
    grade: int | None


@dataclass(frozen=True, slots=True)
class QueryExplained:
    """How systems answered one query, and what they missed."""

    query_id: str
    query: str
    answers: dict[str, tuple[QueryAnswer, ...]]
    """The first ten by system's name."""
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class SetImport:
    """What was read of a file or folder of judgments."""

    set: str
    n_queries: int
    n_judgments: int
    n_documents: int
    """Documents that came with their text."""
    n_outside: int
    """Documents that are not in the library."""
    merged: int = 0
    """Judgments that were new in a merge."""
    same: int = 0
    """Judgments that were there already."""
    conflicts: tuple[str, ...] = field(default=())
    """Judgments by the same rater of the same pair that differ: the newer one stands; in words."""
