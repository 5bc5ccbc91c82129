"""The training page: what to train on, and views of tuning, of its data and of what was run."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.recipe import Origin
from engine.records import EvalSetInfo
from engine.requests import Finetune, ListEvalSets
from gui.background import Engine
from gui.theme import Space
from gui.training.data_view import DataView
from gui.training.more_view import MoreDataView
from gui.training.runs_view import RunsView
from gui.training.tune_view import TuneView
from gui.widgets.page import Page
from gui.widgets.switched_views import SwitchedViews
from gui.widgets.training_source import TrainingSource

TUNE, DATA, MORE, RUNS = range(4)


class _View(Protocol):
    """What a view of this page can do."""

    def load(self) -> None: ...


class TrainingPage(Page):
    """Tunes the active model to the user's field, and shows all that belongs to it."""

    models_wanted = Signal()
    """The user wants to see the models page."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "Training",
            "Teach the model what is relevant in your field. A tuned model is used only if it "
            "answers queries better that it was not trained on.",
            ("labels", "models", "evalsets", "training", "runs", "settings"),
            parent,
        )
        self.source = TrainingSource(Finetune(), "My own feedback")
        self.source.setAccessibleName("What to train on")
        self.tune_view = TuneView(engine)
        self.data_view = DataView(engine)
        self.more_view = MoreDataView(engine)
        self.runs_view = RunsView(engine)
        self._views: tuple[_View, ...] = (
            self.tune_view,
            self.data_view,
            self.more_view,
            self.runs_view,
        )
        self._out_of_date = set(range(len(self._views)))
        self.views = SwitchedViews(
            [
                ("Tune", self.tune_view),
                ("Data", self.data_view),
                ("More data", self.more_view),
                ("Runs", self.runs_view),
            ]
        )
        self._told: Finetune | None = None
        self._build_source()
        self.body.addWidget(self.views)
        self.body.addStretch()
        self.source.currentIndexChanged.connect(self._show_source)
        self.views.chosen.connect(self._show_view)
        self.tune_view.models_wanted.connect(self.models_wanted)
        self.tune_view.data_wanted.connect(lambda: self.views.choose(DATA))
        self.more_view.pairs_wanted.connect(self._show_pairs)
        self.data_view.more_wanted.connect(lambda: self.views.choose(MORE))
        self._show_source()

    def load(self) -> None:
        """Ask for what the view shows that is seen; the others load when they are."""
        self._out_of_date = set(range(len(self._views)))
        self.engine.ask(ListEvalSets(), self._show_sets, owner=self)
        self._show_view(self.views.current)

    def _build_source(self) -> None:
        label = QLabel("Train &on")
        label.setBuddy(self.source)
        self._source_row = QWidget()
        row = QHBoxLayout(self._source_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(label)
        row.addWidget(self.source)
        row.addStretch()
        self.body.addWidget(self._source_row)

    def _show_view(self, number: int) -> None:
        self._source_row.setVisible(number != RUNS)  # runs are of every source
        if number in self._out_of_date and self.isVisible():
            self._out_of_date.discard(number)
            self._views[number].load()

    def _show_pairs(self, origin: Origin) -> None:
        self.views.choose(DATA)
        self.data_view.show_origin(origin)

    def _show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        self.source.show_sets(sets)
        self.tune_view.show_sets(sets)
        self._show_source()

    def _show_source(self) -> None:
        chosen = self.source.chosen
        if chosen == self._told:
            return
        self._told = chosen
        for view in (self.tune_view, self.data_view, self.more_view):
            view.show_source(chosen.evalset, chosen.split)
