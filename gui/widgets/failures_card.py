"""That files could not be read, and the way to where they are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.records import Failure
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.wording import count


class FailuresCard(Card):
    """How many, and why; hidden while there are none that the user has not ignored."""

    asked = Signal()
    """The user wants to see them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._title = ElidedLabel()
        set_role(self._title, "heading")
        self._reasons = ElidedLabel()
        set_role(self._reasons, "small")
        show = QPushButton("Show them")
        show.clicked.connect(self.asked)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(IconLabel("warning", "warning"), 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._reasons)
        row.addLayout(words, 1)
        row.addWidget(show, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self.hide()

    @property
    def words(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else f"{self._title.text()}\n{self._reasons.text()}"

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Say what failed."""
        reasons = Counter(failure.reason for failure in failures if not failure.ignored)
        self._title.setText(f"{count(reasons.total(), 'file')} could not be read")
        words = [f"{reason} ({count(number)})" for reason, number in reasons.most_common()]
        self._reasons.setText("  ·  ".join(words))
        self.setVisible(bool(reasons))
