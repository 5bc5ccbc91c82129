"""Asks for the password of files that need one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from gui.theme import Space, set_role
from gui.wording import count

_WIDTH = 420


class PasswordDialog(QDialog):
    """A password for some files; it goes to the engine and is kept nowhere."""

    given = Signal(str)

    def __init__(self, n_files: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Retry with a password")
        self.setMinimumWidth(_WIDTH)
        heading = QLabel(f"Password for {count(n_files, 'file')}")
        set_role(heading, "heading")
        words = QLabel(
            "It is tried on each of them. It is not kept: should such a file change, you are asked "
            "again. What is read from the files is kept in the library, readable."
        )
        words.setWordWrap(True)
        set_role(words, "muted")
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName("Password")
        shown = QCheckBox("Show the password")
        shown.toggled.connect(self._show_password)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.retry = buttons.addButton("Retry", QDialogButtonBox.ButtonRole.AcceptRole)
        set_role(self.retry, "primary")
        self.retry.setEnabled(False)
        self.retry.setDefault(True)
        self.field.textChanged.connect(lambda text: self.retry.setEnabled(bool(text)))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.given.emit(self.field.text()))
        self.finished.connect(self.deleteLater)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        for widget in (heading, words, self.field, shown, buttons):
            column.addWidget(widget)

    def _show_password(self, on: bool) -> None:
        modes = QLineEdit.EchoMode
        self.field.setEchoMode(modes.Normal if on else modes.Password)
