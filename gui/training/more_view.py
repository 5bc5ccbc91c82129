"""More training data: hard negatives, made queries, the cross-encoder's labels."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.records import LibraryStatus
from engine.requests import GetStatus
from engine.training_records import RunFilter, RunRecord, TrainingOverview
from engine.training_requests import GetTrainingOverview, ListRuns
from gui.background import Engine, Pending
from gui.theme import Space
from gui.training.gathering_card import GatheringCard
from gui.training.llm_card import LlmCard
from gui.training.negatives_card import NegativesCard
from gui.training.queries_card import LabelsCard, QueriesCard

_RUNS = 60
"""Among which the last of each way is looked for."""


class MoreDataView(QWidget):
    """Ways to get more data, each with what it brought so far."""

    pairs_wanted = Signal(str)
    """The user wants to see the pairs of an origin."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._evalset: str | None = None
        self._split = "train"
        self._asking: Pending | None = None
        self.negatives = NegativesCard(engine)
        self.queries = QueriesCard(engine)
        self.llm = LlmCard(engine)
        self.labels = LabelsCard(engine)
        self.cards: tuple[GatheringCard, ...] = (
            self.negatives,
            self.queries,
            self.llm,
            self.labels,
        )
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(Space.L)
        for card in self.cards:
            card.changed.connect(self._load_overview)
            card.pairs_wanted.connect(self.pairs_wanted)
            self.body.addWidget(card)

    def load(self) -> None:
        """Ask for what is shown."""
        self._load_overview()
        self.llm.load()
        self.engine.ask(GetStatus(), self._show_jobs, lambda _: None, owner=self)
        runs = ListRuns(RunFilter(kinds=("gather",), limit=_RUNS))
        self.engine.ask(runs, self._show_runs, lambda _: None, owner=self)

    def show_source(self, evalset: str | None, split: str) -> None:
        """Take another source of training."""
        self._evalset, self._split = evalset, split
        for card in self.cards:
            card.show_source(evalset, split)
        if self.isVisible():
            self._load_overview()

    def _load_overview(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        request = GetTrainingOverview(self._evalset, self._split)
        self._asking = self.engine.ask(request, self._show_overview, self._do_without, owner=self)

    def _show_overview(self, overview: TrainingOverview) -> None:
        for card in self.cards:
            card.show_overview(overview)

    def _do_without(self, _: EngineError) -> None:
        """A split without judgments has no overview; what is made of it is told by each job."""

    def _show_jobs(self, status: LibraryStatus) -> None:
        for card in self.cards:
            card.adopt(status.jobs)

    def _show_runs(self, runs: tuple[RunRecord, ...]) -> None:
        for card in self.cards:
            card.show_runs(runs)
