"""Tells the user of an error: what happened and what to do; only a bug shows its traceback."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.errors import EngineBug, EngineError


def show_error(error: EngineError, parent: QWidget | None = None) -> QMessageBox:
    """Show an error without blocking; a window has at most one such dialog for the same title."""
    window = parent.window() if parent is not None else None
    if window is not None:
        for shown in window.findChildren(QMessageBox):
            if shown.isVisible() and shown.text() == error.title:
                return shown
    is_bug = isinstance(error, EngineBug)
    dialog = QMessageBox(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setIcon(QMessageBox.Icon.Critical if is_bug else QMessageBox.Icon.Warning)
    dialog.setWindowTitle("Attune")
    dialog.setTextFormat(Qt.TextFormat.PlainText)
    dialog.setText(error.title)
    if is_bug:
        dialog.setInformativeText(
            f"{error.message}\n\nThis is a fault in Attune, and nothing that you did wrong. "
            "Your documents and judgments are safe."
        )
        dialog.setDetailedText(error.hint)
    else:
        dialog.setInformativeText("\n\n".join(part for part in (error.message, error.hint) if part))
    dialog.open()
    return dialog
