"""The keyboard shortcuts on one sheet, and the conditions that a query may have."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from gui.theme import Space, set_role
from gui.widgets.condition_completer import CONDITIONS

SHORTCUTS = (
    (
        "Anywhere",
        (
            ("Go to the search field", ("Ctrl+L", "Ctrl+F")),
            ("Go to a page, first to last", ("Ctrl+1", "Ctrl+7")),
            ("Add a folder", ("Ctrl+O",)),
            ("Look for changed files", ("F5",)),
            ("Undo, redo a grade, thumb or caption", ("Ctrl+Z", "Ctrl+Shift+Z")),
            ("Hybrid, keywords, meaning", ("Alt+1", "Alt+2", "Alt+3")),
            ("All, texts, pictures", ("Alt+4", "Alt+5", "Alt+6")),
            ("Search with a picture", ("Ctrl+Shift+P",)),
            ("Paste a picture into the field", ("Ctrl+V",)),
            ("Search without the picture", ("Backspace",)),
            ("Pictures in a grid or a list", ("Ctrl+G",)),
            ("Describe pictures", ("Ctrl+D",)),
            ("Save a caption, next picture", ("Ctrl+Return",)),
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
            ("More pictures like it", ("M",)),
            ("Open the file", ("Return",)),
            ("Show it in its folder", ("Ctrl+Return",)),
            ("Show or hide the preview", ("Space",)),
            ("Page or text in the preview", ("Ctrl+T",)),
            ("Next, previous page there", ("Ctrl+PgDown", "Ctrl+PgUp")),
            ("Larger, smaller page or pictures", ("Ctrl++", "Ctrl+-")),
            ("Next, previous passage", ("Right", "Left")),
            ("Copy the passage", ("Ctrl+Shift+C",)),
        ),
    ),
)


class ShortcutsDialog(QDialog):
    """Lists what the keyboard can do, and what can be typed into the search field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        (anywhere, anywhere_keys), (results, results_keys) = SHORTCUTS
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(0)  # else it is that of the layout around it
        left.addLayout(key_sheet(anywhere, anywhere_keys))
        left.addSpacing(Space.XL)
        conditions = [(meaning, example) for example, meaning in CONDITIONS]
        left.addLayout(_sheet("Typed along with a query", conditions))
        right.addLayout(key_sheet(results, results_keys))
        left.addStretch(1)
        right.addStretch(1)
        sides = QHBoxLayout()
        sides.setSpacing(2 * Space.XL)
        sides.addLayout(left)
        sides.addLayout(right)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.L)
        column.addLayout(sides)
        column.addWidget(buttons)


def key_sheet(heading: str, lines: Sequence[tuple[str, tuple[str, ...]]]) -> QGridLayout:
    """What is done at the left, its keys at the right, as the system writes them."""
    return _sheet(heading, [(words, _native(*keys)) for words, keys in lines])


def _sheet(heading: str, lines: Sequence[tuple[str, str]]) -> QGridLayout:
    """What is done at the left, how at the right."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.XL)
    grid.setVerticalSpacing(Space.S)
    title = QLabel(heading)
    set_role(title, "heading")
    grid.addWidget(title, 0, 0, 1, 2)
    for row, (words, how) in enumerate(lines, start=1):
        grid.addWidget(QLabel(words[0].upper() + words[1:]), row, 0)
        shown = QLabel(how)
        set_role(shown, "muted")
        grid.addWidget(shown, row, 1)
    return grid


def _native(*keys: str) -> str:
    form = QKeySequence.SequenceFormat.NativeText
    return "   ".join(QKeySequence(key).toString(form) for key in keys)
