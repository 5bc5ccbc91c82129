"""Stands in place of the pages while the library cannot be opened: why, and the ways on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.client import EngineState
from engine.errors import WAY_BACK, EngineBug, EngineError, LibraryUnreadable
from engine.records import BackupInfo
from engine.requests import ListBackups, RestoreBackup
from gui.background import Engine
from gui.error_dialog import show_error
from gui.file_browser import show_in_folder
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.backups_card import COLUMNS
from gui.widgets.card import Card
from gui.widgets.icon_label import IconLabel
from gui.widgets.notice import Notice
from gui.widgets.record_table import RecordTable
from gui.widgets.scrolled_column import scrolled_column
from gui.wording import date_time

_WIDTH = 820
_ROWS = (2, 6)
"""Of the table, seen at least and at most; the others are scrolled to."""
_NO_COPY = (
    "There is no backup that can be put back. To begin anew, move library.db and the folder "
    "“backups” out of the library's folder, then try again."
)


class RecoveryView(QWidget):
    """Tells why the engine refused the library, puts a backup back, tries again."""

    said = Signal(str)
    """A short sentence for the status bar."""

    def __init__(self, engine: Engine, workspace: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._workspace = workspace
        self._error: EngineError | None = None
        self._restored: BackupInfo | None = None
        self._title, self._words = QLabel(), QLabel()
        self.details = QPushButton(icon("info"), " Details…")
        self.again = QPushButton(icon("refresh"), " Try again")
        self.folder = QPushButton(icon("folder-open"), " Open the folder")
        self.notice = Notice()
        self.card = Card(
            "Put a backup back",
            "Judgments, thumbs, folders and settings become what they were then. The library as it "
            "is now is kept aside. Your own files are not touched; what has changed in them since "
            "is read again.",
        )
        self.table: RecordTable[BackupInfo] = RecordTable(COLUMNS, "Backups")
        self.none = QLabel(_NO_COPY)
        self.restore = QPushButton(icon("undo", "on_accent"), " Restore this copy")
        self._build()
        self._connect()

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._title.text()}\n{self._words.text()}"

    def tell(self, error: EngineError) -> None:
        """Say why the library cannot be opened, and offer what may help."""
        self._error = error
        is_bug = isinstance(error, EngineBug)
        hint = "This is a fault in Attune." if is_bug else error.hint.partition(WAY_BACK)[0].strip()
        self._title.setText(error.title)
        self._words.setText(f"{error.message}\n{hint}".strip())
        self.details.setVisible(is_bug)
        for widget in (self.notice, self.card, self.none):
            widget.hide()
        if is_bug or isinstance(error, LibraryUnreadable):
            self._engine.ask(ListBackups(), self._offer, self._failed, owner=self)
        self._busy(False)

    def outcome(self) -> str:
        """Which copy was put back, once the library is open; empty where none was. Told once."""
        backup, self._restored = self._restored, None
        return f"The library is that of {date_time(backup.at)}" if backup else ""

    def _offer(self, backups: tuple[BackupInfo, ...]) -> None:
        """Show the copies, the newest chosen."""
        self.table.show_records(backups)
        rows = min(max(len(backups), _ROWS[0]), _ROWS[1])
        self.table.setFixedHeight(self.table.height_of_rows(rows))
        self.card.setVisible(bool(backups))
        self.none.setVisible(not backups)
        if backups:
            self.table.selectRow(0)
            self.restore.setFocus()

    def _restore(self) -> None:
        (chosen,) = self.table.selected

        def restored(_: None) -> None:
            self._restored = chosen  # the engine starts anew

        self._busy(True)
        self._engine.ask(RestoreBackup(chosen.name), restored, self._failed, owner=self)

    def _failed(self, error: EngineError) -> None:
        self._busy(False)
        self.notice.say_failure(error)

    def _open_again(self) -> None:
        self._busy(True)
        self._engine.open_again()

    def _open_folder(self) -> None:
        if not show_in_folder(str(self._workspace)):
            self.said.emit(f"The folder is not there: {self._workspace}")

    def _busy(self, busy: bool) -> None:
        self.again.setEnabled(not busy)
        self.table.setEnabled(not busy)
        self.restore.setText(" Restoring…" if busy else " Restore this copy")
        self._enable()
        if busy:
            self.notice.hide()

    def _enable(self) -> None:
        self.restore.setEnabled(self.table.isEnabled() and len(self.table.selected) == 1)

    def _hear_state(self, state: EngineState, _: EngineError | None) -> None:
        if state == "restarting":  # it died over what it was asked; it says again why it refuses
            self._busy(True)

    def _connect(self) -> None:
        self._engine.state_changed.connect(self._hear_state)
        self.restore.clicked.connect(self._restore)
        self.again.clicked.connect(self._open_again)
        self.folder.clicked.connect(self._open_folder)
        self.details.clicked.connect(lambda: self._error and show_error(self._error, self))
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self.table.model().modelReset.connect(self._enable)

    def _build(self) -> None:
        set_role(self._title, "title")
        set_role(self._words, "muted")
        for label in (self._title, self._words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_role(self.restore, "primary")
        set_role(self.none, "muted")
        self.none.setWordWrap(True)
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        below = QHBoxLayout()
        below.addStretch()
        below.addWidget(self.restore)
        self.card.body.addWidget(self.table)
        self.card.body.addLayout(below)
        words = QVBoxLayout()
        words.setSpacing(Space.S)
        words.addWidget(self._title)
        words.addWidget(self._words)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addWidget(IconLabel("warning", "warning", 40), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        ways = QHBoxLayout()
        ways.setSpacing(Space.S)
        for button in (self.again, self.folder, self.details):
            ways.addWidget(button)
        ways.addStretch()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.L)
        column.addStretch(2)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(self.card)
        column.addWidget(self.none)
        column.addLayout(ways)
        column.addStretch(3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled_column(inner, _WIDTH))
