"""The way of one rater through a set: what is at hand, what comes next, back, undo and redo.

A judgment goes on to the next pair at once, which was fetched before it was needed; saving goes on
beside that. What could not be saved comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.client import EngineState
from engine.errors import EngineError, EngineGone, NotFound
from engine.evaluation_records import (
    GivenJudgment,
    JudgingOrder,
    JudgingProgress,
    JudgingTask,
)
from engine.evaluation_requests import (
    GetJudgingProgress,
    ListTasks,
    NextTasks,
    RedoJudgment,
    UndoJudgment,
)
from engine.events import Changed, Event
from gui.background import Engine, Pending
from gui.judging_saves import JudgingSaves, Refused, Write

AHEAD = 5
"""Pairs that are fetched before they are needed."""
_FETCH_BELOW = 3

Pair = tuple[str, str]
"""Query id and document."""


class JudgingSession(QObject):
    """Knows the pairs that were seen, the one at hand and those that come."""

    shown = Signal()
    """Another pair is at hand, or none, or more is said of it."""
    progressed = Signal(object)
    """A `JudgingProgress`."""
    said = Signal(str)
    """A short sentence about what cannot be done, or was undone."""
    trouble = Signal(object)
    """An EngineError: a judgment was not saved, or nothing more can be fetched."""

    def __init__(
        self,
        engine: Engine,
        set_name: str,
        rater: str,
        order: JudgingOrder,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.set_name, self.rater, self.order = set_name, rater, order
        self.saves = JudgingSaves(engine, self)
        self.progress: JudgingProgress | None = None
        self._engine = engine
        self._trail: list[JudgingTask] = []
        self._at = 0  # behind the last of the trail where nothing is at hand
        self._ahead: list[JudgingTask] = []
        self._asking: Pending | None = None
        self._going_to: Pending | None = None
        self._returning = False  # to a pair that is not there yet
        self._held: list[Callable[[], None]] = []
        self._ended = False
        self._again = False  # going through what was seen before, and nothing else
        self.saves.saved.connect(self._take_progress)
        self.saves.refused.connect(self._bring_back)
        engine.event_heard.connect(self._hear)
        engine.state_changed.connect(self._hear_state)

    @property
    def task(self) -> JudgingTask | None:
        """The pair at hand, with what was said of it; None where there is none (yet)."""
        return self._trail[self._at] if self._at < len(self._trail) else None

    @property
    def coming(self) -> tuple[JudgingTask, ...]:
        """What comes next, as far as it is known."""
        return tuple(self._ahead)

    @property
    def ended(self) -> bool:
        """Whether nothing is left that was not judged or skipped."""
        return self._ended and self.task is None

    def begin(self) -> None:
        """Fetch the first pairs."""
        self.ask_progress()
        self.fetch()

    def end(self) -> None:
        """Ask for nothing more, and be gone once what was said is saved."""
        for pending in (self._asking, self._going_to):
            if pending is not None:
                pending.cancel()
        self._engine.event_heard.disconnect(self._hear)
        self._engine.state_changed.disconnect(self._hear_state)
        self.shown.disconnect()
        self.saves.changed.connect(self._vanish)
        self._vanish()

    def _vanish(self) -> None:
        if not self.saves.n_waiting:
            self.deleteLater()

    # What a rater says

    def judge(self, grade: int, seconds: float | None) -> None:
        """Give the pair at hand a grade, and go on."""
        self._say_and_go_on(grade=grade, skipped=False, seconds=seconds)

    def skip(self, seconds: float | None) -> None:
        """Leave the pair at hand for later, and go on."""
        self._say_and_go_on(grade=None, skipped=True, seconds=seconds)

    def remark(self, **changes: object) -> None:
        """Flag the pair at hand, note something, or mark what decided it; it stays at hand."""
        if self._returning:
            self._held.append(lambda: self.remark(**changes))
        elif (task := self.task) is not None:
            self._give(task, seconds=None, **changes)
            self.shown.emit()

    def remark_on(self, pair: Pair, **changes: object) -> None:
        """The same for a pair that was seen, also if another is at hand by now."""
        task = next((task for task in self._trail if _pair(task) == pair), None)
        if task is not None:
            self._give(task, seconds=None, **changes)
            self.shown.emit()

    def as_given(self, task: JudgingTask) -> JudgingTask:
        """A pair with what was said of it last, also where that is not saved yet."""
        known = (each for each in (*self._trail, *self._ahead) if _pair(each) == _pair(task))
        seen = next(known, None)
        return task if seen is None else replace(task, given=seen.given)

    def judge_listed(self, task: JudgingTask, grade: int) -> GivenJudgment:
        """Give any pair a grade, without leaving the one at hand."""
        said = self._give(task, grade=grade, skipped=False, seconds=None)
        self.shown.emit()
        return said

    def undo(self) -> None:
        """Take back the last judgment, and go to its pair."""
        self._step_in_time(UndoJudgment(self.set_name, self.rater))

    def redo(self) -> None:
        """Give again what was undone last, and go to its pair."""
        self._step_in_time(RedoJudgment(self.set_name, self.rater))

    def save_again(self) -> None:
        """Send once more what was not saved, and go to what is not judged."""
        for refused in self.saves.not_saved:
            self._put(refused.said)
            self.saves.give(self.set_name, refused.said, refused.before)
        self._go_on()

    # Going about

    def back(self) -> None:
        """Go to the pair that was seen before."""
        if self._at > 0:
            self._at -= 1
            self.shown.emit()
        else:
            self.said.emit("Nothing was judged before this since you began")

    def forward(self) -> None:
        """Go to the pair that was seen after."""
        if self._at + 1 < len(self._trail) or (self.task is not None and _settled(self.task)):
            self._step()
        else:
            self.said.emit("Give it a grade, or skip it with S")

    def go_to(self, pair: Pair) -> None:
        """Show any pair of the set as the engine knows it now."""

        def show(tasks: tuple[JudgingTask, ...]) -> None:
            self._returning = False
            found = next((task for task in tasks if _pair(task) == pair), None)
            if found is not None:
                self.show_there(found)
            self._do_held()

        self._returning = True
        self._going_to = self._engine.ask(
            ListTasks(self.set_name, self.rater, pair[0]), show, self._not_there, owner=self
        )

    def show_there(self, task: JudgingTask) -> None:
        """Make a pair the one at hand: where it was seen, else before the one at hand."""
        self._change(_pair(task), task.given)
        seen = [number for number, each in enumerate(self._trail) if _pair(each) == _pair(task)]
        if seen:
            self._at = seen[0]
        else:
            self._trail.insert(self._at, task)
            self._ahead = [each for each in self._ahead if _pair(each) != _pair(task)]
        self.shown.emit()

    def go_through(self, tasks: Iterable[JudgingTask]) -> None:
        """Go through pairs that were seen before, and through nothing else."""
        self._again, self._ended = True, False
        self._ahead = list(tasks)
        self._at = len(self._trail)
        self._step()

    def go_on(self) -> None:
        """Go through what is not judged, after having gone through something else."""
        self._again, self._ended = False, False
        self._ahead = []
        self.fetch()

    def fetch(self) -> None:
        """Ask for what comes next, where it is not asked for already."""
        if self._asking is not None or self._again:
            return
        # What the engine does not know to be judged yet comes first in its answer.
        n = AHEAD + len(self._ahead) + self.saves.n_waiting + 1
        self._asking = self._engine.ask(
            NextTasks(self.set_name, self.rater, n, self.order),
            self._take,
            self._not_fetched,
            owner=self,
        )

    def ask_progress(self) -> None:
        """Ask how far the rater is."""
        self._engine.ask(
            GetJudgingProgress(self.set_name, self.rater),
            self._show_progress,
            lambda _: None,
            owner=self,
        )

    # Inside

    def _say_and_go_on(self, **changes: object) -> None:
        if self._returning:
            self._held.append(lambda: self._say_and_go_on(**changes))
        elif (task := self.task) is not None:
            self._give(task, **changes)
            self._step()

    def _give(self, task: JudgingTask, **changes: object) -> GivenJudgment:
        before = task.given
        blank = GivenJudgment(task.query_id, task.document, self.rater, None)
        said = replace(before or blank, at=0.0, **changes)  # type: ignore[arg-type]
        self._put(said)
        self.saves.give(self.set_name, said, before)
        return said

    def _put(self, said: GivenJudgment) -> None:
        """Show a judgment as given, wherever its pair is known."""
        self._change((said.query_id, said.document), said)

    def _change(self, pair: Pair, given: GivenJudgment | None) -> None:
        for tasks in (self._trail, self._ahead):
            for number, task in enumerate(tasks):
                if _pair(task) == pair:
                    tasks[number] = replace(task, given=given)
        if not self._again:
            self._ahead = [task for task in self._ahead if not _settled(task)]

    def _step(self) -> None:
        """To the next pair that was seen, else to the next that comes."""
        if self._at + 1 < len(self._trail):
            self._at += 1
        elif self._ahead:
            self._append(self._ahead.pop(0))
        else:
            self._at = len(self._trail)
            self._ended = self._again
        if len(self._ahead) < _FETCH_BELOW:
            self.fetch()
        self.shown.emit()

    def _go_on(self) -> None:
        """To the first pair of those that were seen that is not judged, else to the next."""
        left = (n for n, task in enumerate(self._trail) if not _settled(task))
        self._at = next(left, len(self._trail)) - 1
        self._step()

    def _append(self, task: JudgingTask) -> None:
        self._trail = [seen for seen in self._trail if _pair(seen) != _pair(task)]
        self._trail.append(task)
        self._at = len(self._trail) - 1

    def _take(self, tasks: tuple[JudgingTask, ...]) -> None:
        self._asking = None
        if self._again:
            return
        known = {_pair(task) for task in self._ahead}
        known |= {_pair(task) for task in self._trail if _settled(task)}
        known |= self.saves.settling
        if self.task is not None:
            known.add(_pair(self.task))
        self._ahead += [
            task for task in tasks if _pair(task) not in known and not _was_skipped(task)
        ]
        had_ended, self._ended = self._ended, not self._ahead
        if self.task is not None:
            return
        if self._ahead:
            self._append(self._ahead.pop(0))
            self.shown.emit()
        elif not had_ended:
            self.shown.emit()

    def _not_fetched(self, error: EngineError) -> None:
        """An engine that is gone is asked again when it is back."""
        self._asking = None
        if not isinstance(error, EngineGone):
            self.trouble.emit(error)

    def _not_there(self, error: EngineError) -> None:
        self._returning = False
        self._do_held()
        if not isinstance(error, EngineGone):
            self.trouble.emit(error)

    def _step_in_time(self, write: UndoJudgment | RedoJudgment) -> None:
        if self._returning:
            self._held.append(lambda: self._step_in_time(write))
            return
        # What is pressed until its pair is there is meant for that pair.
        self._returning = True
        self.saves.put(write)

    def _do_held(self) -> None:
        while self._held and not self._returning:
            self._held.pop(0)()

    def _take_progress(self, write: Write, progress: JudgingProgress) -> None:
        self._show_progress(progress)
        if isinstance(write, UndoJudgment | RedoJudgment):
            self._returning = False
            undone = isinstance(write, UndoJudgment)
            words = progress.redo if undone else progress.undo
            self.said.emit(f"{'Undone' if undone else 'Redone'}: {words}")
            if progress.about is not None:
                self.go_to(progress.about)
            self._do_held()

    def _show_progress(self, progress: JudgingProgress) -> None:
        self.progress = progress
        self.progressed.emit(progress)

    def _bring_back(self, refused: Refused | None, error: EngineError) -> None:
        if refused is None:  # undo or redo
            self._returning = False
            self._do_held()
            if isinstance(error, NotFound):
                self.said.emit(error.title)
            else:
                self.trouble.emit(error)
            return
        pair = refused.said.query_id, refused.said.document
        self._change(pair, refused.before)
        self._go_on_at_first_refused()
        self.trouble.emit(error)

    def _go_on_at_first_refused(self) -> None:
        pairs = {(each.said.query_id, each.said.document) for each in self.saves.not_saved}
        for number, task in enumerate(self._trail):
            if _pair(task) in pairs:
                self._at = number
                break
        self.shown.emit()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Changed) and event.what == "evalsets" and self.ended:
            self.fetch()  # more may have been pooled

    def _hear_state(self, state: EngineState, _: EngineError | None) -> None:
        if state == "ready":
            self.ask_progress()
            if len(self._ahead) < _FETCH_BELOW:
                self.fetch()


def _pair(task: JudgingTask) -> Pair:
    return task.query_id, task.document


def _settled(task: JudgingTask) -> bool:
    """Whether this rater has graded or skipped it."""
    return task.given is not None and (task.given.grade is not None or task.given.skipped)


def _was_skipped(task: JudgingTask) -> bool:
    return task.given is not None and task.given.skipped and task.given.grade is None
