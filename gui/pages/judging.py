"""The judging page: from choosing how to judge, through the room, to what comes after."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.client import EngineState
from engine.errors import EngineError, EngineGone
from engine.evaluation_records import OWNER, JudgingOrder, JudgingProgress, JudgingTask, SetOverview
from engine.evaluation_requests import (
    GetJudgingProgress,
    ListTasks,
    NextTasks,
    Pool,
    ShowEvalSet,
)
from engine.events import Changed, Event, Failed, JobEvent
from engine.records import EvalSetInfo, JobInfo, LibraryStatus, ModelInfo
from engine.request import Request
from engine.requests import GetStatus, ListEvalSets, ListModels
from gui.background import Engine
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.judging_session import JudgingSession
from gui.theme import Space, set_role
from gui.widgets.empty_state import EmptyState
from gui.widgets.evalset_add_queries import AddQueriesDialog
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.evalset_form import SetForm
from gui.widgets.evalset_pool import PoolDialog
from gui.widgets.judging_end import JudgingEnd
from gui.widgets.judging_room import JudgingRoom
from gui.widgets.judging_start import Begin, JudgingStart
from gui.widgets.notice import Notice
from gui.widgets.scrolled_column import scrolled_column

R = TypeVar("R")

_WIDTH = 900


class JudgingPage(QWidget):
    """Asks how to judge, leads to what must be done first, and opens the room."""

    said = Signal(str)
    """A short sentence for the status bar."""
    next_asked = Signal(str, str)
    """The name of a set, and what is to be done with it: `agreement`, `freeze` or `compare`."""

    set_asked = Signal(str)
    """The set is to be shown, not judged; empty where there is none."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self.session: JudgingSession | None = None
        self.watch = JobWatch(engine, (), self)
        self.start = JudgingStart()
        self.room = JudgingRoom(engine)
        self.end = JudgingEnd()
        self.notice = Notice()
        self.states = QStackedWidget()
        self._chosen = Begin("", OWNER, "pool", blind=True)
        self._overview: SetOverview | None = None
        self._stale = True
        self._build()
        self._connect()

    # The page as the window sees it

    def begin(
        self, set_name: str, rater: str = "", order: JudgingOrder = "pool", blind: bool = True
    ) -> None:
        """Judge a set; without a rater, ask who judges first."""
        self._chosen = Begin(set_name, rater or self._chosen.rater, order, blind)
        self.start.choose(self._chosen)
        if rater:
            self._open_room(self._chosen)
        else:
            self._leave()

    def choose_set(self, set_name: str) -> None:
        """Ask who judges a set, and how."""
        self._chosen = Begin(set_name, self._chosen.rater, self._chosen.order, self._chosen.blind)
        self._leave()

    def remember(self, memory: QSettings) -> None:
        """Keep how was judged last."""
        chosen = self.start.chosen
        for name in ("rater", "order", "blind"):
            memory.setValue(f"judging/{name}", getattr(chosen, name))
        memory.setValue("judging/set", chosen.set_name or self._chosen.set_name)

    def recall(self, memory: QSettings) -> None:
        """Judge as was judged last."""
        order = memory.value("judging/order", "pool")
        self._chosen = Begin(
            str(memory.value("judging/set", "")),
            str(memory.value("judging/rater", OWNER)),
            order if order in ("pool", "active") else "pool",
            bool(memory.value("judging/blind", True, bool)),
        )
        self.start.choose(self._chosen)

    def showEvent(self, event: QShowEvent) -> None:
        """Load what is out of date; the keyboard is where one goes on."""
        super().showEvent(event)
        if self._stale and self.states.currentWidget() is not self.room:
            self.load()

    # The start

    def load(self) -> None:
        """Ask which sets there are, and how the chosen one stands."""
        self._stale = False
        self._ask(ListEvalSets(), self._show_sets)

    def _show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        names = [each.name for each in sets]
        self.start.show_sets(names, self._chosen.set_name)
        if not names:
            if self.states.currentWidget() is not self.room:
                self.states.setCurrentWidget(self._none)
                self._new.setFocus()
            return
        if self.states.currentWidget() is self._none:
            self.states.setCurrentWidget(self._beginning)
        self._show_standing()
        self._lead_on()

    def _show_standing(self) -> None:
        chosen = self.start.chosen
        if not chosen.set_name:
            return

        def show_overview(overview: SetOverview) -> None:
            self._overview = overview
            self._ask(
                GetJudgingProgress(chosen.set_name, chosen.rater),
                lambda progress: self._show_progress(chosen, overview, progress),
            )

        self._ask(ShowEvalSet(chosen.set_name), show_overview)

    def _lead_on(self) -> None:
        """Have Enter go on, unless the user is about to change what is chosen."""
        focused = self.window().focusWidget()
        choosing = focused in (self.start.set, self.start.rater, self.start.order)
        if self.states.currentWidget() is self._beginning and not choosing:
            self.start.go.setFocus()

    def _show_progress(
        self, chosen: Begin, overview: SetOverview, progress: JudgingProgress
    ) -> None:
        now = self.start.chosen
        if (now.set_name, now.rater) == (chosen.set_name, chosen.rater):
            self.start.show_standing(overview, progress)
            self._lead_on()

    def _make_set(self) -> None:
        def show(status: LibraryStatus) -> None:
            datasets = [root for root in status.roots if root.kind == "dataset"]
            form = SetForm(datasets, parent=self)
            form.given.connect(self._change)
            form.open()

        self._ask(GetStatus(), show)

    def _add_queries(self) -> None:
        dialog = AddQueriesDialog(self.engine, self.start.chosen.set_name, parent=self)
        dialog.given.connect(self._change)
        dialog.open()

    def _choose_pool(self) -> None:
        overview = self._overview
        if overview is None:
            return

        def show(models: tuple[ModelInfo, ...]) -> None:
            dialog = PoolDialog(self.engine, overview, models, parent=self)
            dialog.given.connect(self._pool)
            dialog.open()

        self._ask(ListModels(), show)

    def _change(self, request: Request[SetOverview]) -> None:
        def show(overview: SetOverview) -> None:
            self._chosen = Begin(
                overview.name, self.start.chosen.rater, self._chosen.order, self._chosen.blind
            )
            self.load()

        self._ask(request, show)

    def _pool(self, request: Pool) -> None:
        self.start.show_busy(True, "Searching for what is to be judged…")
        self.engine.ask(request, self.watch.follow, self._not_pooled, owner=self)

    def _pooled(self, _: JobInfo, end: JobEvent) -> None:
        self.start.show_busy(False)
        self.start.go.setFocus()
        if isinstance(end, Failed):
            self.notice.say_failure(end)
        self.load()

    def _not_pooled(self, error: EngineError) -> None:
        self.start.show_busy(False)
        self._tell(error)
        self._show_standing()

    # The room

    def _open_room(self, chosen: Begin) -> None:
        """Take the newest scale and guideline, then open the room."""
        self._chosen = chosen

        def enter(overview: SetOverview) -> None:
            self._end_session()
            self.session = JudgingSession(
                self.engine, chosen.set_name, chosen.rater, chosen.order, self
            )
            self.session.progressed.connect(self._follow_progress)
            self.session.shown.connect(self._show_room)
            self.session.trouble.connect(self._tell_outside)
            self.room.judge_blind(chosen.blind)
            blind = "  ·  blind" if chosen.blind else ""
            self.room.progress.show_who(f"{set_in_words(overview.name)}  ·  {chosen.rater}{blind}")
            self.notice.hide()
            self.states.setCurrentWidget(self.room)
            self.room.enter(self.session, overview.scale, overview.guideline)
            self.room.setFocus()

        self._ask(ShowEvalSet(chosen.set_name), enter)

    def _show_room(self) -> None:
        """More has come after the end."""
        has_task = self.session is not None and self.session.task is not None
        if has_task and self.states.currentWidget() is self.end:
            self.states.setCurrentWidget(self.room)
            self.room.setFocus()

    def _show_end(self) -> None:
        session = self.session
        if session is None:
            return
        if session.progress is not None:
            if not session.progress.n_total:
                self._leave()  # nothing was pooled: the start says what to do
                return
            self.end.tell(session.progress)
        self.states.setCurrentWidget(self.end)
        self.end.focus_first()

    def _follow_progress(self, progress: JudgingProgress) -> None:
        if self.states.currentWidget() is self.end:
            self.end.tell(progress)

    def _go_on_to(self, what: str) -> None:
        session = self.session
        if session is None or what == "leave":
            self._leave()
        elif what == "undo":
            session.undo()
        elif what == "back":
            session.back()
        elif what == "flagged":
            self._look_again()
        elif what == "skipped":
            n = session.progress.n_skipped if session.progress is not None else 0
            self._ask(
                NextTasks(session.set_name, session.rater, max(1, n), session.order),
                self._go_through,
            )
        else:
            self.next_asked.emit(session.set_name, what)

    def _look_again(self) -> None:
        """Gather what this rater flagged, query by query."""
        session = self.session
        assert session is not None
        found: list[JudgingTask] = []

        def ask_next(left: list[str]) -> None:
            if not left:
                self._go_through(tuple(found))
                return
            self._ask(
                ListTasks(session.set_name, session.rater, left[0]),
                lambda tasks: take(tasks, left[1:]),
            )

        def take(tasks: tuple[JudgingTask, ...], left: list[str]) -> None:
            found.extend(task for task in tasks if task.given is not None and task.given.flagged)
            ask_next(left)

        def begin(overview: SetOverview) -> None:
            ask_next([query.id for query in overview.queries if query.n_flagged])

        self._ask(ShowEvalSet(session.set_name), begin)

    def _go_through(self, tasks: tuple[JudgingTask, ...]) -> None:
        session = self.session
        if session is None or not tasks:
            return
        self.states.setCurrentWidget(self.room)
        session.go_through(tasks)
        self.room.setFocus()

    def _leave(self) -> None:
        self._end_session()
        self.states.setCurrentWidget(self._beginning)
        self.start.wait()
        self.start.go.setFocus()
        self.load()

    def settle(self) -> None:
        """Wait until what was said is saved: the window is closing."""
        if self.session is not None:
            self.session.saves.settle()

    def _end_session(self) -> None:
        session, self.session = self.session, None
        self.room.session = None
        if session is not None:
            session.end()

    # Hearing

    def _hear(self, event: Event) -> None:
        if isinstance(event, Changed) and event.what == "evalsets":
            self._stale = True
            if self.isVisible() and self.states.currentWidget() in (self._beginning, self._none):
                self.load()

    def _hear_state(self, state: EngineState, _: EngineError | None) -> None:
        if state == "ready":
            self._stale = True
            if self.isVisible() and self.states.currentWidget() in (self._beginning, self._none):
                self.load()

    def _ask(self, request: Request[R], success: Callable[[R], None]) -> None:
        self.engine.ask(request, success, self._tell, owner=self)

    def _tell_outside(self, error: EngineError) -> None:
        """What could not be saved is told also when the room was left meanwhile."""
        if self.states.currentWidget() is not self.room:
            self.notice.say("danger", f"Not saved. {error.title}", error.message)

    def _tell(self, error: EngineError) -> None:
        """That the engine is gone is told by the window."""
        if not isinstance(error, EngineGone):
            words = f"{error.message} {error.hint}".strip()
            self.notice.say("danger", error.title, words)

    # Building

    def _connect(self) -> None:
        self.engine.event_heard.connect(self._hear)
        self.engine.state_changed.connect(self._hear_state)
        self.watch.ended.connect(self._pooled)
        self.start.began.connect(self._open_room)
        self.start.changed.connect(self._show_standing)
        self.start.pool_asked.connect(self._choose_pool)
        self.start.queries_asked.connect(self._add_queries)
        self.start.left.connect(lambda: self.set_asked.emit(self.start.chosen.set_name))
        self.room.left.connect(self._leave)
        self.room.ended.connect(self._show_end)
        self.room.said.connect(self.said)
        self.end.asked.connect(self._go_on_to)

    def _build(self) -> None:
        self._new = QPushButton(icon("add"), "New set…")
        set_role(self._new, "primary")
        self._new.setAutoDefault(True)
        self._new.clicked.connect(self._make_set)
        self._none = EmptyState(
            "check",
            "Nothing to judge yet",
            "An evaluation set holds queries and how well documents answer them: with it, ways of "
            "searching can be measured and compared. Make one to begin with.",
            (self._new,),
        )
        column = QWidget()
        inside = QVBoxLayout(column)
        inside.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        inside.addWidget(self.start)
        inside.addStretch()
        self._beginning = scrolled_column(column, _WIDTH)
        for state in (self._beginning, self._none, self.room, self.end):
            self.states.addWidget(state)
        self.start.choose(self._chosen)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        around = QVBoxLayout()
        around.setContentsMargins(Space.L, 0, Space.L, 0)
        around.addWidget(self.notice)
        whole.addLayout(around)
        whole.addWidget(self.states, 1)
