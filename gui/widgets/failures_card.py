"""The files that could not be indexed: why, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.records import Failure
from gui.file_browser import show_in_folder
from gui.icons import icon
from gui.widgets.card import Card
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count, date, date_time, file_name

_ROWS_SHOWN = 7

_COLUMNS: tuple[Column[Failure], ...] = (
    Column(
        "File",
        lambda f: file_name(f.path),
        220,
        tooltip=lambda f: f.path,
        elide=Qt.TextElideMode.ElideMiddle,
    ),
    Column("Why", lambda f: f.reason, 170),
    Column("What helps", lambda f: f.hint),
    Column(
        "When", lambda f: date(f.at), 100, key=lambda f: f.at, tooltip=lambda f: date_time(f.at)
    ),
)


class FailuresCard(Card):
    """A table of failures with a filter; hidden while there are none."""

    retry = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Files that could not be read",
            "Everything else is searchable. Fix the cause, then try again.",
            parent,
        )
        self._failures: tuple[Failure, ...] = ()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by file or reason")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter the failed files")
        self.filter.setFixedWidth(240)
        again = QPushButton(icon("refresh"), "Try again")
        again.setToolTip("Read all failed files anew")
        again.clicked.connect(self.retry)
        self.buttons.addWidget(self.filter)
        self.buttons.addWidget(again)
        self.table: RecordTable[Failure] = RecordTable(_COLUMNS, "Files that could not be read")
        self.filter.textChanged.connect(self.table.filter_by)
        self.body.addWidget(self.table)
        self.body.addLayout(self._below())
        self.hide()

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Show what failed."""
        self.heading.setText(f"{count(len(failures), 'file')} could not be read")
        if tuple(failures) != self._failures:
            self._failures = tuple(failures)
            self.table.show_records(failures)
            rows = min(max(len(failures), 2), _ROWS_SHOWN)
            self.table.setFixedHeight(self.table.height_of_rows(rows))
        self.setVisible(bool(failures))

    def _below(self) -> QHBoxLayout:
        show = QPushButton(icon("folder-open"), "Show in folder")
        copy = QPushButton(icon("copy"), "Copy path")
        row = QHBoxLayout()
        row.addStretch()
        for button, act in ((show, self._show_selected), (copy, self._copy_selected)):
            button.setEnabled(False)
            button.clicked.connect(act)
            action = QAction(button.icon(), button.text(), self.table)
            action.triggered.connect(act)
            self.table.addAction(action)
            row.addWidget(button)
        self.table.doubleClicked.connect(self._show_selected)

        def enable() -> None:
            some = self.table.selected
            show.setEnabled(any(Path(failure.path).parent.is_dir() for failure in some))
            copy.setEnabled(bool(some))

        self.table.selectionModel().selectionChanged.connect(enable)
        self.table.model().modelReset.connect(enable)
        return row

    def _show_selected(self) -> None:
        for folder_of in {str(Path(f.path).parent): f.path for f in self.table.selected}.values():
            show_in_folder(folder_of)

    def _copy_selected(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f.path for f in self.table.selected))
