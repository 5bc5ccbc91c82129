"""What can be asked of an engine about evaluation sets: each is one method of `JudgingRoom`.

As in `engine.requests`, the name in snake case is the method.
"""

from __future__ import annotations

from engine.evaluation_records import (
    GRADED,
    OWNER,
    Agreement,
    Disagreement,
    GivenJudgment,
    JudgingOrder,
    JudgingProgress,
    JudgingTask,
    LabelFinding,
    PoolEstimate,
    QueryExplained,
    QueryOrigin,
    RunInfo,
    SetFormat,
    SetImport,
    SetOverview,
    SetVersion,
    System,
)
from engine.records import JobInfo
from engine.request import R, Request


class EvaluationRequest(Request[R], frozen=True):
    """A question about evaluation sets whose answer is an R."""


class CreateEvalSet(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Make an empty set over a dataset's documents, or over the whole library."""

    name: str
    guideline: str = ""
    scale: tuple[str, ...] = GRADED
    root_id: int | None = None


class ChangeEvalSet(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Rename a set or change its guideline; its scale only while nothing is judged."""

    name: str
    new_name: str | None = None
    guideline: str | None = None
    scale: tuple[str, ...] | None = None


class RemoveEvalSet(EvaluationRequest[None], frozen=True, tag=True):
    """Delete a set with its judgments; library.db is copied first."""

    name: str


class ShowEvalSet(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """A set with its queries, versions and coverage."""

    name: str


class AddQueries(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Add queries; those that are there already, but for case and blanks, are left out."""

    name: str
    texts: tuple[str, ...]
    split: str = "test"
    origin: QueryOrigin = "typed"


class ImportQueries(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Add queries of a CSV, TSV, JSONL or text file; all of them, or none."""

    name: str
    path: str
    split: str = "test"


class ListSearchHistory(EvaluationRequest[tuple[str, ...]], frozen=True, tag=True):
    """The user's own searches, the newest first, or a random sample of them."""

    limit: int = 200
    sample: bool = False


class MoveQueries(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Put queries into a split."""

    name: str
    query_ids: tuple[str, ...]
    split: str


class RemoveQueries(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Take queries out of a set, with what was judged for them."""

    name: str
    query_ids: tuple[str, ...]


class FreezeEvalSet(EvaluationRequest[SetVersion], frozen=True, tag=True):
    """Make a version of a set that never changes."""

    name: str
    note: str = ""


class EstimatePool(EvaluationRequest[PoolEstimate], frozen=True, tag=True):
    """What it would cost to judge a pool, from the pace so far."""

    name: str
    n_systems: int
    depth: int
    query_ids: tuple[str, ...] = ()
    """Empty is all."""


class Pool(EvaluationRequest[JobInfo], frozen=True, tag=True):
    """Add the first `depth` documents of systems to what is to be judged.

    Its result is a PoolReport.
    """

    name: str
    systems: tuple[System, ...]
    depth: int = 10
    budget: int | None = None
    """At most so many new pairs, the best ranked of each query first."""
    query_ids: tuple[str, ...] = ()
    """Empty is all."""


class AssignRaters(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Share a set's queries among raters; `overlap` of them (0 to 1) go to two."""

    name: str
    raters: tuple[str, ...]
    overlap: float = 0.2


class NextTasks(EvaluationRequest[tuple[JudgingTask, ...]], frozen=True, tag=True):
    """The next pairs for a rater to judge."""

    name: str
    rater: str
    n: int = 3
    order: JudgingOrder = "pool"
    query_id: str | None = None
    """Only of this query."""


class ListTasks(EvaluationRequest[tuple[JudgingTask, ...]], frozen=True, tag=True):
    """All pairs of one query, judged or not, in the rater's order."""

    name: str
    rater: str
    query_id: str


class GiveJudgment(EvaluationRequest[JudgingProgress], frozen=True, tag=True):
    """Record what a rater says of a pair; it is on the disk when this is answered."""

    name: str
    judgment: GivenJudgment


class UndoJudgment(EvaluationRequest[JudgingProgress], frozen=True, tag=True):
    """Take back a rater's last judgment in a set."""

    name: str
    rater: str


class RedoJudgment(EvaluationRequest[JudgingProgress], frozen=True, tag=True):
    """Give again what was taken back last."""

    name: str
    rater: str


class GetJudgingProgress(EvaluationRequest[JudgingProgress], frozen=True, tag=True):
    """How far a rater is."""

    name: str
    rater: str


class GetAgreement(EvaluationRequest[Agreement], frozen=True, tag=True):
    """How far a set's raters agree."""

    name: str


class ListDisagreements(EvaluationRequest[tuple[Disagreement, ...]], frozen=True, tag=True):
    """Pairs that raters graded differently, the furthest apart first."""

    name: str


class CheckLabels(EvaluationRequest[tuple[LabelFinding, ...]], frozen=True, tag=True):
    """Judgments that deserve a second look; nothing is changed."""

    name: str


class ExportEvalSet(EvaluationRequest[str], frozen=True, tag=True):
    """Write a set; answers with the path. A folder for `beir` and `trec`, else a file."""

    name: str
    path: str
    format: SetFormat
    version: int | None = None
    """None is as it stands now."""
    rater: str | None = None
    """Of this rater alone, to be judged elsewhere and merged back."""


class ReadEvalSet(EvaluationRequest[SetImport], frozen=True, tag=True):
    """Import a set written by ExportEvalSet, or such files of others; all of it, or nothing."""

    path: str
    name: str


class MergeEvalSet(EvaluationRequest[SetImport], frozen=True, tag=True):
    """Take in what colleagues judged elsewhere; all of it, or nothing."""

    name: str
    path: str


class ImportRun(EvaluationRequest[RunInfo], frozen=True, tag=True):
    """Keep a TREC run of a system outside this program with a set; all of it, or nothing."""

    name: str
    path: str
    run: str | None = None
    """What it is called; None is by its tag."""


class RemoveRun(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Forget an imported run; what was pooled from it stays."""

    name: str
    run: str


class ExportRun(EvaluationRequest[JobInfo], frozen=True, tag=True):
    """Write what a system finds as a TREC run, an imported one to the byte.

    Its result is a RunReport.
    """

    name: str
    system: System
    path: str
    split: str | None = None
    """None is all queries of the set."""


class Compare(EvaluationRequest[JobInfo], frozen=True, tag=True):
    """Measure systems on a split and compare them; its result is a ComparisonReport."""

    name: str
    systems: tuple[System, ...]
    split: str = "test"
    version: int | None = None
    """None is as it stands now."""
    measures: tuple[str, ...] = ("nDCG@10", "nDCG'@10", "RR@10", "R@100", "AP", "Judged@10")


class ExplainQuery(EvaluationRequest[QueryExplained], frozen=True, tag=True):
    """How systems answer one query, and what became of its relevant documents."""

    name: str
    query_id: str
    systems: tuple[System, ...]


class JudgeFromThumbs(EvaluationRequest[SetOverview], frozen=True, tag=True):
    """Take thumbs into a set as judgments, each with its origin; the thumbs stay."""

    name: str
    label_ids: tuple[int, ...]
    grade_up: int
    grade_down: int = 0
    rater: str = OWNER


AnyEvaluationRequest = (
    CreateEvalSet
    | ChangeEvalSet
    | RemoveEvalSet
    | ShowEvalSet
    | AddQueries
    | ImportQueries
    | ListSearchHistory
    | MoveQueries
    | RemoveQueries
    | FreezeEvalSet
    | EstimatePool
    | Pool
    | AssignRaters
    | NextTasks
    | ListTasks
    | GiveJudgment
    | UndoJudgment
    | RedoJudgment
    | GetJudgingProgress
    | GetAgreement
    | ListDisagreements
    | CheckLabels
    | ExportEvalSet
    | ReadEvalSet
    | MergeEvalSet
    | ImportRun
    | RemoveRun
    | ExportRun
    | Compare
    | ExplainQuery
    | JudgeFromThumbs
)
