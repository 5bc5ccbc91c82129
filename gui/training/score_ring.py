"""How good the training data are, as a ring that fills."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import colors, font

_SIDE = 96
_STROKE = 9
_GOOD, _FAIR = 70, 40
"""Scores from which the ring is green, and no longer a warning."""


class ScoreRing(QWidget):
    """A score from 0 to 100."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._score: int | None = None
        self.setFixedSize(_SIDE, _SIDE)
        self.show_score(None)

    @property
    def score(self) -> int | None:
        """What it shows; None where that is not known."""
        return self._score

    def show_score(self, score: int | None) -> None:
        """Show a score, or that it is not known yet."""
        self._score = score
        known = "not known yet" if score is None else f"{score} of 100"
        self.setAccessibleName(f"Quality of the data: {known}")
        self.setToolTip(f"Quality of the data: {known}")
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the ring and the number in it."""
        now = colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = _STROKE / 2 + 1
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        pen = QPen(QColor(now.border), _STROKE)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawEllipse(box)
        score = self._score
        if score:
            tone = now.good if score >= _GOOD else now.accent if score >= _FAIR else now.warning
            pen.setColor(QColor(tone))
            painter.setPen(pen)
            painter.drawArc(box, 90 * 16, -round(360 * 16 * score / 100))
        painter.setPen(QColor(now.text if score is not None else now.muted))
        painter.setFont(font("title", bold=True))
        text = "–" if score is None else str(score)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
