"""Which of two models was preferred how often, with how far that may be chance."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.training_records import AbTest
from gui.theme import Space, colors, set_role
from gui.widgets.elided_label import ElidedLabel

_HEIGHT = 24


class PreferenceBar(QWidget):
    """A scale from the first model to the second, with the interval on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = _Scale()
        self._first, self._second = ElidedLabel(), ElidedLabel()
        self._second.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        ends = QHBoxLayout()
        ends.setSpacing(Space.XL)
        for label in (self._first, self._second):
            set_role(label, "small")
            ends.addWidget(label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self.scale)
        column.addLayout(ends)

    def show_test(self, test: AbTest, first: str, second: str) -> None:
        """Show how a test ended; the names are those of its models."""
        self.scale.show_preference(test.preference, test.ci)
        for label, name, wins in (
            (self._first, first, test.wins_first),
            (self._second, second, test.wins_second),
        ):
            label.setText(f"{name}: {wins:,}")
        words = preference_in_words(test, first, second)
        self.scale.setAccessibleName(words)
        self.scale.setToolTip(f"{words}\nThe upright line is no preference.")


def preference_in_words(test: AbTest, first: str, second: str) -> str:
    """Shares with their interval: `X was preferred in 70 %, between 57 % and 80 %, …`."""
    low, high = test.ci
    share, name = test.preference, second
    if share < 0.5:
        share, low, high, name = 1 - share, 1 - high, 1 - low, first
    return (
        f"“{name}” was preferred in {share:.0%} of the searches that decided; 95 % confidence "
        f"interval {low:.0%} to {high:.0%}."
    )


class _Scale(QWidget):
    """The interval and the share, against no preference."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.5
        self._interval = 0.0, 1.0
        self.setFixedHeight(_HEIGHT)

    def show_preference(self, share: float, interval: tuple[float, float]) -> None:
        self._share, self._interval = share, interval
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now, (low, high) = colors(), self._interval
        middle = self.height() / 2

        def at(share: float) -> float:
            return 6 + share * (self.width() - 12)

        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.border))
        painter.drawRoundedRect(QRectF(0, middle - 1, self.width(), 2), 1, 1)
        tone = QColor(now.good if low > 0.5 or high < 0.5 else now.accent)
        bar = QColor(tone)
        bar.setAlphaF(0.45)
        painter.setBrush(bar)
        painter.drawRoundedRect(QRectF(at(low), middle - 4, at(high) - at(low), 8), 4, 4)
        painter.setBrush(tone)
        painter.drawEllipse(QRectF(at(self._share) - 6, middle - 6, 12, 12))
        painter.setBrush(QColor(now.text))
        painter.drawRect(QRectF(at(0.5) - 0.75, 1, 1.5, self.height() - 2))
