"""Asks before something is done that cannot be taken back at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.theme import set_role


def confirm(
    parent: QWidget,
    question: str,
    words: str,
    yes: str,
    then: Callable[[], None],
    no: str = "Cancel",
) -> None:
    """Ask without blocking; `then` is called where the user presses the button `yes`."""
    dialog = QMessageBox(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setIcon(QMessageBox.Icon.Question)
    dialog.setWindowTitle("Attune")
    dialog.setTextFormat(Qt.TextFormat.PlainText)
    dialog.setText(question)
    dialog.setInformativeText(words)
    do = dialog.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    set_role(do, "danger")
    keep = dialog.addButton(no, QMessageBox.ButtonRole.RejectRole)
    dialog.setDefaultButton(keep)
    dialog.setEscapeButton(keep)
    do.clicked.connect(then)
    dialog.open()
