"""How a derived index stands, as a bar with words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from engine.records import IndexHealth
from gui.theme import Space, set_role
from gui.wording import count

_WORDS = {
    "empty": "Empty",
    "ready": "Ready",
    "catching up": "Catching up",
    "rebuilding": "Rebuilding",
}
_ROLES = {"empty": "small", "ready": "good", "catching up": "small", "rebuilding": "warning"}


class HealthBar(QWidget):
    """The share of the library's passages, or pictures, that an index holds."""

    def __init__(
        self, name: str, tooltip: str, noun: str = "passage", parent: QWidget | None = None
    ) -> None:
        """`noun` is what is counted."""
        super().__init__(parent)
        self._noun = noun
        self.setToolTip(tooltip)
        title = QLabel(name)
        self._state = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(name)
        self._counts = QLabel()
        set_role(self._counts, "small")
        self._counts.setWordWrap(True)
        self._counts.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.addWidget(title, 1)
        row.addWidget(self._state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(row)
        column.addWidget(self._bar)
        column.addWidget(self._counts)

    def show_health(self, health: IndexHealth) -> None:
        """Show how far the index has come, and what is being repaired."""
        self._state.setText(_WORDS[health.state])
        set_role(self._state, _ROLES[health.state])
        self._bar.setMaximum(max(health.total, 1))
        self._bar.setValue(min(health.done, health.total))
        counts = f"{count(health.done)} of {count(health.total, self._noun)}"
        self._counts.setText(f"{counts}. {health.note}" if health.note else counts)

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._state.text()}: {self._counts.text()}"
