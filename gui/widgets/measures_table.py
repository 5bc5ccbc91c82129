"""Measured systems side by side: a row each, the best of a column in bold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.records import EvaluationReport, Mode
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count

MODES: dict[Mode, str] = {"hybrid": "Hybrid", "lexical": "Keywords", "dense": "Meaning"}
SET_NAMES = {"judgments": "My judgments"}
"""What the set of the user's own judgments is called."""

_MEASURES = {
    "R@1": (70, "Share of the relevant documents that are in the first place"),
    "R@5": (70, "Share of the relevant documents that are among the first five"),
    "R@10": (76, "Share of the relevant documents that are among the first ten"),
    "nDCG@10": (92, "How well the first ten are ordered, by graded relevance"),
    "RR@10": (76, "One over the rank of the first relevant result within ten"),
    "R@100": (76, "Share of the relevant documents that are among the first hundred"),
    "AP": (78, "Average precision over the ranked list"),
    "P@5": (78, "Share of relevant documents among the first five"),
}
"""Width of the column, and what it says."""
OF_TEXTS = ("nDCG@10", "RR@10", "R@100", "AP", "P@5")
OF_PICTURES = ("R@1", "R@5", "R@10", "nDCG@10", "RR@10")
"""What tells most where a query has one picture that answers it."""
_LATENCY = "p50 / p95 ms"


class MeasuresTable(RecordTable[EvaluationReport]):
    """The reports of one evaluation after another; a system measured again replaces its row."""

    def __init__(
        self,
        measures: Sequence[str] = OF_TEXTS,
        name: str = "Measured systems",
        parent: QWidget | None = None,
    ) -> None:
        """A column for each of `measures`; `name` is what a screen reader calls the table."""
        self._measures = measures
        self._reports: dict[tuple[object, ...], EvaluationReport] = {}
        self._names: Mapping[str, str] = {}
        super().__init__(self._make_columns(), name, parent)

    def add(self, report: EvaluationReport) -> None:
        """Add a report."""
        key = (report.set, report.split, report.mode, report.model, report.reranked)
        self._reports.pop(key, None)
        self._reports[key] = report
        self._show()

    def name_models(self, names: Mapping[str, str]) -> None:
        """Say models' names by their ids."""
        self._names = dict(names)
        self._show()

    @property
    def reports(self) -> tuple[EvaluationReport, ...]:
        """What is shown."""
        return tuple(self._reports.values())

    def is_best(self, report: EvaluationReport, column: str) -> bool:
        """Whether no other system of the same set and split is better; False where it is alone."""
        rivals = [
            other
            for other in self._reports.values()
            if (other.set, other.split) == (report.set, report.split)
        ]
        if len(rivals) < 2:
            return False
        if column == _LATENCY:
            return report.latency_ms.p50 == min(rival.latency_ms.p50 for rival in rivals)
        values = [round(rival.measures.get(column, 0.0), 4) for rival in rivals]
        return round(report.measures.get(column, 0.0), 4) == max(values)

    def _show(self) -> None:
        self.show_records(self.reports)
        self.setFixedHeight(self.height_of_rows(min(max(len(self._reports), 2), 10)))

    def _make_columns(self) -> list[Column[EvaluationReport]]:
        columns: list[Column[EvaluationReport]] = [
            Column(
                "Model",
                lambda report: self._names.get(report.model, report.model),
                elide=Qt.TextElideMode.ElideMiddle,
            ),
            Column("Mode", _mode_in_words, 138),
            Column("Set", _set_in_words, 126),
        ]
        columns += [self._measure(name, *_MEASURES[name]) for name in self._measures]
        columns.append(
            Column(
                "n",
                lambda report: count(report.n_queries),
                58,
                key=lambda report: report.n_queries,
                right=True,
                hint="Queries that were measured",
            )
        )
        columns.append(
            Column(
                _LATENCY,
                lambda report: f"{report.latency_ms.p50:,.0f} / {report.latency_ms.p95:,.0f}",
                118,
                key=lambda report: report.latency_ms.p50,
                bold=lambda report: self.is_best(report, _LATENCY),
                right=True,
                hint="Milliseconds a search takes: half of them, and 95 in 100, are faster",
            )
        )
        return columns

    def _measure(self, name: str, width: int, hint: str) -> Column[EvaluationReport]:
        return Column(
            name,
            lambda report: f"{report.measures[name]:.4f}" if name in report.measures else "–",
            width,
            key=lambda report: report.measures.get(name, -1.0),
            bold=lambda report: self.is_best(report, name),
            right=True,
            hint=hint,
        )


def _mode_in_words(report: EvaluationReport) -> str:
    return f"{MODES[report.mode]}, reranked" if report.reranked else MODES[report.mode]


def _set_in_words(report: EvaluationReport) -> str:
    return f"{SET_NAMES.get(report.set, report.set)} · {report.split}"
