"""The run log: every job with its parameters, measures and curves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError, EngineGone, NotFound
from engine.training_records import RunRecord
from engine.training_requests import ExportRuns, GetRun, ListRuns
from gui.background import Engine, Pending
from gui.theme import Space
from gui.training.run_details import RunDetails
from gui.training.run_filter_row import RunFilterRow
from gui.training.run_words import (
    duration_in_words,
    kind_in_words,
    main_figure,
    seconds_of,
    state_color,
    state_in_words,
)
from gui.widgets.card import Card, explanation
from gui.widgets.empty_state import EmptyState
from gui.widgets.notice import Notice
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count, date_time

_ROWS = (3, 12)
_KIND = 1
_NARROW = 800
"""Below this the title alone has to say of what kind a run is."""
_COLUMNS: tuple[Column[RunRecord], ...] = (
    Column("When", lambda run: date_time(run.began_at), 150, key=lambda run: run.began_at),
    Column("Kind", kind_in_words, 110),
    Column("Title", lambda run: run.title),
    Column("State", state_in_words, 86, color=state_color, tooltip=lambda run: run.message),
    Column("Took", duration_in_words, 76, key=seconds_of, right=True),
    Column("Result", main_figure, 180, right=True),
)


class RunsView(QWidget):
    """A table of runs, and one of them in detail."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._asking: Pending | None = None
        self._asking_one: Pending | None = None
        self._shown = ""
        self.notice = Notice()
        self.filters = RunFilterRow()
        self.filters.changed.connect(self.load)
        self.export_button = QPushButton("Export…")
        self.export_button.setAccessibleName("Export runs")
        self.export_button.setToolTip("Write what is listed as a table (CSV) or as JSON lines")
        self.export_button.clicked.connect(self.choose_export)
        self.table: RecordTable[RunRecord] = RecordTable(_COLUMNS, "Runs")
        self.table.setSelectionMode(RecordTable.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._choose())
        self.said = explanation("")
        self.nothing = EmptyState(
            "list",
            "Nothing was run yet",
            "What is tuned, evaluated, imported, exported and made is listed here with all its "
            "settings and results, so that it can be looked up and repeated.",
        )
        self.details = RunDetails()
        self.details.closed.connect(self.table.clearSelection)
        self._lay_out()

    def load(self) -> None:
        """Ask for what is shown."""
        if self._asking is not None:
            self._asking.cancel()
        request = ListRuns(self.filters.filter)
        self._asking = self.engine.ask(request, self._show, self._refuse, owner=self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the titles."""
        super().resizeEvent(event)
        self.table.setColumnHidden(_KIND, self.width() < _NARROW)

    def choose_export(self) -> None:
        """Let the user name a file, then write what is listed."""
        dialog = QFileDialog(self, "Export runs")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["Table (*.csv)", "JSON lines, with curves (*.jsonl)"])
        dialog.setDefaultSuffix("csv")
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("jsonl" if "jsonl" in chosen else "csv")
        )
        dialog.selectFile("runs.csv")
        dialog.fileSelected.connect(self.export)
        dialog.open()

    def export(self, path: str) -> None:
        """Write what is listed to a file."""

        def told(written: str) -> None:
            self.notice.say("good", "The runs were exported", written)

        self.notice.hide()
        request = ExportRuns(path, self.filters.filter)
        self.engine.ask(request, told, self._refuse, owner=self)

    def _lay_out(self) -> None:
        self._list = Card()
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.filters, 1)
        row.addWidget(self.export_button)
        self._list.body.addLayout(row)
        self._list.body.addWidget(self.table)
        self._list.body.addWidget(self.said)
        self._list.hide()
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        for widget in (self.notice, self._list, self.nothing, self.details):
            column.addWidget(widget)

    def _show(self, runs: tuple[RunRecord, ...]) -> None:
        self._asking = None
        none_at_all = not runs and self.filters.is_open
        self._list.setVisible(not none_at_all)
        self.nothing.setVisible(none_at_all)
        self.export_button.setEnabled(bool(runs))
        chosen = self._shown
        self.table.show_records(runs)
        self.table.fit(_ROWS)
        self.said.setText(_said(len(runs), self.filters.filter.limit))
        again = next((run for run in self.table.visible_records if run.job == chosen), None)
        if again is None:
            self._show_one("")
            return
        if again not in self.table.selected:  # it is not what it was: it has ended
            self.table.selectRow(self.table.visible_records.index(again))
        self._ask_one(again.job)

    def _choose(self) -> None:
        selected = self.table.selected
        self._show_one(selected[0].job if selected else "")

    def _show_one(self, job: str) -> None:
        if job == self._shown:
            return
        self._shown = job
        self._ask_one(job)

    def _ask_one(self, job: str) -> None:
        if self._asking_one is not None:
            self._asking_one.cancel()
        if not job:
            self.details.show_run(None)
            return
        self._asking_one = self.engine.ask(
            GetRun(job), self.details.show_run, self._refuse, owner=self
        )

    def _refuse(self, error: EngineError) -> None:
        if isinstance(error, NotFound):  # thinned out meanwhile
            self.details.show_run(None)
        elif not isinstance(error, EngineGone):  # that is told by the window
            self.notice.say_failure(error)


def _said(found: int, limit: int) -> str:
    if not found:
        return "No run fits. Take away a word, or choose another kind or time."
    if found >= limit:
        return f"The newest {count(limit)} are listed. Select one to see all of it."
    return f"{count(found, 'run')}. Select one to see all of it."
