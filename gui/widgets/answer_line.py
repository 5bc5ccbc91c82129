"""One line over the results: how many, how fast, and what limits them just now."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.records import SearchResults
from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.wording import count


class AnswerLine(QWidget):
    """Subtle, but there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = QLabel()
        set_role(self._counts, "small")
        self._icon = IconLabel("info", "warning", 15)
        self._notice = ElidedLabel()
        set_role(self._notice, "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.XS, 0, Space.XS, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._counts)
        row.addSpacing(Space.S)
        row.addWidget(self._icon)
        row.addWidget(self._notice, 1)

    def show_answer(self, answer: SearchResults) -> None:
        """Say it of an answer."""
        took = "less than 1 ms" if answer.took_ms < 1 else f"{answer.took_ms:,.0f} ms"
        self._counts.setText(f"{count(len(answer.results), 'document')}  ·  {took}")
        self._icon.setVisible(bool(answer.notice))
        self._notice.setText(answer.notice)

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._counts.text()} {self._notice.text()}".strip()
