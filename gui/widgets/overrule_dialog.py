"""Asks why a model is to be used although the gate refused it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.widgets.form_dialog import FormDialog

_LEAST_WORDS = 3


class OverruleDialog(FormDialog):
    """Asks why; at least a few words."""

    given = Signal(str)
    """The reason."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            "Use it anyway",
            "The model did not pass its tests: it may find less than the one in use. You can roll "
            "back at any time. Your reason is kept with the model.",
            "Use it",
            parent,
        )
        self.reason = QPlainTextEdit()
        self.reason.setFixedHeight(90)
        self.reason.setTabChangesFocus(True)
        self.reason.setPlaceholderText("Why it should be used, in a few words")
        self.add("&Reason", self.reason)
        self.reason.textChanged.connect(self._enable)
        self.accepted.connect(lambda: self.given.emit(self._words))
        self._enable()

    @property
    def _words(self) -> str:
        return " ".join(self.reason.toPlainText().split())

    def _enable(self) -> None:
        enough = len(self._words.split()) >= _LEAST_WORDS
        self.do.setEnabled(enough)
        self.do.setToolTip("Ctrl+Enter" if enough else f"At least {_LEAST_WORDS} words")
