"""Hard negatives: passages that look right and are not."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QPushButton, QWidget

from engine.records import JobInfo
from engine.request import Request
from engine.training_records import TrainingOverview
from engine.training_requests import ForgetMade, MineNegatives
from gui.background import Engine
from gui.training.doubtful_dialog import DoubtfulDialog
from gui.training.gathering_card import GatheringCard, dress_number
from gui.wording import count


class NegativesCard(GatheringCard):
    """Mines them, and has the doubtful ones looked at by the user."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "negatives",
            (),
            "Hard negatives",
            "Passages that look as if they answered a judged query, and do not: they teach the "
            "model the fine differences. The cross-encoder checks each, and you decide where it "
            "is in doubt.",
            "Look for hard negatives",
            parent=parent,
        )
        self._n_doubtful = 0
        self.search_depth = self.add_number(
            "Look through", 10, 1000, 100, "Passages of each ranking, by words and by meaning."
        )
        self.per_query = self.add_number("Keep", 1, 50, 5, "Hard negatives of each query.")
        self.margin = QDoubleSpinBox()
        self.margin.setRange(0.0, 20.0)
        self.margin.setSingleStep(0.5)
        self.margin.setValue(1.0)
        dress_number(self.margin)
        self.add_option(
            "Margin",
            self.margin,
            "By how much the cross-encoder must score one below the passage that answers; "
            "what lies between is doubtful.",
        )
        self.review_button = QPushButton()
        self.review_button.clicked.connect(self.review)
        self.review_button.hide()
        self.below.addWidget(self.review_button)

    def request(self) -> Request[JobInfo]:
        """Mine them."""
        return MineNegatives(
            self.evalset,
            self.split,
            depth=self.search_depth.value(),
            margin=self.margin.value(),
            per_query=self.per_query.value(),
        )

    def forget_request(self) -> ForgetMade:
        """All of them, with what the user decided about the doubtful ones."""
        return ForgetMade(negatives=True)

    def show_overview(self, overview: TrainingOverview) -> None:
        """Offer what is in doubt."""
        super().show_overview(overview)
        self._n_doubtful = overview.n_doubtful
        self.review_button.setText(f"Review {count(overview.n_doubtful)} doubtful…")
        self.review_button.setVisible(overview.n_doubtful > 0)
        self._show_forget()

    def brought_in_words(self, overview: TrainingOverview) -> str:
        """How many there are, and how many wait for the user."""
        said = []
        if overview.n_mined:
            said.append(f"{count(overview.n_mined, 'hard negative')} would be taught.")
        if overview.n_doubtful:
            verb = "waits" if overview.n_doubtful == 1 else "wait"
            said.append(f"{count(overview.n_doubtful)} doubtful {verb} for you to look at.")
        return " ".join(said)

    def figures_in_words(self, figures: dict[str, float]) -> str:
        """What a run found."""
        n_queries = round(figures.get("n_queries", 0))
        if not n_queries:
            return "nothing new: every judged query had been looked at before."
        hard, doubtful, false = (
            round(figures.get(name, 0)) for name in ("n_hard", "n_doubtful", "n_false")
        )
        checked = hard + doubtful + false
        kept = f" ({hard / checked:.0%} of what was checked)".replace("%", " %") if checked else ""
        return (
            f"{count(n_queries, 'query', 'queries')} gave {count(hard, 'hard negative')}{kept}, "
            f"{count(doubtful)} doubtful; {count(false)} were left out, as good as the answer."
        )

    def review(self) -> None:
        """Have the doubtful ones decided."""
        dialog = DoubtfulDialog(self.engine, self)
        dialog.closed.connect(self.changed)
        dialog.load()
        dialog.open()

    def _show_last(self, figures: dict[str, float], at: float | None) -> None:
        super()._show_last(figures, at)
        self._show_forget()

    def _show_forget(self) -> None:
        self.forget_button.setVisible(self._n_doubtful > 0 or not self.last_run.isHidden())
