"""Nothing was found, or the search failed: what to try."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.records import Kind, SearchResults
from gui.picture_query import PictureQuery
from gui.theme import Space, set_role
from gui.widgets.icon_label import IconLabel

_WIDTH = 520


class NothingFound(QWidget):
    """A heading, a sentence, and buttons for what may help."""

    mode_asked = Signal(str)
    """A `Mode` to search in."""
    kind_asked = Signal(str)
    """A `Kind` to search for."""
    without_asked = Signal()
    """Without the picture."""
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
        self.everything = QPushButton()
        self.everything.clicked.connect(lambda: self.kind_asked.emit("both"))
        self.without = QPushButton("Search without the picture")
        self.without.clicked.connect(self.without_asked)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch()
        for button in (self.unfilter, self.hybrid, self.everything, self.without):
            row.addWidget(button)
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

    def explain(
        self,
        answer: SearchResults,
        n_filters: int,
        kind: Kind = "both",
        picture: PictureQuery | None = None,
    ) -> None:
        """Nothing of a kind was found for a query, words or a picture."""
        self._icon.show_icon("search" if picture is None else "file-image", "faint")
        asked = picture.name if picture is not None else answer.query
        asked = asked if len(asked) <= 60 else asked[:59] + "…"
        what = "Nothing" if kind == "both" else "No texts" if kind == "text" else "No pictures"
        by_words = picture is None and answer.mode == "lexical"
        self._title.setText(
            f"{what} found for “{asked}”" if picture is None else f"Nothing looks like “{asked}”"
        )
        self._say(_advice(answer, n_filters, kind, picture))
        self.unfilter.setVisible(n_filters > 0)
        self.hybrid.setVisible(by_words)
        self.everything.setText("Search pictures too" if kind == "text" else "Search texts too")
        self.everything.setVisible(picture is None and kind != "both")
        self.without.setVisible(picture is not None)

    def tell(self, error: EngineError, picture: PictureQuery | None = None) -> None:
        """The search failed."""
        self._icon.show_icon("warning", "warning")
        self._title.setText(error.title)
        self._say(" ".join(part for part in (error.message, error.hint) if part))
        for button in (self.unfilter, self.hybrid, self.everything):
            button.hide()
        self.without.setVisible(picture is not None)

    def _say(self, words: str) -> None:
        self._words.setText(words)
        for label in (self._title, self._words):  # an aligned layout does not ask for it
            label.setFixedHeight(label.heightForWidth(_WIDTH))


def _advice(answer: SearchResults, n_filters: int, kind: Kind, picture: PictureQuery | None) -> str:
    """What may help."""
    if n_filters:
        return "Some documents are left out by your filters."
    if picture is not None:
        words = "The pictures of the library have not been looked at yet, or none passes."
        return answer.notice or words
    if kind == "image":
        words = "No picture fits. Say what is to be seen, in a few plain words."
        return answer.notice or words
    if answer.mode == "lexical":
        return "None of these words is in your library. Meaning finds what is said otherwise."
    return "Try other words, or add the folder where it may be."
