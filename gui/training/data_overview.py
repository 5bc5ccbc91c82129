"""What there is to train on: how good it is, what it lacks, where it comes from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.training_records import TrainingOverview
from gui.icons import icon
from gui.theme import Space, set_role
from gui.training.pair_words import PROBLEMS, origin_in_words, weight_in_words
from gui.training.score_ring import ScoreRing
from gui.widgets.card import Card
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.wrapped_label import wrapped_label
from gui.wording import count

_HINTS = 4
"""Of what is missing, shown at most: the most useful come first."""


class DataOverview(Card):
    """A ring, sentences, and chips that filter the pairs below."""

    origin_chosen = Signal(str)
    problem_chosen = Signal(str)
    excluded_chosen = Signal()
    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What the model would learn", parent=parent)
        self._shown: TrainingOverview | None = None
        self.export_button = QPushButton("Export…")
        self.export_button.setToolTip("Write the pairs that would be trained on, as JSON lines")
        self.export_button.clicked.connect(self.export_asked)
        self.buttons.addWidget(self.export_button, 0, Qt.AlignmentFlag.AlignTop)
        self.ring = ScoreRing()
        self._title = wrapped_label("heading")
        self._counts = wrapped_label("muted")
        self._missing = QVBoxLayout()
        self._missing.setSpacing(2)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("Looking at the pairs")
        self.origins = QWidget()
        self.problems = QWidget()
        self._build()
        self.show_busy()

    def show_busy(self) -> None:
        """Wait for an overview; what was shown before stays."""
        self._busy.show()
        self.export_button.setEnabled(self._shown is not None and self._shown.n_pairs > 0)
        if self._shown is None:
            self._title.setText("Looking at the pairs…")
            self._counts.setText("For the first time this takes a few seconds.")

    def forget(self) -> None:
        """Show nothing: another source is asked about."""
        self._shown = None
        self.ring.show_score(None)
        for part in (self.origins, self.problems):
            part.hide()
        _empty(self._missing)
        self.show_busy()

    def show_overview(self, overview: TrainingOverview) -> None:
        """Show how the data stand."""
        self._busy.hide()
        self.export_button.setEnabled(overview.n_pairs > 0)
        if overview == self._shown:
            return
        self._shown = overview
        self.ring.show_score(overview.score)
        self._title.setText(f"Quality {overview.score} of 100")
        self._counts.setText(
            f"{count(overview.n_pairs, 'pair')} of {count(overview.n_queries, 'query', 'queries')} "
            f"would be learnt; {count(overview.n_judged_queries, 'query', 'queries')} "
            f"that people judged can test what came of it."
        )
        self._show_missing(overview.missing)
        self._show_origins(overview)
        self._show_problems(overview)

    @property
    def words(self) -> str:
        """What it says."""
        labels = [label.text() for label in self.findChildren(QLabel) if not label.isHidden()]
        chips = [chip.text() for chip in self.findChildren(QPushButton) if not chip.isHidden()]
        return "\n".join((*labels, *chips))

    def _show_missing(self, missing: tuple[str, ...]) -> None:
        _empty(self._missing)
        for words in missing[:_HINTS]:
            label = wrapped_label()
            label.setText(f"•  {words}")
            self._missing.addWidget(label)

    def _show_origins(self, overview: TrainingOverview) -> None:
        flow = _emptied(self.origins)
        self.origins.setVisible(bool(overview.origins))
        for each in overview.origins:
            queries = count(each.n_queries, "query", "queries")
            weight = weight_in_words(each.weight)
            words = f"{origin_in_words(each.origin)}  ·  {count(each.n_pairs, 'pair')}"
            chip = _chip(
                words, f"{queries}; together they weigh as much as {weight} judged ones. Show them"
            )
            if each.n_pairs:
                chip.setText(f"{words}  ·  {queries}  ·  weight {weight}")
            chip.clicked.connect(lambda _=False, o=each.origin: self.origin_chosen.emit(o))
            flow.addWidget(chip)

    def _show_problems(self, overview: TrainingOverview) -> None:
        flow = _emptied(self.problems)
        found = [(key, overview.problems.get(key, 0)) for key in PROBLEMS]
        self.problems.setVisible(any(n for _, n in found) or overview.n_excluded > 0)
        for key, n in found:
            if n:
                _, several, meaning = PROBLEMS[key]
                chip = _chip(f"{count(n)} {several}", f"{meaning}. Show them")
                chip.setIcon(icon("info" if key == "gone" else "warning", "muted"))
                chip.clicked.connect(lambda _=False, p=key: self.problem_chosen.emit(p))
                flow.addWidget(chip)
        if overview.n_excluded:
            chip = _chip(f"{count(overview.n_excluded)} excluded", "You excluded them. Show them")
            chip.setIcon(icon("eye-off", "muted"))
            chip.clicked.connect(self.excluded_chosen)
            flow.addWidget(chip)

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._counts)
        words.addLayout(self._missing)
        words.addStretch()
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.body.addLayout(row)
        self.body.addWidget(self._busy)
        for part in (self.origins, self.problems):
            FlowLayout(part).setSpacing(Space.S)
            self.body.addWidget(part)
            part.hide()


def _chip(words: str, tooltip: str) -> QPushButton:
    chip = QPushButton(words)
    set_role(chip, "chip")
    chip.setToolTip(tooltip)
    return chip


def _emptied(part: QWidget) -> FlowLayout:
    flow = part.layout()
    assert isinstance(flow, FlowLayout)
    _empty(flow)
    return flow


def _empty(layout: FlowLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
