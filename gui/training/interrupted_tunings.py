"""Tunings that a crash or a restart ended, to go on with or to throw away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError, EngineGone
from engine.training_records import InterruptedTuning
from engine.training_requests import DiscardTuning, ListInterrupted, ResumeTuning
from gui.background import Engine
from gui.confirm import confirm
from gui.error_dialog import show_error
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.wording import count, date_time


class InterruptedTunings(QFrame):
    """A line for each; hidden while there is none."""

    resumed = Signal(object)
    """The JobInfo of the tuning that goes on."""
    found = Signal()
    """There are some."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._tunings: tuple[InterruptedTuning, ...] = ()
        self._busy = False
        self._rows: list[_Row] = []
        set_role(self, "notice")
        heading = QLabel("A tuning was interrupted and can go on")
        set_role(heading, "heading")
        self._column = QVBoxLayout()
        self._column.setSpacing(Space.S)
        self._column.addWidget(heading)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(IconLabel("info", "accent"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._column, 1)
        self.hide()

    def load(self) -> None:
        """Ask which there are."""
        self._engine.ask(ListInterrupted(), self.show_tunings, lambda _: None, owner=self)

    def show_tunings(self, tunings: tuple[InterruptedTuning, ...]) -> None:
        """Show these."""
        self.setVisible(bool(tunings))
        if tunings != self._tunings:
            self._tunings = tunings
            for row in self._rows:
                row.hide()
                row.deleteLater()
            self._rows = [self._row(tuning) for tuning in tunings]
        self.show_busy(self._busy)
        if tunings:
            self.found.emit()

    def show_busy(self, busy: bool) -> None:
        """Let none go on while a model is being tuned."""
        self._busy = busy
        for row in self._rows:
            row.resume.setEnabled(not busy)
            row.resume.setToolTip("A model is being tuned" if busy else "From its last checkpoint")

    @property
    def words(self) -> str:
        """What it says, a line each; empty while it is hidden."""
        return "" if self.isHidden() else "\n".join(row.label.text() for row in self._rows)

    def resume(self, tuning: InterruptedTuning) -> None:
        """Go on with one."""
        self.show_busy(True)
        self._engine.ask(ResumeTuning(tuning.job), self._begin, self._refuse, owner=self)

    def ask_to_discard(self, tuning: InterruptedTuning) -> None:
        """Ask first, then throw one away."""
        confirm(
            self,
            "Throw this tuning away?",
            f"{in_words(tuning)}. What it learned so far is lost; your judgments and the model in "
            "use are kept.",
            "Throw it away",
            lambda: self._discard(tuning),
        )

    def _discard(self, tuning: InterruptedTuning) -> None:
        request = DiscardTuning(tuning.job)
        self._engine.ask(request, lambda _: self.load(), self._refuse, owner=self)

    def _begin(self, info: object) -> None:
        self.resumed.emit(info)
        self.load()

    def _refuse(self, error: EngineError) -> None:
        self.show_busy(False)
        self.load()
        if not isinstance(error, EngineGone):  # that is told by the window
            show_error(error, self)

    def _row(self, tuning: InterruptedTuning) -> _Row:
        row = _Row(in_words(tuning))
        row.resume.clicked.connect(lambda: self.resume(tuning))
        row.discard.clicked.connect(lambda: self.ask_to_discard(tuning))
        self._column.addWidget(row)
        return row


class _Row(QWidget):
    def __init__(self, words: str) -> None:
        super().__init__()
        self.label = ElidedLabel(words)
        self.resume = QPushButton(icon("play"), "Resume")
        self.discard = QPushButton("Discard")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.label, 1)
        row.addWidget(self.resume)
        row.addWidget(self.discard)


def in_words(tuning: InterruptedTuning) -> str:
    """`Balanced · My own feedback · step 120 of 400 · begun 14 Mar 2023, 09:41`."""
    reached = (
        f"step {count(tuning.step)} of {count(tuning.n_steps)}"
        if tuning.step
        else "before its first checkpoint"
    )
    begun = f"begun {date_time(tuning.began_at)}"
    return " · ".join((tuning.recipe, tuning.source, reached, begun))
