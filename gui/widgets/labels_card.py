"""The judgments and thumbs that were given: what a model would be trained on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from engine.records import Label
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count, date, date_time, file_name

_ROWS_SHOWN = 8
_GRADES = ("0 · not relevant", "1 · related", "2 · relevant", "3 · exactly it")


def value_in_words(label: Label) -> str:
    """What the user said of a document."""
    if label.kind == "judgment":
        return _GRADES[label.value]
    return "Thumb up" if label.value > 0 else "Thumb down"


def _color(label: Label) -> str:
    return "good" if label.value > 0 else "danger" if label.value < 0 else "muted"


_COLUMNS: tuple[Column[Label], ...] = (
    Column("Query", lambda label: label.query),
    Column(
        "Document",
        lambda label: label.title or file_name(label.document),
        300,
        tooltip=lambda label: label.document,
    ),
    Column(
        "You said", value_in_words, 150, key=lambda label: (label.kind, label.value), color=_color
    ),
    Column(
        "When",
        lambda label: date(label.at),
        110,
        key=lambda label: label.at,
        tooltip=lambda label: date_time(label.at),
    ),
)


class LabelsCard(Card):
    """A table of labels with a filter, and the passage behind the one that is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Your feedback",
            "Each row is a query and a passage with what you said of it; select one to read the "
            "passage.",
            parent,
        )
        self._labels: tuple[Label, ...] | None = None
        self.kind = QComboBox()
        self.kind.addItems(("All", "Relevant", "Not relevant"))
        self.kind.setAccessibleName("Which feedback is shown")
        self.kind.currentIndexChanged.connect(self._fill)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by query or document")
        self.filter.setAccessibleName("Filter the feedback")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(240)
        self.buttons.addWidget(self.kind)
        self.buttons.addWidget(self.filter)
        self.table: RecordTable[Label] = RecordTable(_COLUMNS, "Your feedback")
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
        for widget in (self.table, self.kind, self.filter):
            widget.setVisible(bool(labels))
        self.heading.setText(f"Your feedback: {count(len(labels))}" if labels else "Your feedback")
        self._fill()

    def _fill(self) -> None:
        wanted = self.kind.currentIndex()
        labels = self._labels or ()
        shown = [label for label in labels if wanted == 0 or (label.value > 0) == (wanted == 1)]
        self.table.show_records(shown)
        rows = min(max(len(labels), 2), _ROWS_SHOWN)
        self.table.setFixedHeight(self.table.height_of_rows(rows))
        self._show_passage()

    def _show_passage(self) -> None:
        selected = self.table.selected
        self.passage.setVisible(bool(selected))
        if selected:
            self.passage.setPlainText(selected[0].text)
