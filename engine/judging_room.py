"""Evaluation sets from making to measuring: the engine's API about them, a method for a request.

A set is judged over time by several raters; what each said is an event that can be undone. Measures
are of a set as it stands, or of a version that was frozen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection
from typing import Protocol

from engine import (
    checking,
    comparing,
    explaining,
    judging_tasks,
    pooling,
    run_exchange,
    set_exchange,
)
from engine.backups import Backups
from engine.evaluation.agreement import agreement
from engine.evaluation.assignment import share_queries
from engine.evaluation.query_file import read_queries
from engine.evaluation_records import (
    Agreement,
    Disagreement,
    JudgingProgress,
    JudgingTask,
    LabelFinding,
    PoolEstimate,
    QueryExplained,
    RunInfo,
    SetImport,
    SetOverview,
    SetVersion,
)
from engine.evaluation_requests import (
    AddQueries,
    AssignRaters,
    ChangeEvalSet,
    CheckLabels,
    Compare,
    CreateEvalSet,
    EstimatePool,
    ExplainQuery,
    ExportEvalSet,
    ExportRun,
    FreezeEvalSet,
    GetAgreement,
    GetJudgingProgress,
    GiveJudgment,
    ImportQueries,
    ImportRun,
    JudgeFromThumbs,
    ListDisagreements,
    ListSearchHistory,
    ListTasks,
    MergeEvalSet,
    MoveQueries,
    NextTasks,
    Pool,
    ReadEvalSet,
    RedoJudgment,
    RemoveEvalSet,
    RemoveQueries,
    RemoveRun,
    ShowEvalSet,
    UndoJudgment,
)
from engine.events import JobResult
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import JobInfo, JobKind
from engine.settings import Settings
from engine.storage import (
    coverage,
    disagreements,
    evalset_queries,
    evalset_runs,
    evalset_versions,
    evalsets,
    judged_thumbs,
    judgments,
    searches,
)
from engine.storage.evalset import EvalSet


class StartJob(Protocol):
    """Queues work in the background."""

    def __call__(
        self,
        kind: JobKind,
        title: str,
        work: Callable[[Job], JobResult],
        changes: None = None,
        asked: object = None,
        /,
    ) -> JobInfo:
        """What was queued; `asked` is the request."""


class JudgingRoom:
    """Answers what is asked about evaluation sets of an open workspace."""

    def __init__(
        self,
        parts: Parts,
        settings: Callable[[], Settings],
        start: StartJob,
        changed: Callable[[], None],
        backups: Backups,
    ) -> None:
        """`changed` tells that evaluation sets are other than they were."""
        self._parts = parts
        self._settings = settings
        self._start = start
        self._changed = changed
        self._backups = backups
        self._texts = judging_tasks.TaskTexts(parts)

    def close(self) -> None:
        """End what goes on in the background."""
        self._texts.close()

    # Sets

    def create_eval_set(self, request: CreateEvalSet) -> SetOverview:
        """Make an empty set; raises InvalidInput, NotFound."""
        with self._parts.library.write() as connection:
            made = evalsets.create(
                connection, request.name, request.guideline, request.scale, request.root_id
            )
        return self._show_changed(made.name)

    def change_eval_set(self, request: ChangeEvalSet) -> SetOverview:
        """Rename a set, change its guideline or scale; raises InvalidInput, NotFound."""
        with self._parts.library.write() as connection:
            made = evalsets.change(
                connection,
                evalsets.find(connection, request.name),
                request.new_name,
                request.guideline,
                request.scale,
            )
        return self._show_changed(made.name)

    def remove_eval_set(self, request: RemoveEvalSet) -> None:
        """Copy library.db, then delete a set with its judgments; raises NotFound, StorageFull."""
        with self._parts.library.read() as connection:
            evalsets.find(connection, request.name)
        self._backups.make("asked")
        with self._parts.library.write() as connection:
            evalsets.remove(connection, evalsets.find(connection, request.name))
        self._changed()

    def show_eval_set(self, request: ShowEvalSet) -> SetOverview:
        """A set with its coverage; raises NotFound."""
        with self._parts.library.read() as connection:
            return coverage.overview(connection, evalsets.find(connection, request.name))

    def freeze_eval_set(self, request: FreezeEvalSet) -> SetVersion:
        """Make a version that never changes; raises NotFound, NotEnoughData, InvalidInput."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            version = evalset_versions.freeze(connection, evalset, request.note)
        self._changed()
        return version

    # Files

    def export_eval_set(self, request: ExportEvalSet) -> str:
        """Write a set; raises NotFound, InvalidInput, StorageFull."""
        return set_exchange.export(self._parts, request)

    def read_eval_set(self, request: ReadEvalSet) -> SetImport:
        """Make a set of files; raises NotFound, InvalidInput naming the lines."""
        made = set_exchange.take_in(self._parts, request)
        self._changed()
        return made

    def merge_eval_set(self, request: MergeEvalSet) -> SetImport:
        """Take in what was judged elsewhere; raises NotFound, InvalidInput naming the lines."""
        merged = set_exchange.merge(self._parts, request)
        self._changed()
        return merged

    # Runs of systems outside this program

    def import_run(self, request: ImportRun) -> RunInfo:
        """Keep a run with a set; raises NotFound, InvalidInput naming the lines."""
        made = run_exchange.take_in(self._parts, request)
        self._changed()
        return made

    def remove_run(self, request: RemoveRun) -> SetOverview:
        """Forget a run; raises NotFound."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            evalset_runs.remove(connection, evalset.id, request.run)
        return self._show_changed(request.name)

    def export_run(self, request: ExportRun) -> JobInfo:
        """Write what a system finds for a set's queries."""
        return self._start(
            "evaluate",
            f"Writing a run for {request.name}",
            lambda job: run_exchange.export(self._parts, self._settings(), request, job),
            None,
            request,
        )

    # Queries

    def add_queries(self, request: AddQueries) -> SetOverview:
        """Add queries that are not there yet; raises NotFound, InvalidInput."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            evalset_queries.add_texts(
                connection, evalset.id, request.texts, request.split, request.origin
            )
        return self._show_changed(request.name)

    def import_queries(self, request: ImportQueries) -> SetOverview:
        """Add a file's queries, all or none; raises NotFound, InvalidInput naming the lines."""
        read = read_queries(Path(request.path))
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            evalset_queries.add_read(connection, evalset.id, read, request.split)
        return self._show_changed(request.name)

    def move_queries(self, request: MoveQueries) -> SetOverview:
        """Put queries into a split; raises NotFound, InvalidInput."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            evalset_queries.move(connection, evalset.id, request.query_ids, request.split)
        return self._show_changed(request.name)

    def remove_queries(self, request: RemoveQueries) -> SetOverview:
        """Take queries out, with what was judged for them; raises NotFound."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            evalset_queries.remove(connection, evalset.id, request.query_ids)
        return self._show_changed(request.name)

    def list_search_history(self, request: ListSearchHistory) -> tuple[str, ...]:
        """The user's own searches, each once."""
        with self._parts.library.read() as connection:
            return searches.distinct(connection, request.limit, sample=request.sample)

    # Pooling

    def estimate_pool(self, request: EstimatePool) -> PoolEstimate:
        """What it would cost to judge a pool; raises NotFound, InvalidInput."""
        return pooling.estimate(self._parts, request)

    def pool(self, request: Pool) -> JobInfo:
        """Add the first documents of systems to what is to be judged."""

        def work(job: Job) -> JobResult:
            report = pooling.pool(self._parts, self._settings(), request, job)
            self._changed()
            return report

        return self._start("evaluate", f"Pooling for {request.name}", work, None, request)

    # Judging

    def assign_raters(self, request: AssignRaters) -> SetOverview:
        """Share a set's queries among raters; none takes all sharing away. Raises NotFound."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            ids = [query.id for query in evalset_queries.every(connection, evalset.id)]
            shared = share_queries(ids, request.raters, request.overlap)
            evalset_queries.assign(connection, evalset.id, shared)
        return self._show_changed(request.name)

    def next_tasks(self, request: NextTasks) -> tuple[JudgingTask, ...]:
        """The next pairs for a rater; raises NotFound."""
        with self._parts.library.read() as connection:
            evalset = evalsets.find(connection, request.name)
            asked = connection, evalset, request.rater, request.n + 1, request.query_id
            chosen = judging_tasks.most_telling(*asked) if request.order == "active" else []
            drawn = {(each.query_id, each.document): each.drawn for each in chosen}
            pairs = list(drawn) or judging_tasks.next_pairs(*asked)
        settings = self._settings()
        tasks = self._texts.tasks(evalset, request.rater, pairs[: request.n], settings)
        self._texts.prepare(evalset, request.rater, pairs[request.n :], settings)
        return tuple(
            replace(task, drawn=drawn.get((task.query_id, task.document), "pool")) for task in tasks
        )

    def list_tasks(self, request: ListTasks) -> tuple[JudgingTask, ...]:
        """All pairs of one query; raises NotFound."""
        with self._parts.library.read() as connection:
            evalset = evalsets.find(connection, request.name)
            pairs = judging_tasks.pairs_of_query(
                connection, evalset, request.rater, request.query_id
            )
        return self._texts.tasks(evalset, request.rater, pairs, self._settings())

    def give_judgment(self, request: GiveJudgment) -> JudgingProgress:
        """Record what a rater says of a pair; raises InvalidInput, NotFound."""
        said = request.judgment

        def give(connection: Connection, evalset: EvalSet) -> tuple[str, str]:
            judgments.give(connection, evalset, said, "room")
            return said.query_id, said.document

        return self._change(request.name, said.rater, give)

    def undo_judgment(self, request: UndoJudgment) -> JudgingProgress:
        """Take back a rater's last judgment in a set; raises NotFound."""
        rater = request.rater
        return self._change(request.name, rater, lambda c, s: judgments.undo(c, s, rater))

    def redo_judgment(self, request: RedoJudgment) -> JudgingProgress:
        """Give again what was taken back last; raises NotFound."""
        rater = request.rater
        return self._change(request.name, rater, lambda c, s: judgments.redo(c, s, rater))

    def _change(
        self, name: str, rater: str, change: Callable[[Connection, EvalSet], tuple[str, str]]
    ) -> JudgingProgress:
        """Change one pair, by query id and document, and tell how far the rater is then."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, name)
            pair = change(connection, evalset)
            progress = judgments.progress(connection, evalset, rater, pair)
        self._changed()
        return progress

    def get_judging_progress(self, request: GetJudgingProgress) -> JudgingProgress:
        """How far a rater is; raises NotFound."""
        with self._parts.library.read() as connection:
            evalset = evalsets.find(connection, request.name)
            return judgments.progress(connection, evalset, request.rater)

    def judge_from_thumbs(self, request: JudgeFromThumbs) -> SetOverview:
        """Take thumbs into a set as judgments; raises NotFound, InvalidInput."""
        with self._parts.library.write() as connection:
            evalset = evalsets.find(connection, request.name)
            judged_thumbs.take_in(
                connection,
                evalset,
                request.rater,
                request.label_ids,
                {1: request.grade_up, -1: request.grade_down},
            )
        return self._show_changed(request.name)

    # Raters

    def get_agreement(self, request: GetAgreement) -> Agreement:
        """How far a set's raters agree; raises NotFound."""
        with self._parts.library.read() as connection:
            evalset = evalsets.find(connection, request.name)
            raters = disagreements.grades_of_raters(connection, evalset.id)
        return agreement(raters)

    def list_disagreements(self, request: ListDisagreements) -> tuple[Disagreement, ...]:
        """Pairs that raters graded differently; raises NotFound."""
        with self._parts.library.read() as connection:
            evalset = evalsets.find(connection, request.name)
            return disagreements.disagreements(connection, evalset)

    def check_labels(self, request: CheckLabels) -> tuple[LabelFinding, ...]:
        """Judgments that deserve a second look; raises NotFound."""
        return checking.check(self._parts, self._settings(), request)

    # Measuring

    def compare(self, request: Compare) -> JobInfo:
        """Measure systems on a split and compare them."""
        return self._start(
            "evaluate",
            f"Comparing on {request.name}",
            lambda job: comparing.compare(self._parts, self._settings(), request, job),
            None,
            request,
        )

    def explain_query(self, request: ExplainQuery) -> QueryExplained:
        """How systems answer one query; raises NotFound, InvalidInput."""
        return explaining.explain(self._parts, self._settings(), request)

    def _show_changed(self, name: str) -> SetOverview:
        self._changed()
        return self.show_eval_set(ShowEvalSet(name))
