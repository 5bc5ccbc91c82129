"""The grades of a set's scale and what else can be said of a pair, as buttons with their keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
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
    ("back", "chevron-left", "← Back", "To the document before (Left or Backspace)"),
    ("skip", "chevron-right", "S  Skip", "Leave it for later (S)"),
    ("flag", "warning", "F  Flag", "Mark it to be looked at again (F)"),
    ("note", "file-text", "N  Note", "Write down why (N)"),
    (
        "mark",
        "check",
        "M  Mark",
        "Mark the selected text or the chosen passage as what decided (M)",
    ),
    ("list", "library", "L  List", "All documents of this query (L)"),
    ("keys", "keyboard", "?  Keys", "What the keyboard can do (?)"),
)
_NOTE_LINES = 3
_PADDING = 26 + Space.S
"""Of a button around its words, and to the next."""


class JudgingBar(QWidget):
    """Buttons that do what the keys do; none takes the keyboard away from the document."""

    graded = Signal(int)
    asked = Signal(str)
    """`back`, `skip`, `flag`, `note`, `mark`, `list` or `keys`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grades: list[QPushButton] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(Space.S)
        actions = QHBoxLayout()
        actions.setSpacing(0)
        self._actions = {name: self._action(*rest) for name, *rest in _ACTIONS}
        for name, button in self._actions.items():
            button.clicked.connect(lambda _=False, name=name: self.asked.emit(name))
            actions.addWidget(button)
        for name in ("flag", "list"):
            self._actions[name].setCheckable(True)
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(Space.S)
        self._beside.addLayout(self._row, 1)
        self._beside.addLayout(actions)
        self._names: tuple[str, ...] = ()

    def show_scale(self, scale: Sequence[str]) -> None:
        """One button a grade, from 0 on."""
        _clear(self._row)
        self.grades, self._names = [], tuple(scale)
        for grade, name in enumerate(scale):
            button = QPushButton()
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"{name} ({grade})")
            button.setAccessibleName(f"Grade {grade}: {name}")
            button.setMinimumHeight(36)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, grade=grade: self.graded.emit(grade))
            self._row.addWidget(button)
            self.grades.append(button)
        self._fit()

    def show_given(self, given: GivenJudgment | None, *, listing: bool) -> None:
        """Show what is said already."""
        for grade, button in enumerate(self.grades):
            button.setChecked(given is not None and given.grade == grade)
        self._actions["flag"].setChecked(given is not None and given.flagged)
        self._actions["list"].setChecked(listing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the grades above the rest where both have no room side by side."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if not self.grades:
            return
        metrics = self.fontMetrics()
        words = [f"{grade}  {name}" for grade, name in enumerate(self._names)]
        wanted = sum(metrics.horizontalAdvance(each) + _PADDING for each in words)
        actions = sum(button.sizeHint().width() for button in self._actions.values())
        side_by_side = wanted + actions + Space.L <= self.width()
        way = QBoxLayout.Direction
        self._beside.setDirection(way.LeftToRight if side_by_side else way.TopToBottom)
        room = self.width() - (actions + Space.L if side_by_side else 0)
        each = room // len(self.grades) - _PADDING
        for button, text in zip(self.grades, words, strict=True):
            shown = text
            if wanted > room:
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(each, 8))
            button.setText(shown.replace("&", "&&"))

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
        column.addWidget(
            explanation("Enter keeps the note, Shift+Enter begins a line, Esc leaves it be")
        )
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
    """Enter keeps, Shift+Enter begins a line, Esc leaves it as it was."""

    def __init__(self, editor: NoteEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep or leave what was written."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape:
            self._editor.close_with(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self._editor.close_with(self._editor.written)
        else:
            super().keyPressEvent(event)


def _clear(layout: QBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
