"""Why a result is where it is: each retriever's rank and score, in words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from engine.records import Mode, RetrieverScore, SearchResult
from gui.theme import Space, set_role

_NAMES = {
    "lexical": "Keywords",
    "dense": "Meaning",
    "reranker": "Reranker",
    "look": "Looks like it",
    "meaning": "What it shows",
}
_BY_MODE: dict[Mode, tuple[str, ...]] = {
    "hybrid": ("lexical", "dense"),
    "lexical": ("lexical",),
    "dense": ("dense",),
}
_MISSED = {
    "lexical": "did not find the query's words here",
    "dense": "not among the closest in meaning",
}


class WhyPanel(QFrame):
    """A line for each retriever that was asked, and one for what came of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "sunken")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[str, str]] = []

    @property
    def words(self) -> str:
        """What it says."""
        return "\n".join(f"{name}: {words}" for name, words in self._lines)

    def explain(self, result: SearchResult, mode: Mode) -> None:
        """Say why a result has its place."""
        lines = why(result, mode)
        if lines == self._lines:
            return
        self._lines = lines
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, words) in enumerate(lines):
            for column, (text, role) in enumerate(((name, "muted"), (words, ""))):
                label = QLabel(text)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setWordWrap(column == 1)
                set_role(label, role)
                self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)


def why(result: SearchResult, mode: Mode) -> list[tuple[str, str]]:
    """A name and a sentence for each retriever, then for the place that came of them.

    Of a picture it is told only what found it: that few words are on it explains nothing.
    """
    asked = _BY_MODE[mode] if result.picture is None else ()
    lines = [(_NAMES[name], _MISSED[name]) for name in asked if name not in result.scores]
    found = [name for name in _NAMES if name in result.scores]
    lines += [(_NAMES[name], _found(name, result.scores[name])) for name in found]
    order = list(_NAMES.values())
    lines.sort(key=lambda line: order.index(line[0]))
    if len(lines) > 1:
        lines.append(("Together", f"{ordinal(result.rank)}, score {result.score:.3f}"))
    return lines


def _found(name: str, line: RetrieverScore) -> str:
    match name:
        case "lexical":
            return f"{ordinal(line.rank)} by the query's words, BM25 {line.score:.2f}"
        case "dense":
            return f"{ordinal(line.rank)} by meaning, similarity {line.score:.2f}"
        case "look":
            return f"{ordinal(line.rank)} by its look, similarity {line.score:.2f}"
        case "meaning":
            return f"{ordinal(line.rank)} by what it shows, score {line.score:.2f}"
        case _:
            return (
                f"{ordinal(line.rank)} after reading query and passage together, {line.score:.2f}"
            )


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
