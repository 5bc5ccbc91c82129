"""Patterns of files to leave out, a line each, with what is wrong with them below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gui.theme import Space, set_role

_LINES = 5
_TYPING_MS = 1000
"""Waited while typing: half a pattern may leave out everything."""
_EXAMPLE = "drafts/\n*.bak\n/private/**"


class PatternEditor(QWidget):
    """Says when the patterns have changed, once typing has rested or moved elsewhere."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._change)
        self._told: tuple[str, ...] = ()
        self.text = QPlainTextEdit()
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlaceholderText(_EXAMPLE)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        height = self.text.fontMetrics().lineSpacing() * _LINES + 2 * Space.M
        self.text.setFixedHeight(height)
        self.text.installEventFilter(self)
        self.text.textChanged.connect(self._typed)
        self.setFocusProxy(self.text)
        self._error = QLabel()
        self._error.setWordWrap(True)
        set_role(self._error, "danger")
        self._error.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self.text)
        column.addWidget(self._error)

    @property
    def patterns(self) -> tuple[str, ...]:
        """One a line, without empty lines."""
        lines = (line.strip() for line in self.text.toPlainText().splitlines())
        return tuple(line for line in lines if line)

    @property
    def error(self) -> str:
        """What is said to be wrong; empty where nothing is."""
        return "" if self._error.isHidden() else self._error.text()

    def show_patterns(self, patterns: tuple[str, ...]) -> None:
        """Show these; what stands there already is left as it was typed."""
        self._told = patterns
        if patterns != self.patterns:
            self.text.blockSignals(True)
            self.text.setPlainText("\n".join(patterns))
            self.text.blockSignals(False)
        self.show_error("")

    def show_error(self, words: str) -> None:
        """Say what is wrong with the patterns."""
        self._error.setText(words)
        self._error.setVisible(bool(words))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Who goes elsewhere has finished."""
        if event.type() == QEvent.Type.FocusOut and self._typing.isActive():
            self._change()
        return super().eventFilter(watched, event)

    def setAccessibleName(self, name: str) -> None:
        """Name the field itself."""
        self.text.setAccessibleName(name)

    def _typed(self) -> None:
        self.show_error("")
        self._typing.start()

    def _change(self) -> None:
        self._typing.stop()
        if self.patterns != self._told:
            self._told = self.patterns
            self.changed.emit()
