"""What a model reached: a row for each evaluation set and way of searching."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.training_records import MeasuredOn
from gui.models.model_facts import measured_how, measured_on
from gui.theme import Space
from gui.widgets.card import explanation
from gui.widgets.record_table import Column, RecordTable
from gui.wording import date, date_time

_ROWS = (1, 8)
_WIDTH = 92
_MOST = 4  # measures in columns; a row's tooltip has all


class MeasuresTable(QWidget):
    """The table, or why there is none."""

    def __init__(self, measured: Sequence[MeasuredOn], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        self.table: RecordTable[MeasuredOn] | None = None
        if not measured:
            column.addWidget(
                explanation(
                    "It was not measured yet. On Evaluation it can be, on your own judgments or on "
                    "an evaluation set."
                )
            )
            return
        self.table = RecordTable(_columns(measured), "What the model reached")
        self.table.show_records(measured)
        self.table.fit(_ROWS)
        column.addWidget(self.table)


def _columns(measured: Sequence[MeasuredOn]) -> list[Column[MeasuredOn]]:
    names = list(dict.fromkeys(name for reached in measured for name in reached.measures))
    return [
        Column("Set", measured_on, tooltip=_in_full),
        Column("Searched by", measured_how, 136),
        *(
            Column(name, _shown(name), _WIDTH, key=_value(name), right=True)
            for name in names[:_MOST]
        ),
        Column(
            "When",
            lambda reached: date(reached.at),
            84,
            key=lambda reached: reached.at,
            tooltip=lambda reached: date_time(reached.at),
        ),
    ]


def _in_full(reached: MeasuredOn) -> str:
    lines = [f"{name} {value:.4f}" for name, value in reached.measures.items()]
    return "\n".join([measured_on(reached), *lines])


def _value(name: str) -> Callable[[MeasuredOn], float]:
    return lambda reached: reached.measures.get(name, -1.0)


def _shown(name: str) -> Callable[[MeasuredOn], str]:
    def show(reached: MeasuredOn) -> str:
        value = reached.measures.get(name)
        return "–" if value is None else f"{value:.3f}"

    return show
