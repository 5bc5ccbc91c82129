"""The grades of a set's scale and what else can be said of a pair, as buttons with their keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation_records import GivenJudgment
from gui.icons import icon
from gui.theme import Space
from gui.widgets.card import explanation

_ACTIONS = (
    ("back", "chevron-left", "Back", "To the document before (Left or Backspace)"),
    ("skip", "chevron-right", "Skip", "Leave it for later (S)"),
    ("flag", "warning", "Flag", "Mark it to be looked at again (F)"),
    ("note", "file-text", "Note", "Write down why (N)"),
    ("mark", "check", "Mark", "Mark the selected text or the chosen passage as what decided (M)"),
    ("list", "library", "List", "All documents of this query (L)"),
)
_NOTE_LINES = 3


class JudgingBar(QWidget):
    """Buttons that do what the keys do; none takes the keyboard away from the document."""

    graded = Signal(int)
    asked = Signal(str)
    """`back`, `skip`, `flag`, `note`, `mark` or `list`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grades: list[QPushButton] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(Space.S)
        actions = QHBoxLayout()
        actions.setSpacing(2)
        self._actions = {name: self._action(*rest) for name, *rest in _ACTIONS}
        for name, button in self._actions.items():
            button.clicked.connect(lambda _=False, name=name: self.asked.emit(name))
            actions.addWidget(button)
        for name in ("flag", "list"):
            self._actions[name].setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        row.addLayout(self._row, 1)
        row.addLayout(actions)

    def show_scale(self, scale: Sequence[str]) -> None:
        """One button a grade, from 0 on."""
        _clear(self._row)
        self.grades = []
        for grade, name in enumerate(scale):
            button = QPushButton(f"{grade}  {name}".replace("&", "&&"))
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"{name} ({grade})")
            button.setAccessibleName(f"Grade {grade}: {name}")
            button.setMinimumWidth(48)
            button.setMinimumHeight(36)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, grade=grade: self.graded.emit(grade))
            self._row.addWidget(button)
            self.grades.append(button)

    def show_given(self, given: GivenJudgment | None, *, listing: bool) -> None:
        """Show what is said already."""
        for grade, button in enumerate(self.grades):
            button.setChecked(given is not None and given.grade == grade)
        self._actions["flag"].setChecked(given is not None and given.flagged)
        self._actions["list"].setChecked(listing)

    def _action(self, icon_name: str, word: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name))
        button.setIconSize(QSize(16, 16))
        button.setText(word)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(words)
        button.setAccessibleName(words)
        return button


class NoteEditor(QWidget):
    """A few lines for why a pair was judged so; hidden while nothing is written."""

    closed = Signal(object)
    """The note, or None where it stays as it was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _NoteField(self)
        self.field.setAccessibleName("Note")
        self.field.setPlaceholderText("Why? The note stays with the judgment.")
        self.field.setTabChangesFocus(True)
        height = self.field.fontMetrics().lineSpacing() * _NOTE_LINES + 2 * Space.S
        self.field.setFixedHeight(height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.field)
        column.addWidget(explanation("Ctrl+Enter keeps the note, Esc leaves it as it was"))
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether a note is being written."""
        return not self.isHidden()

    def open(self, note: str) -> None:
        """Let a note be written, beginning with what it is."""
        self.field.setPlainText(note)
        self.field.selectAll()
        self.show()
        self.field.setFocus()

    def close_with(self, note: str | None) -> None:
        """End writing."""
        if self.is_open:
            self.hide()
            self.closed.emit(note)

    @property
    def written(self) -> str:
        """What stands there."""
        return self.field.toPlainText().strip()


class _NoteField(QPlainTextEdit):
    """Enter begins a line, Ctrl+Enter keeps, Esc does not."""

    def __init__(self, editor: NoteEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep or leave what was written."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self._editor.close_with(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
            self._editor.close_with(self._editor.written)
        else:
            super().keyPressEvent(event)


def _clear(layout: QBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
