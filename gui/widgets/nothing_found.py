"""Nothing was found, or the search failed: what to try."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.records import SearchResults
from gui.theme import Space, set_role
from gui.widgets.icon_label import IconLabel

_WIDTH = 520


class NothingFound(QWidget):
    """A heading, a sentence, and buttons for what may help."""

    mode_asked = Signal(str)
    """A `Mode` to search in."""
    unfiltered_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("search", "faint", 48)
        self._title, self._words = QLabel(), QLabel()
        set_role(self._title, "title")
        set_role(self._words, "muted")
        for label in (self._title, self._words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            label.setFixedWidth(_WIDTH)
        self.unfilter = QPushButton("Remove filters")
        self.unfilter.clicked.connect(self.unfiltered_asked)
        self.hybrid = QPushButton("Search by meaning too")
        self.hybrid.clicked.connect(lambda: self.mode_asked.emit("hybrid"))
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch()
        row.addWidget(self.unfilter)
        row.addWidget(self.hybrid)
        row.addStretch()
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setSpacing(Space.M)
        column.addStretch(2)
        column.addWidget(self._icon, 0, centre)
        column.addWidget(self._title, 0, centre)
        column.addWidget(self._words, 0, centre)
        column.addLayout(row)
        column.addStretch(3)

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._title.text()}\n{self._words.text()}"

    def explain(self, answer: SearchResults, n_filters: int) -> None:
        """Nothing was found for a query."""
        self._icon.show_icon("search", "faint")
        query = answer.query if len(answer.query) <= 60 else answer.query[:59] + "…"
        self._title.setText(f"Nothing found for “{query}”")
        if n_filters:
            words = "Some documents are left out by your filters."
        elif answer.mode == "lexical":
            words = "None of these words is in your library. Meaning finds what is said otherwise."
        else:
            words = "Try other words, or add the folder where it may be."
        self._words.setText(words)
        self.unfilter.setVisible(n_filters > 0)
        self.hybrid.setVisible(answer.mode == "lexical")

    def tell(self, error: EngineError) -> None:
        """The search failed."""
        self._icon.show_icon("warning", "warning")
        self._title.setText(error.title)
        self._words.setText(" ".join(part for part in (error.message, error.hint) if part))
        self.unfilter.hide()
        self.hybrid.hide()
