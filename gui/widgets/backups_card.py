"""The copies of the library: when and why each was made, and the way back to one."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from engine.errors import EngineError, EngineGone
from engine.records import BackupInfo, BackupReason
from engine.requests import ListBackups, MakeBackup, RestoreBackup
from gui.background import Engine
from gui.confirm import confirm
from gui.error_dialog import show_error
from gui.icons import icon
from gui.theme import set_role
from gui.widgets.card import Card
from gui.widgets.notice import Notice
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count, date_time, size

_ROWS = (2, 6)
"""Seen at least and at most; the others are scrolled to."""
_REASONS: dict[BackupReason, str] = {
    "scheduled": "Daily",
    "asked": "You asked for it",
    "migration": "Before a new version of Attune changed the library",
    "restore": "Before an older copy was put in its place",
}
COLUMNS: tuple[Column[BackupInfo], ...] = (
    Column("When", lambda b: date_time(b.at), 170, key=lambda b: b.at),
    Column("Why", lambda b: _REASONS[b.reason]),
    Column("Labels", lambda b: count(b.n_labels), 90, key=lambda b: b.n_labels, right=True),
    Column("Size", lambda b: size(b.size_bytes), 110, key=lambda b: b.size_bytes, right=True),
)


class BackupsCard(Card):
    """A table of copies; making one, and going back to one."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            "Backups",
            "Copies of what cannot be made again: your judgments and thumbs, folders and settings, "
            "with the texts that were read. One is made each day that something changed.",
            parent,
        )
        self._engine = engine
        self.make_button = QPushButton(icon("add"), "Back up now")
        self.make_button.clicked.connect(self._make)
        self.buttons.addWidget(self.make_button)
        self.notice = Notice()
        self.table: RecordTable[BackupInfo] = RecordTable(COLUMNS, "Backups")
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self._none = QLabel("No copy has been made yet.")
        set_role(self._none, "muted")
        self.restore_button = QPushButton(icon("undo"), "Restore…")
        self.restore_button.setToolTip("Put the selected copy in the place of the library")
        self.restore_button.clicked.connect(self._confirm)
        below = QHBoxLayout()
        below.addStretch()
        below.addWidget(self.restore_button)
        for widget in (self.notice, self.table, self._none):
            self.body.addWidget(widget)
        self.body.addLayout(below)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self.table.model().modelReset.connect(self._enable)
        self._show(())

    def load(self) -> None:
        """Ask which copies there are."""
        self._engine.ask(ListBackups(), self._show, owner=self)

    def _show(self, backups: tuple[BackupInfo, ...]) -> None:
        self.table.show_records(backups)
        rows = min(max(len(backups), _ROWS[0]), _ROWS[1])
        self.table.setFixedHeight(self.table.height_of_rows(rows))
        self.table.setVisible(bool(backups))
        self.restore_button.setVisible(bool(backups))
        self._none.setVisible(not backups)
        self._enable()

    def _enable(self) -> None:
        self.restore_button.setEnabled(bool(self.table.selected))

    def _make(self) -> None:
        self._busy("Copying…")
        self._engine.ask(MakeBackup(), self._made, self._failed, owner=self)

    def _made(self, backup: BackupInfo) -> None:
        self._busy("")
        what = f"{size(backup.size_bytes)}, with {count(backup.n_labels, 'label')}."
        self.notice.say("good", "The library was copied", what)
        self.load()

    def _failed(self, error: EngineError) -> None:
        """A restore ends the engine, which may be gone before it can answer."""
        self._busy("")
        if not isinstance(error, EngineGone):
            show_error(error, self)

    def _busy(self, words: str) -> None:
        self.make_button.setEnabled(not words)
        self.make_button.setText(words or "Back up now")
        self.table.setEnabled(not words)
        self.restore_button.setEnabled(not words and bool(self.table.selected))

    def _confirm(self) -> None:
        (backup,) = self.table.selected
        confirm(
            self,
            f"Go back to the library of {date_time(backup.at)}?",
            f"Judgments and thumbs ({count(backup.n_labels, 'label')}), folders and settings "
            "become what they were then. The library as it is now is copied first, so that you "
            "can return to it. Your files are not touched; what has changed in them since is read "
            "again.\n\nThe search engine starts anew, which takes a moment.",
            "Restore",
            lambda: self._restore(backup),
        )

    def _restore(self, backup: BackupInfo) -> None:
        def restored(_: None) -> None:
            self._busy("")
            self.notice.say("good", f"The library is that of {date_time(backup.at)}")

        self._busy("Restoring…")
        self.notice.hide()
        self._engine.ask(RestoreBackup(backup.name), restored, self._failed, owner=self)
