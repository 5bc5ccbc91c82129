"""A way to get more training data: what it is, what it brought, its button and its job."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError, EngineGone
from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.recipe import Origin
from engine.records import JobInfo
from engine.request import Request
from engine.training_records import (
    GATHERINGS,
    Gathering,
    RunRecord,
    SynthesisReport,
    TrainingOverview,
)
from engine.training_requests import ForgetMade
from gui.background import Engine
from gui.confirm import confirm
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.card import Card, explanation
from gui.widgets.job_card import JobCard
from gui.widgets.notice import Notice
from gui.widgets.wheel_guard import WheelGuard
from gui.widgets.wrapped_label import wrapped_label
from gui.wording import count, date_time

_NUMBER_WIDTH = 130
_LONGEST = 64
_EXAMPLES = 5
"""Of what was made, shown at most."""


class GatheringCard(Card):
    """Base of the cards; each says what it asks for and what came of it."""

    changed = Signal()
    """There are more training data, or fewer."""
    pairs_wanted = Signal(str)
    """The user wants to see the pairs of an origin."""

    def __init__(
        self,
        engine: Engine,
        way: Gathering,
        origins: tuple[Origin, ...],
        heading: str,
        words: str,
        start: str,
        *,
        folded: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`origins` are those of the pairs that it makes; `start` stands on its button.

        Where they are `folded`, its options show only once they are asked for.
        """
        super().__init__(heading, words, parent)
        self.engine = engine
        self.way = way
        self.origins = origins
        self.evalset: str | None = None
        self.split = "train"
        self.brought = wrapped_label()
        self.look_button = QPushButton("Look at them")
        set_role(self.look_button, "link")
        self.look_button.clicked.connect(self._look)
        self.last_run = explanation("")
        self.last_run.setTextFormat(Qt.TextFormat.PlainText)
        self.examples = explanation("")
        self.examples.setTextFormat(Qt.TextFormat.PlainText)
        self.examples.hide()
        self.notice = Notice()
        self.options = QWidget()
        self.options_button = QPushButton("Options")
        self.options_button.setCheckable(True)
        set_role(self.options_button, "quiet")
        self.options_button.setVisible(folded)
        self.options_button.toggled.connect(self.options.setVisible)
        self.options.setVisible(not folded)
        self.start_button = QPushButton(start)
        set_role(self.start_button, "primary")
        self.start_button.clicked.connect(self.start)
        self.forget_button = QPushButton("Throw away…")
        self.forget_button.clicked.connect(self.ask_to_forget)
        self.below = QHBoxLayout()
        """Buttons at the left."""
        self.watch = JobWatch(engine, (), self)
        self.job_card = JobCard(self.watch)
        self.watch.changed.connect(self._follow)
        self.watch.ended.connect(self._tell_end)
        self._origin_to_see: Origin | None = None
        self._build()

    # What each card says

    def request(self) -> Request[JobInfo]:
        """What its button asks for."""
        raise NotImplementedError

    def forget_request(self) -> ForgetMade:
        """What is thrown away."""
        return ForgetMade(by=self.origins)

    def brought_in_words(self, overview: TrainingOverview) -> str:
        """What there is of it, and how it is marked; empty where there is nothing."""
        own = [each for each in overview.origins if each.origin in self.origins]
        if not own:
            return ""
        n_pairs = sum(each.n_pairs for each in own)
        if not n_pairs:
            return "All that was made is left out: excluded, or with a problem."
        pairs = count(n_pairs, "pair")
        queries = count(sum(each.n_queries for each in own), "query", "queries")
        return f"{pairs} of {queries} would be learnt; they are marked as made and weigh less."

    def figures_in_words(self, figures: dict[str, float]) -> str:
        """What came of a run, from its report's numbers."""
        raise NotImplementedError

    # What all of them do

    def show_source(self, evalset: str | None, split: str) -> None:
        """Gather for another source of training."""
        self.evalset, self.split = evalset, split

    def show_overview(self, overview: TrainingOverview) -> None:
        """Show what there is of it."""
        words = self.brought_in_words(overview)
        self.brought.setText(words or "Nothing so far.")
        set_role(self.brought, "" if words else "muted")
        own = [each for each in overview.origins if each.origin in self.origins]
        most = max(own, key=lambda each: each.n_pairs, default=None)
        self._origin_to_see = most.origin if most is not None else None
        self.look_button.setVisible(most is not None)
        self.forget_button.setVisible(bool(words))

    def show_runs(self, runs: tuple[RunRecord, ...]) -> None:
        """Show what came of the last of these that is its own and came to its end."""
        own = (run for run in runs if run.title == GATHERINGS[self.way] and run.metrics)
        last = next(own, None)
        if last is not None:
            self._show_last(last.metrics, last.ended_at or last.began_at)

    def adopt(self, jobs: tuple[JobInfo, ...]) -> None:
        """Take up its jobs among these."""
        for job in jobs:
            if job.kind == "gather" and job.title == GATHERINGS[self.way]:
                self.watch.follow(job)

    def start(self) -> None:
        """Ask for it with the options that are chosen."""
        self.notice.hide()
        self.start_button.setEnabled(False)
        self.engine.ask(self.request(), self.watch.follow, self._refuse, owner=self)

    def ask_to_forget(self) -> None:
        """Ask first, then throw away what was made."""
        confirm(
            self,
            f"Throw away what “{self.heading.text()}” made?",
            "What people judged stays. It can be made again, which takes as long as it took.",
            "Throw it away",
            self._forget,
        )

    def add_number(self, name: str, low: int, high: int, value: int, words: str) -> QSpinBox:
        """A number among the options."""
        field = QSpinBox()
        field.setRange(low, high)
        field.setValue(value)
        field.setGroupSeparatorShown(True)
        dress_number(field)
        self.add_option(name, field, words)
        return field

    def add_option(self, name: str, field: QWidget, words: str) -> None:
        """A field among the options, with what it does beside it."""
        self._guard.guard(field)
        field.setAccessibleName(name)
        field.setAccessibleDescription(words)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(field)
        row.addWidget(explanation(words), 1)
        self._form.addRow(name, row)

    def _forget(self) -> None:
        def done(_: None) -> None:
            self.last_run.hide()
            self.examples.hide()
            self.notice.hide()
            self.changed.emit()

        self.engine.ask(self.forget_request(), done, self._refuse, owner=self)

    def _look(self) -> None:
        if self._origin_to_see is not None:
            self.pairs_wanted.emit(self._origin_to_see)

    def _follow(self) -> None:
        busy = self.watch.current is not None
        self.start_button.setEnabled(not busy)
        self.forget_button.setEnabled(not busy)

    def _refuse(self, error: EngineError) -> None:
        self._follow()
        if not isinstance(error, EngineGone):  # that is told by the window
            self.notice.say_failure(error)

    def _tell_end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=result):
                figures = {
                    name: float(getattr(result, name))
                    for name in getattr(result, "__struct_fields__", ())
                    if isinstance(getattr(result, name), int | float)
                }
                self._show_last(figures, None)
                self._show_examples(result.examples if isinstance(result, SynthesisReport) else ())
            case Failed():
                self.notice.say_failure(end)
            case Cancelled():
                self.notice.say("notice", "Stopped", "What was made until then is kept.")
        self.changed.emit()

    def _show_last(self, figures: dict[str, float], at: float | None) -> None:
        when = "This time" if at is None else f"Last time, {date_time(at)}"
        self.last_run.setText(f"{when}: {self.figures_in_words(figures)}")
        self.last_run.show()

    def _show_examples(self, examples: tuple[tuple[str, str], ...]) -> None:
        lines = [
            f"“{_beginning(query)}”  ←  {_beginning(passage)}"
            for query, passage in examples[:_EXAMPLES]
        ]
        self.examples.setText("\n".join(lines))
        self.examples.setVisible(bool(lines))

    def _build(self) -> None:
        self._guard = WheelGuard(self)
        self._form = QFormLayout(self.options)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(Space.L)
        self._form.setVerticalSpacing(Space.S)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.last_run.hide()
        self.look_button.hide()
        self.forget_button.hide()
        brought = QHBoxLayout()
        brought.setSpacing(Space.S)
        brought.addWidget(self.brought, 1)
        brought.addWidget(self.look_button)
        said = QVBoxLayout()
        said.setSpacing(Space.XS)
        said.addLayout(brought)
        said.addWidget(self.last_run)
        said.addWidget(self.examples)
        self.below.setSpacing(Space.S)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.start_button)
        buttons.addLayout(self.below)
        buttons.addWidget(self.options_button)
        buttons.addStretch()
        buttons.addWidget(self.forget_button)
        self.body.addLayout(said)
        self.body.addWidget(self.options)
        self.body.addWidget(self.notice)
        self.body.addLayout(buttons)
        self.body.addWidget(self.job_card)


def dress_number(field: QAbstractSpinBox) -> None:
    """Make a field for a number look as all do."""
    field.setFixedWidth(_NUMBER_WIDTH)
    field.lineEdit().setTextMargins(Space.S, 0, 0, 0)


def share_in_words(part: float, whole: float) -> str:
    """`412 of 500 (82 %)`."""
    share = round(100 * part / whole)
    return f"{count(round(part))} of {count(round(whole))} ({share} %)"


def _beginning(text: str) -> str:
    """As much of a text as leaves room for another beside it."""
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
