"""The keys of the judging room, on one sheet."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from gui.shortcuts_dialog import key_sheet
from gui.theme import Space

KEYS = (
    ("Give a grade and go on", ("0", "1", "2", "3")),
    ("Skip it for now", ("S",)),
    ("Flag it to look at again", ("F",)),
    ("Write a note", ("N",)),
    ("Mark the passage that decided", ("M",)),
    ("Choose a passage", ("Up", "Down")),
    ("Turn over the text", ("Space", "Shift+Space")),
    ("To its beginning, its end", ("Home", "End")),
    ("Back to the one before", ("Left", "Backspace")),
    ("Forward again", ("Right",)),
    ("Undo, redo", ("Ctrl+Z", "Ctrl+Shift+Z")),
    ("All documents of the query", ("L",)),
    ("The guideline", ("G", "F1")),
    ("Save again what was not saved", ("R",)),
    ("Pause, go on", ("P",)),
    ("Leave the room", ("Esc",)),
    ("This sheet", ("?",)),
)


class JudgingKeys(QDialog):
    """Lists what the keyboard can do; the same key that opened it closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys of the judging room")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.L)
        column.addLayout(key_sheet("Judging", KEYS))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column.addWidget(buttons)
