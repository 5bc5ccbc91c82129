"""Tuning from data to registry: the engine's API about it, a method for a request.

What there is to train on is gathered and looked at, made more, tuned on behind the gate, and what
comes of it is kept with how it came about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from engine import (
    adapting,
    answering,
    distilling,
    estimating,
    interleaving,
    mining,
    model_details,
    model_exchange,
    recipes,
    resuming,
    run_log,
    suggesting,
    synthesizing,
    training_data,
    tuning,
    visits,
)
from engine.errors import InvalidInput
from engine.events import JobResult
from engine.jobs.job import Job, Jobs
from engine.parts import Parts
from engine.recipe import Recipe
from engine.records import JobInfo, JobKind, SearchResults
from engine.settings import Settings
from engine.training.visit_weight import sign_of
from engine.training_records import (
    GATHERINGS,
    WEIGHTS,
    AbTest,
    DoubtfulNegative,
    InterruptedTuning,
    ModelComparison,
    ModelDetails,
    PairPage,
    RunRecord,
    Suggestion,
    TrainingOverview,
)
from engine.training_requests import (
    CompareModels,
    DeleteModel,
    DiscardTuning,
    Distill,
    EstimateTuning,
    ExcludePairs,
    ExportModel,
    ExportPairs,
    ExportRuns,
    FitAdapter,
    ForgetMade,
    ForgetVisits,
    GetAbTest,
    GetModelDetails,
    GetRun,
    GetSuggestion,
    GetTrainingOverview,
    ImportTextModel,
    ListDoubtful,
    ListInterrupted,
    ListPairs,
    ListRecipes,
    ListRuns,
    MineNegatives,
    Overrule,
    RecordVisit,
    RemoveRecipe,
    ResumeTuning,
    ReviewNegative,
    SaveRecipe,
    SearchWith,
    StartAbTest,
    StopAbTest,
    StopTuning,
    Synthesize,
    TryLlm,
    WriteModelNotes,
)

Changes = Literal["models", "training"]

_NEED_MODELS: frozenset[JobKind] = frozenset(
    {"activate", "evaluate", "export", "finetune", "gather"}
)


class StartJob(Protocol):
    """Queues work in the background; `changes` is told when it ends, `asked` is the request."""

    def __call__(
        self,
        kind: JobKind,
        title: str,
        work: Callable[[Job], JobResult | None],
        changes: Changes | None = None,
        asked: object = None,
        /,
    ) -> JobInfo:
        """What was queued."""


class TrainingBench:
    """Answers what is asked about tuning in an open workspace."""

    def __init__(
        self,
        parts: Parts,
        settings: Callable[[], Settings],
        start: StartJob,
        jobs: Jobs,
        changed: Callable[[Changes], None],
    ) -> None:
        """`changed` tells that models, or what there is to train on, are other than they were."""
        self._parts = parts
        self._settings = settings
        self._start = start
        self._jobs = jobs
        self._changed = changed

    def get_training_overview(self, request: GetTrainingOverview) -> TrainingOverview:
        """What there is to train on, and how good it is."""
        return training_data.overview(self._parts, request.evalset, request.split)

    def list_pairs(self, request: ListPairs) -> PairPage:
        """Training pairs that fit a filter."""
        return training_data.page(self._parts, request)

    def exclude_pairs(self, request: ExcludePairs) -> None:
        """Leave pairs out of training, or take them in again."""
        training_data.exclude(self._parts, request.pairs, request.excluded)
        self._changed("training")

    def export_pairs(self, request: ExportPairs) -> str:
        """Write the pairs that would be trained on; raises InvalidInput."""
        return training_data.export(self._parts, request)

    def record_visit(self, request: RecordVisit) -> None:
        """Remember that a result was opened or read, unless the settings forbid it."""
        if self._settings().keep_visits:
            visits.record(self._parts, request)
            if sign := sign_of(request.opened, request.seconds):
                amount = WEIGHTS[sign]
                interleaving.credit(self._parts, request.query, request.document_id, amount)

    def forget_visits(self, _: ForgetVisits) -> None:
        """Forget all that was remembered of opening and reading."""
        visits.forget(self._parts)
        self._changed("training")

    def forget_made(self, request: ForgetMade) -> None:
        """Throw away pairs that were made."""
        training_data.forget_made(self._parts, request)
        self._changed("training")

    def list_doubtful(self, request: ListDoubtful) -> tuple[DoubtfulNegative, ...]:
        """Mined negatives that wait for somebody to look at them."""
        return mining.doubtful(self._parts, request.limit)

    def review_negative(self, request: ReviewNegative) -> None:
        """Say whether a doubtful passage answers its query; raises NotFound."""
        mining.review(self._parts, request.id, request.answers)
        self._changed("training")

    def list_interrupted(self, _: ListInterrupted) -> tuple[InterruptedTuning, ...]:
        """Tunings that can go on, the newest first."""
        return resuming.interrupted(self._parts)

    def discard_tuning(self, request: DiscardTuning) -> None:
        """Throw an interrupted tuning away; raises NotFound."""
        resuming.discard(self._parts, request.job)
        self._changed("training")

    def list_recipes(self, _: ListRecipes) -> tuple[Recipe, ...]:
        """The presets and the user's own recipes."""
        return recipes.every(self._parts)

    def save_recipe(self, request: SaveRecipe) -> tuple[Recipe, ...]:
        """Keep a recipe under its name; raises InvalidInput for a preset's."""
        answer = recipes.save(self._parts, request.recipe)
        self._changed("training")
        return answer

    def remove_recipe(self, request: RemoveRecipe) -> tuple[Recipe, ...]:
        """Forget a recipe; raises NotFound."""
        answer = recipes.remove(self._parts, request.name)
        self._changed("training")
        return answer

    def get_model_details(self, request: GetModelDetails) -> ModelDetails:
        """All that is known of a model; raises NotFound."""
        return model_details.details(self._parts, request.model)

    def write_model_notes(self, request: WriteModelNotes) -> ModelDetails:
        """Replace the user's notes on a model; raises NotFound."""
        answer = model_details.write_notes(self._parts, request)
        self._changed("models")
        return answer

    def compare_models(self, request: CompareModels) -> ModelComparison:
        """Two models beside each other; raises NotFound."""
        return model_details.compare(self._parts, request.first, request.second)

    def delete_model(self, request: DeleteModel) -> None:
        """Delete a model; raises NotFound, InvalidInput where it is needed."""
        if any(job.kind in _NEED_MODELS for job in self._jobs.unfinished()):
            raise InvalidInput(
                "Models are in use",
                "Something that goes on in the background may need this one.",
                "Delete it when that has ended, or cancel it first.",
            )
        model_details.delete(self._parts, request.model, request.dependents)
        self._changed("models")

    def get_suggestion(self, _: GetSuggestion) -> Suggestion:
        """Whether it is worth tuning now, and why."""
        return suggesting.suggestion(self._parts, self._settings())

    def start_ab_test(self, request: StartAbTest) -> AbTest:
        """Let two models compete; raises NotFound, InvalidInput where they are the same."""
        answer = interleaving.start(self._parts, request.first, request.second)
        self._changed("models")

        def work(job: Job) -> None:
            self._parts.models.catch_up(job)

        self._start("index", "Getting the models ready to compete", work, "models", request)
        return answer

    def stop_ab_test(self, _: StopAbTest) -> AbTest:
        """End the running test; raises NotFound."""
        answer = interleaving.stop(self._parts)
        self._changed("models")
        return answer

    def get_ab_test(self, _: GetAbTest) -> AbTest | None:
        """The running test, else the last one."""
        return interleaving.current(self._parts)

    def list_runs(self, request: ListRuns) -> tuple[RunRecord, ...]:
        """Jobs that were run, the newest first."""
        return run_log.every(self._parts, request.filter)

    def get_run(self, request: GetRun) -> RunRecord:
        """One job that was run, with its curves; raises NotFound."""
        return run_log.one(self._parts, request.job)

    def export_runs(self, request: ExportRuns) -> str:
        """Write runs as CSV or JSON lines; raises InvalidInput."""
        return run_log.export(self._parts, request)

    def try_llm(self, request: TryLlm) -> tuple[str, ...]:
        """Queries that a language model makes of one passage; raises EngineError."""
        return synthesizing.try_server(self._parts, request.server)

    def search_with(self, request: SearchWith) -> SearchResults:
        """Search by meaning with a model that need not be active; raises NotFound."""
        return answering.search_with(self._parts, request)

    def mine_negatives(self, request: MineNegatives) -> JobInfo:
        """Looking for hard negatives in the background; ends in a MiningReport."""

        def work(job: Job) -> JobResult:
            return mining.mine(self._parts, self._settings(), request, job)

        return self._start("gather", GATHERINGS["negatives"], work, "training", request)

    def synthesize(self, request: Synthesize) -> JobInfo:
        """Making queries from passages in the background; ends in a SynthesisReport."""

        def work(job: Job) -> JobResult:
            return synthesizing.synthesize(self._parts, self._settings(), request, job)

        title = GATHERINGS["llm" if request.by == "llm" else "queries"]
        return self._start("gather", title, work, "training", request)

    def distill(self, request: Distill) -> JobInfo:
        """Asking the cross-encoder in the background; ends in a DistillReport."""

        def work(job: Job) -> JobResult:
            return distilling.distill(self._parts, self._settings(), request, job)

        return self._start("gather", GATHERINGS["labels"], work, "training", request)

    def estimate_tuning(self, request: EstimateTuning) -> JobInfo:
        """Estimating what tuning takes in the background; ends in an EstimateReport."""

        def work(job: Job) -> JobResult:
            return estimating.estimate(self._parts, self._settings(), request, job)

        return self._start("gather", "Estimating what tuning takes", work, None, request)

    def fit_adapter(self, request: FitAdapter) -> JobInfo:
        """Fitting the instant adapter in the background; ends in a TuneReport."""

        def work(job: Job) -> JobResult:
            return adapting.fit(self._parts, self._settings(), request, job)

        return self._start("finetune", "Fitting the instant adapter", work, "models", request)

    def export_model(self, request: ExportModel) -> JobInfo:
        """Exporting a model in the background; ends in an ExportReport."""

        def work(job: Job) -> JobResult:
            return model_exchange.export_model(self._parts, request, job)

        return self._start("export", "Exporting a model", work, None, request)

    def import_text_model(self, request: ImportTextModel) -> JobInfo:
        """Importing a model in the background; ends in an ImportReport."""

        def work(job: Job) -> JobResult:
            return model_exchange.import_model(self._parts, request, job)

        return self._start("import", "Importing a model", work, "models", request)

    def stop_tuning(self, request: StopTuning) -> None:
        """Stop training here and go on to the gate with the best so far; raises NotFound."""
        self._jobs.find(request.job).wrap_up()

    def resume_tuning(self, request: ResumeTuning) -> JobInfo:
        """Go on from the last checkpoint of an interrupted tuning; ends in a TuneReport."""

        def work(job: Job) -> JobResult:
            report = resuming.resume(self._parts, self._settings(), request.job, job)
            model_details.warn_of_budget(self._parts, self._settings(), job)
            return report

        return self._start("finetune", "Tuning the model", work, "models", request)

    def overrule(self, request: Overrule) -> JobInfo:
        """Put a refused model to work; raises NotFound, InvalidInput where no reason is given."""
        model_details.overrule(self._parts, request.model, request.reason)
        self._changed("models")

        def work(job: Job) -> JobResult:
            return tuning.activate(self._parts, job, request.model)

        return self._start("activate", f"Switching to {request.model}", work, "models", request)
