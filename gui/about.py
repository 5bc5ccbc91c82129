"""What the program is, and where it keeps the library."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.icons import program_icon


def show_about(workspace: Path, parent: QWidget) -> QMessageBox:
    """Show it without blocking."""
    try:
        number = version("attune")
    except PackageNotFoundError:  # run from its source folder
        number = ""
    dialog = QMessageBox(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("About Attune")
    dialog.setIconPixmap(program_icon().pixmap(72, 72))
    dialog.setTextFormat(Qt.TextFormat.PlainText)
    dialog.setText(f"Attune {number}".rstrip())
    dialog.setInformativeText(
        "Searches your own folders by words and by meaning, and learns from your judgments. "
        "Nothing leaves this computer.\n\n"
        f"This library is kept in {workspace}"
    )
    dialog.open()
    return dialog
