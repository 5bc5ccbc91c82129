"""The keyboard shortcuts on one sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import Space, set_role

SHORTCUTS = (
    (
        "Anywhere",
        (
            ("Go to the search field", ("Ctrl+L", "Ctrl+F")),
            ("Go to a page, first to last", ("Ctrl+1", "Ctrl+6")),
            ("Add a folder", ("Ctrl+O",)),
            ("Look for changed files", ("F5",)),
            ("Undo, redo a grade or thumb", ("Ctrl+Z", "Ctrl+Shift+Z")),
            ("Hybrid, keywords, meaning", ("Alt+1", "Alt+2", "Alt+3")),
            ("Show filters", ("Ctrl+Shift+F",)),
        ),
    ),
    (
        "In the results",
        (
            ("From the field into the list", ("Down",)),
            ("Next, previous result", ("J", "K")),
            ("Give a grade", ("0", "1", "2", "3")),
            ("Take the grade away", ("Del",)),
            ("Thumb up", ("+", "U")),
            ("Thumb down", ("-", "D")),
            ("What is nearly the same", ("N",)),
            ("Its other places", ("P",)),
            ("Open the file", ("Return",)),
            ("Show it in its folder", ("Ctrl+Return",)),
            ("Show or hide the preview", ("Space",)),
            ("Page or text in the preview", ("Ctrl+T",)),
            ("Next, previous page there", ("Ctrl+PgDown", "Ctrl+PgUp")),
            ("Larger, smaller page", ("Ctrl++", "Ctrl+-")),
            ("Next, previous passage", ("Right", "Left")),
            ("Copy the passage", ("Ctrl+Shift+C",)),
        ),
    ),
)


class ShortcutsDialog(QDialog):
    """Lists what the keyboard can do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.S)
        row = 0
        for heading, entries in SHORTCUTS:
            title = QLabel(heading)
            set_role(title, "heading")
            grid.addWidget(title, row, 0, 1, 2)
            row += 1
            for words, keys in entries:
                grid.addWidget(QLabel(words), row, 0)
                shown = QLabel("   ".join(_native(key) for key in keys))
                set_role(shown, "muted")
                grid.addWidget(shown, row, 1)
                row += 1
            grid.setRowMinimumHeight(row, Space.S)
            row += 1
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.addLayout(grid)
        column.addWidget(buttons)


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
