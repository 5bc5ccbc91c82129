"""What can be asked of an engine about tuning: each is one method of `TrainingBench`.

As in `engine.requests`, the name in snake case is the method.
"""

from __future__ import annotations

from typing import Literal

from engine.recipe import Recipe
from engine.records import JobInfo, SearchResults
from engine.request import R, Request
from engine.training_records import (
    AbTest,
    DoubtfulNegative,
    InterruptedTuning,
    LlmServer,
    MadeBy,
    ModelComparison,
    ModelDetails,
    PairFilter,
    PairPage,
    RunFilter,
    RunRecord,
    Suggestion,
    TrainingOverview,
)


class TrainingRequest(Request[R], frozen=True):
    """A question about tuning whose answer is an R.

    Where it names an `evalset`, that set's split is trained on, else the user's own feedback.
    """


# Training data


class GetTrainingOverview(TrainingRequest[TrainingOverview], frozen=True, tag=True):
    """What there is to train on, and how good it is."""

    evalset: str | None = None
    split: str = "train"


class ListPairs(TrainingRequest[PairPage], frozen=True, tag=True):
    """Training pairs that fit a filter."""

    evalset: str | None = None
    split: str = "train"
    filter: PairFilter = PairFilter()
    offset: int = 0
    limit: int = 100


class ExcludePairs(TrainingRequest[None], frozen=True, tag=True):
    """Leave pairs out of training, or take them in again; judgments and thumbs stay."""

    pairs: tuple[str, ...]
    """Ids."""
    excluded: bool = True


class ExportPairs(TrainingRequest[str], frozen=True, tag=True):
    """Write the pairs that would be trained on as JSON lines; answers with the path."""

    path: str
    evalset: str | None = None
    split: str = "train"


class RecordVisit(TrainingRequest[None], frozen=True, tag=True):
    """Remember that a result was opened, or read; a weak sign that it answers the query."""

    query: str
    document_id: int
    text: str
    """The passage that was shown."""
    rank: int
    opened: bool
    """In another program; else it was read in the preview."""
    seconds: float = 0.0
    """For how long it was read."""
    model: str = ""


class ForgetVisits(TrainingRequest[None], frozen=True, tag=True):
    """Forget all that was remembered of opening and reading."""


class ForgetMade(TrainingRequest[None], frozen=True, tag=True):
    """Throw away pairs that were made, of these origins, and mined negatives where asked."""

    by: tuple[str, ...] = ()
    negatives: bool = False


class MineNegatives(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Look for hard negatives and have the cross-encoder check them; ends in a MiningReport."""

    evalset: str | None = None
    split: str = "train"
    depth: int = 100
    """How deep in the dense and in the BM25 ranking."""
    margin: float = 1.0
    """A candidate is hard where the cross-encoder scores it by more than this below the positive,
    false where it scores it higher than the positive, else doubtful."""
    per_query: int = 5


class ListDoubtful(TrainingRequest[tuple[DoubtfulNegative, ...]], frozen=True, tag=True):
    """Mined negatives that wait for somebody to look at them, the most doubtful first."""

    limit: int = 50


class ReviewNegative(TrainingRequest[None], frozen=True, tag=True):
    """Say whether a doubtful passage answers its query; None leaves it undecided again."""

    id: int
    answers: bool | None


class Synthesize(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Make queries from passages; ends in a SynthesisReport."""

    by: MadeBy = "title"
    n_passages: int = 500
    """At most so many passages, spread over the library."""
    per_passage: int = 1
    round_trip: int = 10
    """Kept where its passage is among the first so many after reranking; 0 keeps all."""
    server: LlmServer | None = None
    """For `llm`; None takes the one in the settings."""
    evalset: str | None = None
    """Over this set's documents, else the library's."""


class TryLlm(TrainingRequest[tuple[str, ...]], frozen=True, tag=True):
    """Queries that a language model makes of one passage of the library, to see its prompt work."""

    server: LlmServer


class Distill(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Have the cross-encoder score passages for queries without judgments (GPL).

    Ends in a DistillReport.
    """

    n_queries: int = 300
    """Of the made queries, and of the user's searches."""
    per_query: int = 8
    evalset: str | None = None
    split: str = "train"


# Tuning


class EstimateTuning(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Try a recipe for a few steps; ends in an EstimateReport."""

    recipe: Recipe
    evalset: str | None = None
    split: str = "train"


class FitAdapter(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Fit a linear map of queries on cached vectors: seconds; ends in a TuneReport."""

    evalset: str | None = None
    split: str = "train"


class StopTuning(TrainingRequest[None], frozen=True, tag=True):
    """Stop training here and go on to the gate with the best so far."""

    job: str


class ListInterrupted(TrainingRequest[tuple[InterruptedTuning, ...]], frozen=True, tag=True):
    """Tunings that a crash or a restart ended, the newest first."""


class ResumeTuning(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Go on from the last checkpoint of an interrupted tuning; ends in a TuneReport."""

    job: str


class DiscardTuning(TrainingRequest[None], frozen=True, tag=True):
    """Throw an interrupted tuning away."""

    job: str


class ListRecipes(TrainingRequest[tuple[Recipe, ...]], frozen=True, tag=True):
    """The presets and the user's own recipes."""


class SaveRecipe(TrainingRequest[tuple[Recipe, ...]], frozen=True, tag=True):
    """Keep a recipe under its name; answers with all. A preset's name is refused."""

    recipe: Recipe


class RemoveRecipe(TrainingRequest[tuple[Recipe, ...]], frozen=True, tag=True):
    """Forget one of the user's own recipes; answers with those that are left."""

    name: str


class SearchWith(TrainingRequest[SearchResults], frozen=True, tag=True):
    """Search by meaning with a model that need not be active, to see before and after."""

    model: str
    query: str
    k: int = 10


class Overrule(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Put a model to work although the gate refused it; the reason is kept with it."""

    model: str
    reason: str


# Models


class GetModelDetails(TrainingRequest[ModelDetails], frozen=True, tag=True):
    """All that is known of a model for texts."""

    model: str


class WriteModelNotes(TrainingRequest[ModelDetails], frozen=True, tag=True):
    """Replace the user's notes on a model, and its name where one is given."""

    model: str
    notes: str
    name: str | None = None


class CompareModels(TrainingRequest[ModelComparison], frozen=True, tag=True):
    """Two models beside each other."""

    first: str
    second: str


class ExportModel(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Write a model to a new folder; ends in an ExportReport."""

    model: str
    path: str
    format: Literal["sentence-transformers", "onnx"] = "sentence-transformers"


class ImportTextModel(TrainingRequest[JobInfo], frozen=True, tag=True):
    """Import a bi-encoder, a folder in sentence-transformers layout with safetensors or ONNX.

    Ends in an ImportReport.
    """

    path: str
    name: str | None = None


class DeleteModel(TrainingRequest[None], frozen=True, tag=True):
    """Delete a model for texts with its vectors, and, where asked, those tuned from it."""

    model: str
    dependents: bool = False


# Suggestions, A/B, runs


class GetSuggestion(TrainingRequest[Suggestion], frozen=True, tag=True):
    """Whether it is worth tuning now, and why."""


class StartAbTest(TrainingRequest[AbTest], frozen=True, tag=True):
    """Let two models compete in the user's own searches; a running test is ended first."""

    first: str
    second: str


class StopAbTest(TrainingRequest[AbTest], frozen=True, tag=True):
    """End the running test; raises NotFound."""


class GetAbTest(TrainingRequest[AbTest | None], frozen=True, tag=True):
    """The running test, else the last one; None where there was none."""


class ListRuns(TrainingRequest[tuple[RunRecord, ...]], frozen=True, tag=True):
    """Jobs that were run, the newest first, without their curves."""

    filter: RunFilter = RunFilter()


class GetRun(TrainingRequest[RunRecord], frozen=True, tag=True):
    """One job that was run, with its curves; raises NotFound."""

    job: str


class ExportRuns(TrainingRequest[str], frozen=True, tag=True):
    """Write runs as CSV or JSON lines, by the name's extension; answers with the path."""

    path: str
    filter: RunFilter = RunFilter()


AnyTrainingRequest = (
    GetTrainingOverview
    | ListPairs
    | ExcludePairs
    | ExportPairs
    | RecordVisit
    | ForgetVisits
    | ForgetMade
    | MineNegatives
    | ListDoubtful
    | ReviewNegative
    | Synthesize
    | TryLlm
    | Distill
    | EstimateTuning
    | FitAdapter
    | StopTuning
    | ListInterrupted
    | ResumeTuning
    | DiscardTuning
    | ListRecipes
    | SaveRecipe
    | RemoveRecipe
    | SearchWith
    | Overrule
    | GetModelDetails
    | WriteModelNotes
    | CompareModels
    | ExportModel
    | ImportTextModel
    | DeleteModel
    | GetSuggestion
    | StartAbTest
    | StopAbTest
    | GetAbTest
    | ListRuns
    | GetRun
    | ExportRuns
)
