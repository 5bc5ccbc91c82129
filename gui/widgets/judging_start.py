"""What is settled before judging: which set, who judges, in which order, blind or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation_records import OWNER, JudgingOrder, JudgingProgress, SetOverview
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.form import add, form
from gui.widgets.judging_progress import pace
from gui.wording import count, duration

Step = Literal["judge", "pool", "queries"]
"""What is to be done next with a set."""

_ORDERS: tuple[tuple[JudgingOrder, str], ...] = (
    ("pool", "Query by query"),
    ("active", "What matters most first"),
)
_BUTTONS: dict[Step, str] = {
    "judge": "Begin",
    "pool": "Pool documents…",
    "queries": "Add queries…",
}


@dataclass(frozen=True, slots=True)
class Begin:
    """How somebody wants to judge."""

    set_name: str
    rater: str
    order: JudgingOrder
    blind: bool


class JudgingStart(Card):
    """A form with one way on: to judge, or to what must be done first."""

    began = Signal(object)
    """A `Begin`."""
    pool_asked = Signal()
    queries_asked = Signal()
    left = Signal()
    """The set is to be shown, not judged."""
    changed = Signal()
    """Another set or rater was chosen: say how they stand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Judge", "", parent)
        self._step: Step | None = None
        self._eager = False
        self.set = QComboBox()
        self.rater = QLineEdit(OWNER)
        self.order = QComboBox()
        self.blind = QCheckBox("Hide where documents come from")
        self.stands = QLabel()
        self.more = QLabel()
        self.go = QPushButton("Begin")
        self.pool = QPushButton("Pool more…")
        self.back = QPushButton("Show the set")
        self._build()
        self.set.currentIndexChanged.connect(self.changed)
        self.rater.editingFinished.connect(self.changed)
        self.go.clicked.connect(self.do_next)
        self.pool.clicked.connect(self.pool_asked)
        self.back.clicked.connect(self.left)

    @property
    def chosen(self) -> Begin:
        """What is chosen."""
        return Begin(
            self.set.currentData() or "",
            self.rater.text().strip() or OWNER,
            self.order.currentData(),
            self.blind.isChecked(),
        )

    def show_sets(self, names: Sequence[str], chosen: str) -> None:
        """Offer sets, one of them chosen where it is among them."""
        self.set.blockSignals(True)
        self.set.clear()
        for name in names:
            self.set.addItem(set_in_words(name), name)
        self.set.setCurrentIndex(max(0, self.set.findData(chosen)))
        self.set.blockSignals(False)

    def choose(self, begin: Begin) -> None:
        """Fill in who judges, and how."""
        self.rater.setText(begin.rater)
        self.order.setCurrentIndex(max(0, self.order.findData(begin.order)))
        self.blind.setChecked(begin.blind)

    def show_standing(self, overview: SetOverview, progress: JudgingProgress) -> None:
        """Say how the set stands, and offer what comes next."""
        n_queries = count(len(overview.queries), "query", "queries")
        if not overview.queries:
            self._offer("queries", "This set has no queries yet.", "Add some to begin with.")
        elif not progress.n_total:
            self._offer(
                "pool",
                f"{n_queries}, and nothing to judge yet.",
                "Pool first: what the search finds for each query is put before you.",
            )
        elif progress.n_done + progress.n_skipped >= progress.n_total:
            self._offer(
                "judge",
                f"{count(progress.n_done)} of {count(progress.n_total)} judged: "
                f"nothing is left for {self.chosen.rater}.",
                "You can look again at what was flagged or skipped, or pool more.",
            )
        else:
            left = progress.n_total - progress.n_done
            words = "Every key is saved at once: you can stop at any time."
            if progress.seconds_each is not None:
                words = (
                    f"About {duration(progress.seconds_each * left)} at "
                    f"{pace(progress.seconds_each)} each. {words}"
                )
            self._offer(
                "judge",
                f"{count(left)} of {count(progress.n_total)} left to judge, for {n_queries}.",
                words,
            )
        self.pool.setVisible(bool(overview.queries) and self._step == "judge")

    def tell(self, words: str, more: str) -> None:
        """Say something else about the set."""
        self.stands.setText(words)
        self.more.setText(more)

    def do_next(self) -> None:
        """Go on."""
        if not self.go.isEnabled():
            return
        if self._step is None:
            self._eager = True
        elif self._step == "judge":
            self.began.emit(self.chosen)
        elif self._step == "pool":
            self.pool_asked.emit()
        else:
            self.queries_asked.emit()

    def show_busy(self, busy: bool, words: str = "") -> None:
        """Say that something must be waited for."""
        self.go.setEnabled(not busy)
        self.pool.setEnabled(not busy)
        if words:
            self.tell(words, "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, Esc goes back, from any field."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.do_next()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def wait(self) -> None:
        """How the set stands is being asked: who goes on before that is known begins then."""
        self._step, self._eager = None, False

    def _offer(self, step: Step, words: str, more: str) -> None:
        self._step = step
        self.tell(words, more)
        self.go.setText(_BUTTONS[step])
        if self._eager and step == "judge":
            self.began.emit(self.chosen)
        self._eager = False

    def _build(self) -> None:
        self.back.setToolTip("Its queries, versions and comparisons (Esc)")
        set_role(self.back, "link")
        self.buttons.addWidget(self.back)
        for order, words in _ORDERS:
            self.order.addItem(words, order)
        self.blind.setChecked(True)
        for button in (self.go, self.pool, self.back):
            button.setAutoDefault(True)  # Enter presses the one that has the keyboard
        self.go.setProperty("large", True)
        set_role(self.go, "primary")
        grid = form(self)
        add(grid, "Evaluation &set", self.set, "")
        add(grid, "Your &name", self.rater, "Each rater judges without seeing what others said")
        add(grid, "&Order", self.order, "What matters most first: where systems disagree")
        add(grid, "Blin&d", self.blind, "No place, no reason: nothing tells which system found it")
        for label, role in ((self.stands, "heading"), (self.more, "muted")):
            set_role(label, role)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        told = QVBoxLayout()
        told.setSpacing(Space.XS)
        told.addWidget(self.stands)
        told.addWidget(self.more)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addLayout(told, 1)
        row.addWidget(self.pool)
        row.addWidget(self.go)
        self.body.addLayout(row)
