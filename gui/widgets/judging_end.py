"""What stands where everything is judged: what was done, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from engine.evaluation_records import JudgingProgress
from gui.theme import set_role
from gui.widgets.empty_state import EmptyState
from gui.widgets.judging_progress import pace
from gui.wording import count

WAYS_ON = (
    ("agreement", "See agreement", "How far raters agree, and on what they do not"),
    ("freeze", "Freeze a version", "A version never changes: measures can be compared"),
    ("compare", "Compare systems", "Measure ways of searching on these judgments"),
)


class JudgingEnd(QWidget):
    """Says what was done; a button for each way on, the first of them has the keyboard."""

    asked = Signal(str)
    """`flagged`, `skipped`, `undo`, `back`, `leave`, or a name of WAYS_ON."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: JudgingProgress | None = None
        self.buttons: dict[str, QPushButton] = {}
        self._column = QVBoxLayout(self)
        self._state: EmptyState | None = None

    @property
    def told(self) -> JudgingProgress | None:
        """What it tells of."""
        return self._told

    def tell(self, progress: JudgingProgress) -> None:
        """Say what was done."""
        if progress == self._told:
            return
        self._told = progress
        self._offer(progress)
        words = f"{count(progress.n_done)} of {count(progress.n_total)} have a grade"
        if progress.seconds_each is not None:
            words += f", at {pace(progress.seconds_each)} each lately"
        words += ". A second rater would tell how far the grades can be trusted."
        old = self._state
        self._state = EmptyState(
            "check",
            "Nothing is left to judge",
            words,
            tuple(self.buttons.values()),
        )
        self._column.addWidget(self._state)
        if old is not None:
            old.hide()
            old.deleteLater()
        if self.isVisible():
            self.focus_first()

    def focus_first(self) -> None:
        """Give the keyboard to the first button."""
        if self.buttons:
            next(iter(self.buttons.values())).setFocus()

    def event(self, event: QEvent) -> bool:
        """Take undo from the window's menu: here it is about judgments of the set."""
        if event.type() == QEvent.Type.ShortcutOverride and _is_undo(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The last judgment can be taken back or looked at, as in the room."""
        if _is_undo(event):
            self.asked.emit("undo")
        elif event.key() == Qt.Key.Key_Backspace:
            self.asked.emit("back")
        elif event.key() == Qt.Key.Key_Escape:
            self.asked.emit("leave")
        else:
            super().keyPressEvent(event)

    def _offer(self, progress: JudgingProgress) -> None:
        self.buttons = {}
        if progress.n_flagged:
            words = f"Look at {count(progress.n_flagged)} flagged again"
            self._add("flagged", words, "What you marked with F")
        if progress.n_skipped:
            words = f"Judge {count(progress.n_skipped)} skipped"
            self._add("skipped", words, "What you left for later with S")
        for name, word, words in WAYS_ON:
            self._add(name, word, words)
        self._add("leave", "Another set or rater", "Back to the beginning")
        set_role(next(iter(self.buttons.values())), "primary")

    def _add(self, name: str, word: str, words: str) -> None:
        button = QPushButton(word)
        button.setToolTip(words)
        button.setAutoDefault(True)
        button.clicked.connect(lambda: self.asked.emit(name))
        self.buttons[name] = button


def _is_undo(event: QKeyEvent) -> bool:
    is_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    return event.key() == Qt.Key.Key_Z and is_control
