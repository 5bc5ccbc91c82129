"""Which held-out queries got better or worse by tuning, to be looked at before and after."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.training_records import ModelDetails, QueryChange
from gui.background import Engine
from gui.training.before_after import BeforeAfter
from gui.widgets.card import Card, explanation
from gui.widgets.gain_words import SAME, signed, tone
from gui.widgets.record_table import Column, RecordTable
from gui.widgets.segments import Segments
from gui.wording import count

_ROWS = (2, 8)


def _gain(change: QueryChange) -> float:
    return change.after - change.before


_COLUMNS: tuple[Column[QueryChange], ...] = (
    Column("Query", lambda change: change.query),
    Column("Before", lambda c: f"{c.before:.3f}", 90, key=lambda c: c.before, right=True),
    Column("After", lambda c: f"{c.after:.3f}", 90, key=lambda c: c.after, right=True),
    Column(
        "Change",
        lambda change: signed(_gain(change)),
        100,
        key=_gain,
        color=lambda change: tone(_gain(change)),
        right=True,
        hint="Of nDCG@10",
    ),
)
_KINDS: tuple[tuple[str, Callable[[QueryChange], bool]], ...] = (
    ("Better", lambda change: _gain(change) >= SAME),
    ("Worse", lambda change: _gain(change) <= -SAME),
    ("All", lambda _: True),
)


class ChangedQueries(Card):
    """A table of queries over the two answers to the one that is selected."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__("Queries that changed", parent=parent)
        self._changes: tuple[QueryChange, ...] = ()
        self.summary = explanation("")
        self.kinds = Segments([(word, "") for word, _ in _KINDS], "Queries")
        self.kinds.chosen.connect(lambda _: self._show_rows())
        self.buttons.addWidget(self.kinds)
        self.table: RecordTable[QueryChange] = RecordTable(_COLUMNS, "Queries that changed")
        self.table.setSelectionMode(RecordTable.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._compare())
        self.nothing = explanation("")
        self.answers = BeforeAfter(engine)
        for widget in (self.summary, self.table, self.nothing, self.answers):
            self.body.addWidget(widget)
        self.hide()

    def show_details(self, details: ModelDetails) -> None:
        """Show what tuning did to the queries that the gate asked."""
        record = details.record
        self._changes = record.changes if record else ()
        base = record.parents[0] if record and record.parents else details.info.base
        self.answers.show_models(base or "", details.info.id)
        numbers = [
            f"{count(sum(fits(change) for change in self._changes))} {word.lower()}"
            for word, fits in _KINDS[:2]
        ]
        same = sum(abs(_gain(change)) < SAME for change in self._changes)
        self.summary.setText(
            f"{', '.join(numbers)}, {count(same)} the same. Select one to see what the model found "
            "before and after."
        )
        self.summary.setVisible(bool(self._changes))
        fitting = (n for n, (_, fits) in enumerate(_KINDS) if any(map(fits, self._changes)))
        self.kinds.show_chosen(next(fitting, 0))
        self._show_rows()

    def _show_rows(self) -> None:
        number = self.kinds.number
        fitting = [change for change in self._changes if _KINDS[number][1](change)]
        order = Qt.SortOrder.AscendingOrder if number == 1 else Qt.SortOrder.DescendingOrder
        self.table.show_records(fitting)
        self.table.sortByColumn(3, order)  # the largest change first
        self.table.fit(_ROWS)
        self.table.setVisible(bool(fitting))
        self.nothing.setVisible(not fitting)
        self.nothing.setText(
            f"No query got {_KINDS[number][0].lower()}."
            if self._changes
            else "Which queries changed was not kept for this model."
        )
        self._compare()

    def _compare(self) -> None:
        selected = self.table.selected
        if selected:
            self.answers.show_query(selected[0].query, selected[0].relevant)
        else:
            self.answers.show_query("")
