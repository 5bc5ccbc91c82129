"""Measured systems side by side: a row each, the best of a column in bold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from engine.records import EvaluationReport, Mode
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count

MODES: dict[Mode, str] = {"hybrid": "Hybrid", "lexical": "Keywords", "dense": "Meaning"}
_MEASURES = {
    "nDCG@10": "How well the first ten are ordered, by graded relevance",
    "RR@10": "One over the rank of the first relevant result within ten",
    "R@100": "Share of the relevant documents among the first hundred",
    "AP": "Average precision over the ranked list",
    "P@5": "Share of relevant documents among the first five",
}
_LATENCIES: dict[str, Callable[[EvaluationReport], float]] = {
    "p50 ms": lambda report: report.latency_ms.p50,
    "p95 ms": lambda report: report.latency_ms.p95,
}


class MeasuresTable(RecordTable[EvaluationReport]):
    """The reports of one evaluation after another; a system measured again replaces its row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._reports: dict[tuple[object, ...], EvaluationReport] = {}
        self._names: Mapping[str, str] = {}
        super().__init__(self._make_columns(), "Measured systems", parent)

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
        if column in _LATENCIES:
            read = _LATENCIES[column]
            return read(report) == min(map(read, rivals))
        values = [round(rival.measures.get(column, 0.0), 4) for rival in rivals]
        return round(report.measures.get(column, 0.0), 4) == max(values)

    def _show(self) -> None:
        self.show_records(self.reports)
        self.setFixedHeight(self.height_of_rows(min(max(len(self._reports), 2), 10)))

    def _make_columns(self) -> list[Column[EvaluationReport]]:
        columns: list[Column[EvaluationReport]] = [
            Column("Model", lambda report: self._names.get(report.model, report.model)),
            Column("Mode", _mode_in_words, 148),
            Column("Set", lambda report: f"{report.set} · {report.split}", 130),
        ]
        columns += [self._measure(name, hint) for name, hint in _MEASURES.items()]
        columns.append(
            Column(
                "Queries",
                lambda report: count(report.n_queries),
                72,
                key=lambda report: report.n_queries,
                right=True,
            )
        )
        columns += [self._latency(name) for name in _LATENCIES]
        return columns

    def _measure(self, name: str, hint: str) -> Column[EvaluationReport]:
        return Column(
            name,
            lambda report: f"{report.measures[name]:.4f}" if name in report.measures else "–",
            78,
            key=lambda report: report.measures.get(name, -1.0),
            bold=lambda report: self.is_best(report, name),
            right=True,
            hint=hint,
        )

    def _latency(self, name: str) -> Column[EvaluationReport]:
        read = _LATENCIES[name]
        return Column(
            name,
            lambda report: f"{read(report):.1f}",
            72,
            key=read,
            bold=lambda report: self.is_best(report, name),
            right=True,
            hint="Milliseconds a search takes: half of them, and 95 in 100, are faster",
        )


def _mode_in_words(report: EvaluationReport) -> str:
    return f"{MODES[report.mode]}, reranked" if report.reranked else MODES[report.mode]
