"""A message that stays on its page until it is dismissed: what was done, or why it was not."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.events import Failed
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.icon_label import IconLabel

Tone = Literal["notice", "good", "warning", "danger"]

_ICONS = {"notice": "info", "good": "check", "warning": "warning", "danger": "error"}
_COLORS = {"notice": "accent", "good": "good", "warning": "warning", "danger": "danger"}


class Notice(QFrame):
    """A heading and a few sentences on a soft ground; hidden while it has nothing to say."""

    acted = Signal()
    """Its button was pressed."""
    dismissed = Signal()
    """The user has read it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("info")
        self._title = QLabel()
        set_role(self._title, "heading")
        self._text = QLabel()
        for label in (self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self._button = QPushButton()
        self._button.clicked.connect(self.acted)
        dismiss = QToolButton()
        dismiss.setIcon(icon("cancel"))
        dismiss.setToolTip("Dismiss")
        dismiss.setAccessibleName("Dismiss this message")
        dismiss.clicked.connect(self.hide)
        dismiss.clicked.connect(self.dismissed)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.M, Space.S, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, tone: Tone, title: str, text: str = "", button: str = "") -> None:
        """Show a message, in place of the one before."""
        set_role(self, tone)
        self._icon.show_icon(_ICONS[tone], _COLORS[tone])
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.show()

    def say_failure(self, failure: EngineError | Failed) -> None:
        """Tell what went wrong, and what can be done."""
        self.say("danger", failure.title, f"{failure.message} {failure.hint}".strip())

    @property
    def words(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else f"{self._title.text()}\n{self._text.text()}"
