"""One line over the results: how many, how fast, and what limits them just now."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.records import SearchResults
from gui.picture_query import PictureQuery
from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.wording import count

_LONGEST = 48
"""Characters of a picture's name, and of the words beside it."""


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

    def show_answer(self, answer: SearchResults, picture: PictureQuery | None = None) -> None:
        """Say it of an answer, to words or to a picture."""
        took = "less than 1 ms" if answer.took_ms < 1 else f"{answer.took_ms:,.0f} ms"
        n_found = len(answer.results)
        pictures_only = n_found and all(result.picture for result in answer.results)
        words = count(n_found, "picture" if pictures_only else "document")
        if picture is not None:
            words = _alike(n_found, answer, picture)
        self._counts.setText(f"{words}  ·  {took}")
        self._icon.setVisible(bool(answer.notice))
        self._notice.setText(answer.notice)

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._counts.text()} {self._notice.text()}".strip()


def _alike(n_found: int, answer: SearchResults, picture: PictureQuery) -> str:
    """`12 pictures that look like harbour.jpg and fit “in red”`."""
    like = n_found == 1
    words = f"{count(n_found, 'picture')} that {'looks' if like else 'look'} like "
    words += _short(picture.name)
    if answer.query:
        words += f" and {'fits' if like else 'fit'} “{_short(answer.query)}”"
    return words


def _short(words: str) -> str:
    if len(words) <= _LONGEST:
        return words
    half = _LONGEST // 2
    return f"{words[:half].rstrip()}…{words[-half:].lstrip()}"
