"""Systems side by side: their measures, how they differ, and each query."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.evaluation_records import ComparisonReport, Difference, SystemFigures
from gui.icons import icon
from gui.theme import Space
from gui.widgets.card import Card
from gui.widgets.comparison_words import (
    JUDGED,
    about_in_words,
    difference_in_words,
    is_poorly_judged,
    is_sure,
    judged_warning,
    short,
    tally_in_words,
)
from gui.widgets.notice import Notice
from gui.widgets.record_table import Column, RecordTable
from gui.widgets.wheel_guard import WheelGuard

_SYSTEM_ROWS, _QUERY_ROWS = (2, 8), (3, 9)


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A query on which two systems are compared."""

    query_id: str
    text: str
    first: float
    second: float

    @property
    def gain(self) -> float:
        """By how much the second is better."""
        return self.second - self.first


class ComparisonView(QWidget):
    """The tables of one report."""

    query_chosen = Signal(str, int, int)
    """A query's id, and the indices of the systems that are compared."""

    def __init__(
        self, report: ComparisonReport, set_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.report = report
        self.warning = Notice()
        if words := judged_warning(report):
            self.warning.say("warning", "Read these figures with care", words)
        self.systems: RecordTable[SystemFigures] = RecordTable(
            _system_columns(report), "Measures of the systems"
        )
        self.systems.show_records(report.systems)
        self.systems.fit(_SYSTEM_ROWS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.warning)
        column.addWidget(self._build_measures(about_in_words(report, set_name)))
        if len(report.systems) > 1:
            column.addWidget(self._build_differences())
        column.addWidget(self._build_queries())
        self._show_measure()

    def _build_measures(self, about: str) -> Card:
        card = Card("Measures", about)
        copy = QPushButton(icon("copy"), "Copy as TSV")
        copy.setToolTip("Copy the whole table, to paste it into a spreadsheet")
        copy.clicked.connect(self.systems.copy_all)
        card.buttons.addWidget(copy)
        card.body.addWidget(self.systems)
        return card

    def _build_differences(self) -> Card:
        card = Card("Differences", "Paired, query by query; better / equal / worse are queries.")
        self.differences: RecordTable[Difference] = RecordTable(
            [
                Column(
                    "In words",
                    lambda d: difference_in_words(self.report, d),
                    key=lambda d: -abs(d.gain),
                    bold=is_sure,
                ),
                Column(
                    "Better / equal / worse",
                    tally_in_words,
                    180,
                    key=lambda d: abs(d.wins - d.losses),
                    right=True,
                ),
                Column(
                    "Effect",
                    lambda d: short(abs(d.effect)),
                    84,
                    key=lambda d: abs(d.effect),
                    right=True,
                    hint="Mean difference over its standard deviation (Cohen's d): "
                    ".2 is small, .5 medium, .8 large",
                ),
            ],
            "Differences of the systems",
        )
        self.differences.selectionModel().selectionChanged.connect(self._take_pair)
        card.body.addWidget(self.differences)
        return card

    def _build_queries(self) -> Card:
        card = Card("Query by query", "Select a query to see why.")
        self.measure, self.first, self.second = QComboBox(), QComboBox(), QComboBox()
        for combo, name in (
            (self.measure, "Measure"),
            (self.first, "First system"),
            (self.second, "Second system"),
        ):
            combo.setAccessibleName(name)
            combo.setToolTip(name)
            combo.setMinimumContentsLength(10)
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        WheelGuard(self).guard(self.measure, self.first, self.second)
        names = self.report.systems[0].measures if self.report.systems else {}
        self.measure.addItems([name for name in names if name != JUDGED])
        for system in self.report.systems:
            self.first.addItem(system.name)
            self.second.addItem(system.name)
        self.second.setCurrentIndex(min(1, len(self.report.systems) - 1))
        row = QHBoxLayout()
        row.addWidget(self.measure, 1)
        row.addWidget(self.first, 2)
        row.addWidget(QLabel("against"))
        row.addWidget(self.second, 2)
        self.queries: RecordTable[QueryLine] = RecordTable(_QUERY_COLUMNS, "Queries compared")
        self.queries.setSelectionMode(self.queries.SelectionMode.SingleSelection)
        self.queries.selectionModel().selectionChanged.connect(self._choose)
        self.measure.currentIndexChanged.connect(self._show_measure)
        self.first.currentIndexChanged.connect(self._show_queries)
        self.second.currentIndexChanged.connect(self._show_queries)
        card.body.addLayout(row)
        card.body.addWidget(self.queries)
        return card

    def _show_measure(self) -> None:
        if len(self.report.systems) > 1:
            shown = [d for d in self.report.differences if d.measure == self.measure.currentText()]
            self.differences.show_records(shown)
            self.differences.fit(_SYSTEM_ROWS)
        self._show_queries()

    def _take_pair(self) -> None:
        if selected := self.differences.selected:
            self.first.setCurrentIndex(selected[0].first)
            self.second.setCurrentIndex(selected[0].second)

    def _show_queries(self) -> None:
        measure = self.measure.currentText()
        first, second = (
            self.report.systems[combo.currentIndex()].per_query.get(measure, {})
            for combo in (self.first, self.second)
        )
        lines = [
            QueryLine(query_id, text, first.get(query_id, 0.0), second.get(query_id, 0.0))
            for query_id, text in self.report.queries.items()
            if query_id in first or query_id in second
        ]
        lines.sort(key=lambda line: -abs(line.gain))
        self.queries.show_records(lines)
        self.queries.fit(_QUERY_ROWS)

    def _choose(self) -> None:
        if selected := self.queries.selected:
            self.query_chosen.emit(
                selected[0].query_id, self.first.currentIndex(), self.second.currentIndex()
            )


_QUERY_COLUMNS: tuple[Column[QueryLine], ...] = (
    Column("Query", lambda line: line.text),
    Column("First", lambda line: short(line.first), 90, key=lambda line: line.first, right=True),
    Column("Second", lambda line: short(line.second), 90, key=lambda line: line.second, right=True),
    Column(
        "Difference",
        lambda line: short(line.gain, signed=True) if line.gain else "=",
        110,
        key=lambda line: line.gain,
        color=lambda line: "good" if line.gain > 0 else "danger" if line.gain < 0 else "muted",
        right=True,
        hint="Second less first",
    ),
)


def _system_columns(report: ComparisonReport) -> list[Column[SystemFigures]]:
    measures = list(report.systems[0].measures) if report.systems else []
    columns: list[Column[SystemFigures]] = [
        Column("System", lambda s: s.name, 250, elide=Qt.TextElideMode.ElideMiddle)
    ]
    if JUDGED in measures:
        columns.append(
            Column(
                JUDGED,
                lambda s: f"{s.measures[JUDGED]:.0%}{' ⚠' if is_poorly_judged(s) else ''}",
                112,
                key=lambda s: s.measures[JUDGED],
                color=lambda s: "warning" if is_poorly_judged(s) else "text",
                right=True,
                hint="Share of the first ten that have a grade; the others count as not relevant",
            )
        )
    columns += [_measure(report, name) for name in measures if name != JUDGED]
    columns.append(
        Column(
            "p50 / p95 ms",
            _latency,
            key=lambda s: s.latency_p50_ms or 0.0,
            right=True,
            hint="Milliseconds a search takes: half of them, and 95 in 100, are faster",
        )
    )
    return columns


def _latency(system: SystemFigures) -> str:
    p50, p95 = system.latency_p50_ms, system.latency_p95_ms
    return "–" if p50 is None or p95 is None else f"{p50:,.0f} / {p95:,.0f}"


def _measure(report: ComparisonReport, name: str) -> Column[SystemFigures]:
    best = max(round(system.measures.get(name, 0.0), 4) for system in report.systems)
    return Column(
        name,
        lambda s: f"{s.measures[name]:.4f}" if name in s.measures else "–",
        max(74, 30 + 9 * len(name)),
        key=lambda s: s.measures.get(name, -1.0),
        bold=lambda s: len(report.systems) > 1 and round(s.measures.get(name, 0.0), 4) == best,
        right=True,
    )
