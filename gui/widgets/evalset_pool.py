"""Collects what is to be judged from what systems find, and says beforehand what it will cost."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QSpinBox, QWidget

from engine.errors import EngineError
from engine.evaluation_records import PoolEstimate, SetOverview
from engine.evaluation_requests import EstimatePool, Pool
from engine.records import ModelInfo
from gui.background import Engine, Pending
from gui.theme import set_role
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.form_dialog import FormDialog
from gui.widgets.systems_list import SystemsList
from gui.wording import count, duration

_SETTLE_MS = 150
_DEEPEST = 100
_MOST = 100_000


class PoolDialog(FormDialog):
    """Systems, depth and budget, with the minutes of judging that follow from them."""

    given = Signal(object)
    """A Pool."""

    def __init__(
        self,
        engine: Engine,
        overview: SetOverview,
        models: Sequence[ModelInfo],
        query_ids: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`query_ids` are the queries it is for; empty is all of them."""
        n_queries = len(query_ids) or len(overview.queries)
        super().__init__(
            f"Pool for “{set_in_words(overview.name)}”",
            f"What the systems find first for {count(n_queries, 'query', 'queries')} is put before "
            "the raters. Different systems find different things: several make a fair set.",
            "Pool",
            parent,
        )
        self._engine, self._name, self._query_ids = engine, overview.name, query_ids
        self._pending: Pending | None = None
        self.systems = SystemsList()
        self.deep, self.budget = QSpinBox(), QSpinBox()
        self.deep.setRange(1, _DEEPEST)
        self.deep.setValue(10)
        self.deep.setSuffix(" documents of each")
        self.budget.setRange(0, _MOST)
        self.budget.setSpecialValueText("No limit")
        self.budget.setSuffix(" new pairs")
        self.budget.setSingleStep(50)
        self.add("&Systems", self.systems)
        self.add("&Depth", self.deep, "How many of the first documents are taken of each system")
        self.add("&Budget", self.budget, "At most so many new pairs, the best ranked first")
        self.cost = QLabel()
        self.cost.setWordWrap(True)
        self.cost.setAccessibleName("Cost")
        self.put(self.cost)
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._estimate)
        self.systems.changed.connect(self._follow)
        self.deep.valueChanged.connect(self._follow)
        self.budget.valueChanged.connect(self._follow)
        self.accepted.connect(lambda: self.given.emit(self.request))
        self.systems.show_runs(overview.runs)
        self.systems.show_models(models)

    @property
    def request(self) -> Pool:
        """What is chosen."""
        budget = self.budget.value() or None
        return Pool(self._name, self.systems.systems, self.deep.value(), budget, self._query_ids)

    def _follow(self) -> None:
        chosen = bool(self.systems.systems)
        self.do.setEnabled(chosen)
        if chosen:
            self._soon.start()
        else:
            self._say("Choose at least one system.", "warning")

    def _estimate(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
        request = EstimatePool(
            self._name, len(self.systems.systems), self.deep.value(), self._query_ids
        )
        self._pending = self._engine.ask(request, self._show, self._do_without, owner=self)

    def _show(self, estimate: PoolEstimate) -> None:
        self._say(cost_in_words(estimate, self.budget.value() or None), "muted")

    def _do_without(self, error: EngineError) -> None:
        self._say(f"{error.message} {error.hint}".strip(), "warning")

    def _say(self, words: str, role: str) -> None:
        self.cost.setText(words)
        set_role(self.cost, role)


def cost_in_words(estimate: PoolEstimate, budget: int | None) -> str:
    """What a pool means in time: `About 320 new pairs, 53 min of judging at 10 s each.`."""
    new = estimate.n_new if budget is None else min(estimate.n_new, budget)
    if not new:
        return "Nothing new: all of it is pooled already."
    words = (
        f"About {count(new, 'new pair')}: {duration(new * estimate.seconds_each)} of judging at "
        f"{estimate.seconds_each:.0f} s each."
    )
    if estimate.n_known:
        words += f" {count(estimate.n_known)} more have a grade already."
    return words
