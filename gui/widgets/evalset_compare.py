"""Chooses systems, measures them on a set, and shows how they compare."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation_records import ComparisonReport, SetOverview
from engine.evaluation_requests import Compare
from engine.records import ModelInfo
from gui.background import Engine
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.comparison_words import JUDGED
from gui.widgets.evalset_comparison import ComparisonView
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.evalset_explain import ExplainCard
from gui.widgets.systems_list import SystemsList
from gui.widgets.wheel_guard import WheelGuard
from gui.wording import count, date

MEASURES = {
    "nDCG@10": ("How well the first ten are ordered, by graded relevance", True),
    "nDCG'@10": ("The same, with what is not judged left out", True),
    "RR@10": ("One over the rank of the first relevant result within ten", True),
    "R@100": ("Share of the relevant documents that are among the first hundred", True),
    "AP": ("Average precision over the ranked list", True),
    "P@5": ("Share of relevant documents among the first five", False),
    "bpref": ("How often relevant documents stand before those judged not relevant", False),
    "infAP": ("Average precision, inferred where judgments have holes", False),
}
"""What each says, and whether it is chosen at first."""
_NO_SPLIT = "test"


class ComparePanel(QWidget):
    """A form, then the tables of the last report of this set, then one query explained."""

    asked = Signal(object)
    """A Compare."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overview: SetOverview | None = None
        self._reports: dict[str, ComparisonReport] = {}
        self.view: ComparisonView | None = None
        self.systems = SystemsList()
        self.split, self.version = QComboBox(), QComboBox()
        self.measures = {name: QCheckBox(name) for name in MEASURES}
        self.compare_button = QPushButton(icon("play", "on_accent"), "Compare")
        set_role(self.compare_button, "primary")
        self.compare_button.clicked.connect(lambda: self.asked.emit(self.request))
        self.explanation = ExplainCard(engine)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)
        self._column.addWidget(self._build_form())
        self._column.addWidget(self.explanation)
        self.systems.changed.connect(self._enable)

    @property
    def request(self) -> Compare:
        """What is chosen."""
        chosen = [name for name, box in self.measures.items() if box.isChecked()]
        return Compare(
            self._overview.name if self._overview else "",
            self.systems.systems,
            self.split.currentData() or _NO_SPLIT,
            self.version.currentData(),
            (*chosen, JUDGED),
        )

    def show_models(self, models: Sequence[ModelInfo]) -> None:
        """Offer the systems of these models."""
        self.systems.show_models(models)

    def show_set(self, overview: SetOverview) -> None:
        """Offer the splits and versions of a set, and show its last report."""
        other = self._overview is None or self._overview.name != overview.name
        self._overview = overview
        self.systems.show_runs(overview.runs)
        self._offer(self.split, _splits(overview), _NO_SPLIT)
        self._offer(self.version, _versions(overview), None)
        if other:
            self._show_report(self._reports.get(overview.name))
        self._enable()

    def take_report(self, report: ComparisonReport) -> None:
        """Keep a report, and show it where its set is shown."""
        self._reports[report.set] = report
        if self._overview is not None and self._overview.name == report.set:
            self._show_report(report)

    def _offer(self, combo: QComboBox, items: list[tuple[str, object]], first: object) -> None:
        if [combo.itemText(row) for row in range(combo.count())] == [words for words, _ in items]:
            return
        chosen = combo.currentData() if combo.count() else first
        combo.clear()
        for words, value in items:
            combo.addItem(words, value)
        values = [value for _, value in items]
        combo.setCurrentIndex(values.index(chosen) if chosen in values else 0)

    def _show_report(self, report: ComparisonReport | None) -> None:
        self.explanation.hide()
        if self.view is not None:
            self.view.hide()
            self.view.deleteLater()
            self.view = None
        if report is None or not report.systems:
            return
        self.view = ComparisonView(report, set_in_words(report.set))
        self.view.query_chosen.connect(self._explain)
        self._column.insertWidget(1, self.view)

    def _explain(self, query_id: str, first: int, second: int) -> None:
        if self.view is None:
            return
        report = self.view.report
        systems = [report.systems[number].system for number in (first, second)]
        self.explanation.explain(report.set, query_id, report.queries[query_id], systems)

    def _build_form(self) -> Card:
        card = Card("Compare systems", "Each answers all queries of the split; none is changed.")
        card.buttons.addWidget(self.compare_button)
        WheelGuard(self).guard(self.split, self.version)
        for combo in (self.split, self.version):
            combo.setMinimumContentsLength(18)
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        boxes = QGridLayout()
        boxes.setVerticalSpacing(Space.S)
        for number, (name, box) in enumerate(self.measures.items()):
            words, chosen = MEASURES[name]
            box.setToolTip(words)
            box.setChecked(chosen)
            box.toggled.connect(self._enable)
            boxes.addWidget(box, number // 3, number % 3)
        right = QFormLayout()
        right.setHorizontalSpacing(Space.M)
        right.setVerticalSpacing(Space.S)
        right.addRow("S&plit", self.split)
        right.addRow("&Version", self.version)
        right.addRow("Measures", boxes)
        label = QLabel("S&ystems")
        label.setBuddy(self.systems)
        left = QVBoxLayout()
        left.setSpacing(Space.XS)
        left.addWidget(label)
        left.addWidget(self.systems)
        left.addStretch()
        row = QHBoxLayout()
        row.setSpacing(Space.XL)
        row.addLayout(left, 1)
        row.addLayout(right, 1)
        card.body.addLayout(row)
        return card

    def _enable(self) -> None:
        judged = self._overview is not None and bool(self._overview.grades)
        n_systems = len(self.systems.systems)
        n_measures = sum(box.isChecked() for box in self.measures.values())
        self.compare_button.setEnabled(bool(judged and n_systems and n_measures))
        self.compare_button.setToolTip(
            "Judge first: nothing of this set has a grade"
            if not judged
            else f"Runs {count(n_systems, 'system')} over the queries of the split"
            if n_systems and n_measures
            else "Choose at least one system and one measure"
        )


def _splits(overview: SetOverview) -> list[tuple[str, object]]:
    sizes: dict[str, int] = {}
    for query in overview.queries:
        sizes[query.split] = sizes.get(query.split, 0) + 1
    return [
        (f"{split} ({count(n, 'query', 'queries')})", split) for split, n in sorted(sizes.items())
    ]


def _versions(overview: SetOverview) -> list[tuple[str, object]]:
    versions: list[tuple[str, object]] = [("As it stands now", None)]
    versions += [
        (f"Version {version.number} ({date(version.frozen_at)})", version.number)
        for version in reversed(overview.versions)
    ]
    return versions
