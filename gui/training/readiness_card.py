"""What there is to learn from, whether that is enough, and the buttons that start."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from engine.records import EvalSetInfo, JobInfo, TrainingSummary
from engine.requests import Finetune
from engine.training_records import Suggestion
from gui.icons import icon
from gui.theme import Space, set_role
from gui.training.recipe_chooser import RecipeChooser
from gui.widgets.card import Card, explanation
from gui.widgets.stat import Stat
from gui.widgets.training_source import of_set_in_words
from gui.wording import count

_FEW_QUERIES = 150
"""With fewer judged queries all of a model's weights can seldom be taught anything general."""


class ReadinessCard(Card):
    """Counts of feedback, the recipe, and one primary button: the one that fits the data."""

    tune_asked = Signal()
    """Tune with the recipe that is chosen."""
    adapter_asked = Signal()
    """Fit the instant adapter."""
    data_asked = Signal()
    """Show what would be learnt, pair by pair."""

    def __init__(self, recipes: RecipeChooser, parent: QWidget | None = None) -> None:
        super().__init__("What the model can learn from", parent=parent)
        self._recipes = recipes
        self._summary: TrainingSummary | None = None
        self._suggestion: Suggestion | None = None
        self._sets: tuple[EvalSetInfo, ...] = ()
        self._evalset: str | None = None
        self._split = "train"
        self._running: JobInfo | None = None
        self._stats = {
            "n_thumbs_up": Stat("thumbs up"),
            "n_thumbs_down": Stat("thumbs down"),
            "n_judgments": Stat("judgments", "Grades 0 to 3 that you gave"),
            "n_queries": Stat(
                "queries with a relevant result", "Different queries with something relevant"
            ),
            "n_pairs": Stat("training pairs", "A query with a passage that answers it"),
            "new_since_last": Stat("new since the last tuning"),
        }
        self._enough = QProgressBar()
        self._enough.setTextVisible(False)
        self._enough.setAccessibleName("How much of the needed feedback there is")
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.advice = explanation("")
        self.advice.setTextFormat(Qt.TextFormat.PlainText)
        self.tune_button = QPushButton("Tune the model")
        self.tune_button.clicked.connect(self.tune_asked)
        self.adapter_button = QPushButton("Fit the instant adapter")
        self.adapter_button.clicked.connect(self.adapter_asked)
        self.data_button = QPushButton("See the pairs")
        set_role(self.data_button, "link")
        self.data_button.setToolTip("All that would be learnt, pair by pair")
        self.data_button.clicked.connect(self.data_asked)
        self.buttons.addWidget(self.data_button)
        self._lay_out()
        self._show()

    @property
    def adapter_first(self) -> bool:
        """Whether the instant adapter fits the data better than tuning all weights."""
        suggested = self._suggestion
        if self._evalset is None and suggested is not None and suggested.kind == "adapter":
            return True
        return 0 < self._n_queries < _FEW_QUERIES

    def show_summary(self, summary: TrainingSummary) -> None:
        """Show what feedback there is."""
        self._summary = summary
        for name, stat in self._stats.items():
            stat.show_number(getattr(summary, name))
        self._enough.setMaximum(max(summary.n_needed, 1))
        self._enough.setValue(min(summary.n_queries, summary.n_needed))
        self._show()

    def show_suggestion(self, suggestion: Suggestion) -> None:
        """Offer first what the engine suggests."""
        self._suggestion = suggestion
        self._show()

    def show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        """Know how many queries the sets have."""
        self._sets = sets
        self._show()

    def show_source(self, evalset: str | None, split: str) -> None:
        """Start from another source."""
        self._evalset, self._split = evalset, split
        self._show()

    def show_running(self, job: JobInfo | None) -> None:
        """Hold the buttons back while a model is being tuned."""
        self._running = job
        self._show()

    def hold(self) -> None:
        """Hold the buttons back until it is known what came of pressing one."""
        self.tune_button.setEnabled(False)
        self.adapter_button.setEnabled(False)

    @property
    def request(self) -> Finetune:
        """What the button for tuning asks for."""
        return Finetune(self._evalset, self._split, recipe=self._recipes.departing)

    @property
    def _n_queries(self) -> int:
        if self._evalset is None:
            return self._summary.n_queries if self._summary else 0
        return sum(
            split.n_queries
            for evalset in self._sets
            if evalset.name == self._evalset
            for split in evalset.splits
            if split.name == self._split
        )

    def _lay_out(self) -> None:
        self._numbers = QWidget()
        numbers = QHBoxLayout(self._numbers)
        numbers.setContentsMargins(0, 0, 0, 0)
        numbers.setSpacing(Space.L)
        for stat in self._stats.values():
            numbers.addWidget(stat)
        numbers.addStretch()
        start = QHBoxLayout()
        start.setSpacing(Space.M)
        start.addWidget(self.reason, 1)
        start.addWidget(self.adapter_button)
        start.addWidget(self.tune_button)
        self.body.addWidget(self._numbers)
        self.body.addWidget(self._enough)
        self.body.addLayout(start)
        self.body.addWidget(self.advice)
        self.body.addWidget(self._recipes)
        self.body.addWidget(
            explanation(
                "Part of the queries is held out to test the result. The model in use goes on "
                "answering meanwhile, and you can return to it at any time."
            )
        )

    def _show(self) -> None:
        """Say whether it can start, and if not, why."""
        summary, own = self._summary, self._evalset is None
        missing = summary.missing if own and summary else ""
        self._numbers.setVisible(own)
        self._enough.setVisible(bool(missing))
        if self._running is not None:
            why, ready = "A model is being tuned.", False
        elif not own:
            why, ready = of_set_in_words(self._split), True
        elif summary is None:
            why, ready = "", False
        elif missing:
            why, ready = missing, False
        else:
            why, ready = _enough_in_words(summary.new_since_last), True
        self.reason.setText(why)
        set_role(self.reason, "warning" if missing and self._running is None else "muted")
        self._show_buttons(why, ready)

    def _show_buttons(self, why: str, ready: bool) -> None:
        first = self.adapter_first
        for button, primary, words in (
            (self.tune_button, not first, "Takes minutes; searching goes on meanwhile"),
            (self.adapter_button, first, "Takes seconds; nothing is encoded again"),
        ):
            button.setEnabled(ready)
            button.setToolTip(words if ready else why)
            set_role(button, "primary" if primary else "")
            # The page's one large button is the one that fits the data.
            button.setStyleSheet("padding: 11px 28px" if primary else "padding: 11px 14px")
            button.setIcon(icon("sparkle", "on_accent") if primary else icon("sparkle"))
        self.advice.setText(self._advice_in_words() if ready and first else "")
        self.advice.setVisible(bool(self.advice.text()))

    def _advice_in_words(self) -> str:
        few = count(self._n_queries, "judged query", "judged queries")
        return (
            f"With {few} the instant adapter is the better start: it takes seconds, nothing is "
            "encoded again, and the same test decides. Tuning takes minutes and pays with more."
        )


def _enough_in_words(n_new: int) -> str:
    if not n_new:
        return "There is enough to learn from, though nothing is new since the last tuning."
    return f"There is enough to learn from: {count(n_new, 'label')} since the last tuning."
