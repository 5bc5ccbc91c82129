"""The judgments and thumbs that were given: what a model would be trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from engine.evaluation_records import GRADED
from engine.records import Label
from gui.training_use import Use, uses
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count, date, date_time, file_name

_ROWS_SHOWN = 8
_USE_WORDS: dict[Use, str] = {
    "relevant": "Relevant",
    "not relevant": "Not relevant",
    "not used": "Not used",
}
_USE_COLORS: dict[Use, str] = {"relevant": "good", "not relevant": "danger", "not used": "muted"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A label, and what tuning makes of it."""

    label: Label
    use: Use


def value_in_words(label: Label) -> str:
    """What the user said of a document."""
    if label.kind == "judgment":
        return f"{label.value} · {GRADED[label.value].lower()}"
    return "Thumb up" if label.value > 0 else "Thumb down"


_COLUMNS: tuple[Column[_Row], ...] = (
    Column("Query", lambda row: row.label.query),
    Column(
        "Document",
        lambda row: row.label.title or file_name(row.label.document),
        260,
        tooltip=lambda row: row.label.document,
    ),
    Column(
        "You said",
        lambda row: value_in_words(row.label),
        156,
        key=lambda row: (row.label.kind, row.label.value),
    ),
    Column(
        "Taught as",
        lambda row: _USE_WORDS[row.use],
        136,
        color=lambda row: _USE_COLORS[row.use],
        hint="Grade 1 is not used, nor is a query without anything relevant; "
        "a judgment counts before a thumb",
    ),
    Column(
        "When",
        lambda row: date(row.label.at),
        100,
        key=lambda row: row.label.at,
        tooltip=lambda row: date_time(row.label.at),
    ),
)


class LabelsCard(Card):
    """A table of labels with a filter, and the passage behind the one that is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Your feedback",
            "Queries and passages, and what tuning would make of them; select a row to read its "
            "passage.",
            parent,
        )
        self._labels: tuple[Label, ...] | None = None
        self.use = QComboBox()
        self.use.addItem("All", None)
        for use, words in _USE_WORDS.items():
            self.use.addItem(words, use)
        self.use.setAccessibleName("Which feedback is shown")
        self.use.currentIndexChanged.connect(self._fill)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by query or document")
        self.filter.setAccessibleName("Filter the feedback")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(240)
        self.buttons.addWidget(self.use)
        self.buttons.addWidget(self.filter)
        self.table: RecordTable[_Row] = RecordTable(_COLUMNS, "Your feedback")
        self.filter.textChanged.connect(self.table.filter_by)
        self.table.selectionModel().selectionChanged.connect(self._show_passage)
        self.passage = QPlainTextEdit()
        self.passage.setReadOnly(True)
        self.passage.setTabChangesFocus(True)
        self.passage.setFixedHeight(96)
        self.passage.setAccessibleName("The passage")
        self.passage.hide()
        self._nothing = EmptyState(
            "thumb-up",
            "No feedback yet",
            "Search, then say with the thumbs or with the keys 0 to 3 how good a result is.",
        )
        self.body.addWidget(self.table)
        self.body.addWidget(self.passage)
        self.body.addWidget(self._nothing)
        self.show_labels(())

    def show_labels(self, labels: Sequence[Label]) -> None:
        """Show what was given, newest first."""
        if tuple(labels) == self._labels:
            return
        self._labels = tuple(labels)
        self._nothing.setVisible(not labels)
        for widget in (self.table, self.use, self.filter):
            widget.setVisible(bool(labels))
        self.heading.setText(f"Your feedback: {count(len(labels))}" if labels else "Your feedback")
        self._fill()

    @property
    def shown(self) -> list[Label]:
        """The labels in the table, in its order."""
        return [row.label for row in self.table.visible_records]

    def _fill(self) -> None:
        labels, wanted = self._labels or (), self.use.currentData()
        said = uses(labels)
        rows = [_Row(label, said[label.id]) for label in labels]
        self.table.show_records([row for row in rows if wanted in (None, row.use)])
        n_seen = min(max(len(labels), 2), _ROWS_SHOWN)
        self.table.setFixedHeight(self.table.height_of_rows(n_seen))
        self._show_passage()

    def _show_passage(self) -> None:
        selected = self.table.selected
        self.passage.setVisible(bool(selected))
        if selected:
            self.passage.setPlainText(selected[0].label.text)
