"""Files that could not be read, and what can be done about those that are selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.records import NEEDS_PASSWORD, Failure
from gui.file_browser import file_on_disk, show_in_folder
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count, date, date_time, file_name, folder_name, inside, lies_in

_MIDDLE = Qt.TextElideMode.ElideMiddle
_COLUMNS: tuple[Column[Failure], ...] = (
    Column(
        "File", lambda f: file_name(f.path), 190, tooltip=lambda f: inside(f.path), elide=_MIDDLE
    ),
    Column(
        "Folder",
        lambda f: lies_in(f.path),
        150,
        tooltip=lambda f: inside(f.path),
        elide=_MIDDLE,
    ),
    Column("Reason", lambda f: f.reason, 140),
    Column("What to do", lambda f: f.hint),
    Column("When", lambda f: date(f.at), 90, key=lambda f: f.at, tooltip=lambda f: date_time(f.at)),
)


class FailuresTable(QWidget):
    """A table with its actions below; what they do is asked of the page."""

    retry = Signal(object)
    """Failures to try again."""
    retry_with_password = Signal(object)
    ignore = Signal(object)
    listen = Signal(object)
    """Failures that are to be spoken of again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: RecordTable[Failure] = RecordTable(_COLUMNS, "Files that could not be read")
        self.table.doubleClicked.connect(self._show_selected)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setMinimumHeight(2 * self._words.fontMetrics().lineSpacing())
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        set_role(self._words, "muted")
        self._row = QHBoxLayout()
        self._row.setSpacing(Space.S)
        some = self._selected
        self.retry_button = self._add("refresh", "Retry", "Ctrl+R", lambda: self.retry.emit(some()))
        self.password_button = self._add(
            "key", "Retry with password…", "", lambda: self.retry_with_password.emit(self._locked())
        )
        self.ignore_button = self._add("eye-off", "Ignore", "Del", lambda: self.ignore.emit(some()))
        self.listen_button = self._add("eye", "Listen again", "", lambda: self.listen.emit(some()))
        self._row.addStretch()
        self.folder_button = self._add(
            "folder-open", "Show in folder", "Ctrl+Return", self._show_selected, small=True
        )
        self.copy_button = self._add("copy", "Copy path", "", self._copy_selected, small=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.table, 1)
        column.addWidget(self._words)
        column.addLayout(self._row)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self.table.model().modelReset.connect(self._enable)
        self._enable()

    @property
    def words(self) -> str:
        """What is said of the selected files."""
        return self._words.text()

    def show_failures(self, failures: Sequence[Failure], *, ignored: bool) -> None:
        """Show these; what is ignored can be listened to again, and the other way round."""
        self.ignore_button.setVisible(not ignored)
        self.listen_button.setVisible(ignored)
        self.table.show_records(failures)
        self._enable()

    def _selected(self) -> list[Failure]:
        return self.table.selected

    def _locked(self) -> list[Failure]:
        return [failure for failure in self.table.selected if failure.reason == NEEDS_PASSWORD]

    def _enable(self) -> None:
        selected = self.table.selected
        for button in (
            self.retry_button,
            self.ignore_button,
            self.listen_button,
            self.copy_button,
        ):
            button.setEnabled(bool(selected))
        self.password_button.setEnabled(bool(self._locked()))
        self.folder_button.setEnabled(
            any(Path(file_on_disk(failure.path)).parent.is_dir() for failure in selected)
        )
        if len(selected) == 1:
            only = selected[0]
            self._words.setText(f"{file_name(only.path)}: {only.reason}. {only.hint}")
        else:
            n_shown = len(self.table.visible_records)
            self._words.setText(
                f"{count(len(selected))} of {count(n_shown, 'file')} selected"
                if selected
                else "Select files to retry or to ignore them; Ctrl+A selects all."
            )

    def _add(
        self,
        icon_name: str,
        words: str,
        keys: str,
        act: Callable[[], object],
        *,
        small: bool = False,
    ) -> QAbstractButton:
        """A button (a small one has no words), and the same in the table's menu and on its keys."""
        button: QAbstractButton = QToolButton() if small else QPushButton(words)
        button.setIcon(icon(icon_name))
        button.setAccessibleName(words)
        button.clicked.connect(lambda: act())
        action = QAction(icon(icon_name), words, self.table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: act() if button.isEnabled() else None)
        self.table.addAction(action)
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{words} ({shown})" if keys else words)
        self._row.addWidget(button)
        return button

    def _show_selected(self) -> None:
        files = [file_on_disk(failure.path) for failure in self.table.selected]
        for one_of_it in {folder_name(path): path for path in files}.values():
            show_in_folder(one_of_it)

    def _copy_selected(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f.path for f in self.table.selected))
