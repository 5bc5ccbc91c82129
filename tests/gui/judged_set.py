"""An evaluation set in memory that answers what the judging room asks, as the engine does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import EngineError, NotFound
from engine.evaluation_records import (
    GRADED,
    GivenJudgment,
    JudgingProgress,
    JudgingTask,
    SetOverview,
    SetQuery,
)
from engine.evaluation_requests import (
    GetJudgingProgress,
    GiveJudgment,
    ListTasks,
    NextTasks,
    RedoJudgment,
    ShowEvalSet,
    UndoJudgment,
)
from engine.records import EvalSetInfo, Passage
from engine.requests import ListEvalSets

Pair = tuple[str, str]


def task(number: int, document: int, **changes: Any) -> JudgingTask:
    """A pair with two passages, whose query's word is marked."""
    first = f"The boiler of house {document} lost its pressure."
    second = f"Query {number} asks for the valve of house {document}."
    text = first + "\n\n" + "Nothing of interest. " * 80 + "\n\n" + second
    start = len(text) - len(second)
    made = JudgingTask(
        query_id=f"q{number}",
        query=f"boiler pressure {number}",
        document=f"d{number}-{document}",
        document_id=100 * number + document,
        title=f"House {number}-{document}",
        place=f"/houses/{number}/{document}.txt",
        media_type="text/plain",
        text=text,
        passages=(
            Passage(1, first, 0, len(first), None, ((4, 10),)),
            Passage(2, second, start, len(text), None, ()),
        ),
        given=None,
    )
    return replace(made, **changes)


@dataclass
class JudgedSet:
    """Pairs, and the line of time of what was said of them."""

    pairs: list[JudgingTask]
    guideline: str = "Exactly it: names the valve."
    scale: tuple[str, ...] = GRADED
    refuse: EngineError | None = None
    """What judgments fail with, while it is set."""
    not_pooled: tuple[str, ...] = ()
    """Ids of queries without documents."""
    events: list[GivenJudgment] = field(default_factory=list)
    undone: list[GivenJudgment] = field(default_factory=list)

    def script(self) -> dict[Any, Callable[[Any], Any] | Any]:
        """Answers for a ScriptedClient."""
        return {
            NextTasks: lambda asked: self.next_tasks(asked),
            ListTasks: lambda asked: tuple(
                self.as_given(each, asked.rater)
                for each in self.pairs
                if each.query_id == asked.query_id
            ),
            GiveJudgment: self.give,
            UndoJudgment: self.undo,
            RedoJudgment: self.redo,
            GetJudgingProgress: lambda asked: self.progress(asked.rater),
            ShowEvalSet: lambda _: self.overview(),
            ListEvalSets: (EvalSetInfo("houses", None, 10, ()),),
        }

    def given(self, pair: Pair, rater: str = "ann") -> GivenJudgment | None:
        """What a rater's last word on a pair is."""
        of_pair = [
            each
            for each in self.events
            if (each.query_id, each.document) == pair and each.rater == rater
        ]
        return of_pair[-1] if of_pair else None

    def as_given(self, pair: JudgingTask, rater: str) -> JudgingTask:
        """A pair as a rater sees it."""
        return replace(pair, given=self.given((pair.query_id, pair.document), rater))

    def next_tasks(self, asked: NextTasks) -> tuple[JudgingTask, ...]:
        """Those without a word on them, then those that were skipped."""
        tasks = [self.as_given(each, asked.rater) for each in self.pairs]
        left = [each for each in tasks if not each.given or each.given.grade is None]
        left.sort(key=lambda each: each.given is not None and each.given.skipped)
        return tuple(left[: asked.n])

    def give(self, asked: GiveJudgment) -> JudgingProgress | EngineError:
        """Append to the line of time."""
        if self.refuse is not None:
            return self.refuse
        self.undone.clear()
        self.events.append(asked.judgment)
        said = asked.judgment
        return self.progress(said.rater, (said.query_id, said.document))

    def undo(self, asked: UndoJudgment) -> JudgingProgress | EngineError:
        """Take back the last word."""
        if not self.events:
            return NotFound("Nothing to undo", "Nothing was judged.")
        taken = self.events.pop()
        self.undone.append(taken)
        return self.progress(asked.rater, (taken.query_id, taken.document))

    def redo(self, asked: RedoJudgment) -> JudgingProgress | EngineError:
        """Give again what was taken back."""
        if not self.undone:
            return NotFound("Nothing to redo", "Nothing was undone.")
        given = self.undone.pop()
        self.events.append(given)
        return self.progress(asked.rater, (given.query_id, given.document))

    def progress(self, rater: str, about: Pair | None = None) -> JudgingProgress:
        """How far a rater is."""
        said = [self.given((each.query_id, each.document), rater) for each in self.pairs]
        return JudgingProgress(
            n_done=sum(each is not None and each.grade is not None for each in said),
            n_total=len(self.pairs),
            n_skipped=sum(each is not None and each.skipped for each in said),
            n_flagged=sum(each is not None and each.flagged for each in said),
            seconds_each=7.0 if any(said) else None,
            seconds_left=None,
            undo="",
            redo="",
            about=about,
        )

    def overview(self) -> SetOverview:
        """The set with its queries."""
        flagged = {each.query_id for each in self.events if each.flagged}
        ids = dict.fromkeys((*(each.query_id for each in self.pairs), *self.not_pooled))
        queries = tuple(
            SetQuery(one, one, "test", "typed", 1, 0, 0, int(one in flagged)) for one in ids
        )
        return SetOverview(
            name="houses",
            root_id=None,
            guideline=self.guideline,
            scale=self.scale,
            queries=queries,
            versions=(),
            changed=True,
            grades={},
            raters=(),
            n_without_relevant=0,
            n_holes=len(self.pairs),
        )
