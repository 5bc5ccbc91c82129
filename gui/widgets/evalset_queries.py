"""The queries of a set and how well each is judged."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation_records import SetOverview, SetQuery
from gui.confirm import confirm
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.empty_state import EmptyState
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count

_ROWS = (3, 14)
"""Seen at least and at most; the others are scrolled to."""
_WELL_JUDGED = 0.9
_ALL, _HOLES, _UNANSWERED, _FLAGGED = (
    "All queries",
    "With holes",
    "Without a relevant document",
    "Flagged",
)


def has_holes(query: SetQuery) -> bool:
    """Whether something pooled is not judged, or there is nothing at all."""
    return query.n_judged < query.n_pooled or not query.n_judged


def has_nothing_relevant(query: SetQuery) -> bool:
    """Whether it is judged, and nothing relevant was found."""
    return query.n_judged > 0 and query.n_relevant == 0


def judged_at_10_in_words(share: float | None) -> str:
    """A share as a percentage; a dash where there is none."""
    return "–" if share is None else f"{share:.0%}"


COLUMNS: tuple[Column[SetQuery], ...] = (
    Column("Query", lambda q: q.text),
    Column("Split", lambda q: q.split, 90),
    Column("Pooled", lambda q: count(q.n_pooled), 88, key=lambda q: q.n_pooled, right=True),
    Column(
        "Judged",
        lambda q: count(q.n_judged),
        88,
        key=lambda q: q.n_judged,
        right=True,
        color=lambda q: "warning" if has_holes(q) else "text",
        hint="Documents with a grade in force",
    ),
    Column(
        "Relevant",
        lambda q: count(q.n_relevant),
        96,
        key=lambda q: q.n_relevant,
        right=True,
        color=lambda q: "danger" if has_nothing_relevant(q) else "text",
        bold=has_nothing_relevant,
    ),
    Column(
        "Judged@10",
        lambda q: judged_at_10_in_words(q.judged_at_10),
        110,
        key=lambda q: -1.0 if q.judged_at_10 is None else q.judged_at_10,
        right=True,
        color=lambda q: (
            "warning" if q.judged_at_10 is not None and q.judged_at_10 < _WELL_JUDGED else "text"
        ),
        hint="Share of the first ten that have a grade, the least of the systems pooled from",
    ),
    Column("Flags", lambda q: count(q.n_flagged) if q.n_flagged else "", 76, right=True),
)


class QueriesPanel(QWidget):
    """A table with filters, and what can be done with the queries."""

    add_asked = Signal()
    history_asked = Signal()
    moved = Signal(tuple, str)
    """Query ids and the split they go to."""
    removed = Signal(tuple)
    """Query ids."""
    pool_asked = Signal(tuple)
    """Query ids."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queries: tuple[SetQuery, ...] | None = None
        self._splits: list[str] = []
        self.table: RecordTable[SetQuery] = RecordTable(COLUMNS, "Queries")
        self.add_button = QPushButton(icon("add"), "Add queries…")
        self.add_button.clicked.connect(self.add_asked)
        history, self.first_button = (
            QPushButton("From your searches…"),
            QPushButton("Type or paste…"),
        )
        set_role(self.first_button, "primary")
        history.clicked.connect(self.history_asked)
        self.first_button.clicked.connect(self.add_asked)
        self.nothing = EmptyState(
            "search",
            "No queries yet",
            "Begin with fifty or more that people really ask: type or paste them, import a file, "
            "or take a random sample of your own searches.",
            (self.first_button, history),
        )
        self._tools = self._build_tools()
        self._below = self._build_below()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        for widget in (self._tools, self.table, self._below, self.nothing):
            column.addWidget(widget)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.table)
        delete.setContext(delete.context().WidgetShortcut)
        delete.activated.connect(self._confirm_removal)
        self._enable()

    def show_queries(self, overview: SetOverview) -> None:
        """Show a set's queries."""
        if overview.queries == self._queries:
            return
        self._queries = overview.queries
        self._splits = sorted({query.split for query in overview.queries})
        for widget in (self._tools, self.table, self._below):
            widget.setVisible(bool(overview.queries))
        self.nothing.setVisible(not overview.queries)
        self._fill()

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """The ids of the selected queries."""
        return tuple(query.id for query in self.table.selected)

    def _build_tools(self) -> QWidget:
        self.kind = QComboBox()
        self.kind.addItems((_ALL, _HOLES, _UNANSWERED, _FLAGGED))
        self.kind.setAccessibleName("Which queries are shown")
        self.kind.currentIndexChanged.connect(self._fill)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by words or split")
        self.filter.setAccessibleName("Filter the queries")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(240)
        self.filter.textChanged.connect(self.table.filter_by)
        self._shown = QLabel()
        set_role(self._shown, "muted")
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.kind, self.filter, self._shown):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self.add_button)
        return tools

    def _build_below(self) -> QWidget:
        self.pool_button = QPushButton("Pool the selected…")
        self.pool_button.clicked.connect(lambda: self.pool_asked.emit(self.selected_ids))
        self.move_button = QPushButton("Move to split…")
        self.move_button.clicked.connect(self._ask_split)
        self.remove_button = QPushButton(icon("remove"), "Remove…")
        self.remove_button.setToolTip("Take the selected queries out of the set (Del)")
        self.remove_button.clicked.connect(self._confirm_removal)
        below = QWidget()
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch()
        for button in (self.pool_button, self.move_button, self.remove_button):
            row.addWidget(button)
        return below

    def _fill(self) -> None:
        queries = self._queries or ()
        shown = [query for query in queries if _is_of_kind(query, self.kind.currentText())]
        self.table.show_records(shown)
        self.table.fit(_ROWS)
        part = f"{count(len(shown))} of {count(len(queries))}"
        self._shown.setText("" if len(shown) == len(queries) else part)
        self._enable()

    def _enable(self) -> None:
        some = bool(self.table.selected)
        for button in (self.pool_button, self.move_button, self.remove_button):
            button.setEnabled(some)

    def _ask_split(self) -> None:
        ids = self.selected_ids
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Move to split")
        dialog.setLabelText(f"Split for {count(len(ids), 'query', 'queries')}")
        dialog.setComboBoxItems(self._splits)
        dialog.setComboBoxEditable(True)
        dialog.finished.connect(dialog.deleteLater)
        dialog.textValueSelected.connect(
            lambda split: self.moved.emit(ids, split.strip()) if split.strip() else None
        )
        dialog.open()

    def _confirm_removal(self) -> None:
        selected = self.table.selected
        if not selected:
            return
        ids = self.selected_ids
        judged = sum(query.n_judged for query in selected)
        lost = f"{count(judged, 'judged pair')} of theirs are lost with them." if judged else ""
        confirm(
            self,
            f"Remove {count(len(ids), 'query', 'queries')}?",
            f"{lost} Versions that were frozen keep them.".strip(),
            "Remove",
            lambda: self.removed.emit(ids),
        )


def _is_of_kind(query: SetQuery, kind: str) -> bool:
    if kind == _HOLES:
        return has_holes(query)
    if kind == _UNANSWERED:
        return has_nothing_relevant(query)
    return kind == _ALL or query.n_flagged > 0
