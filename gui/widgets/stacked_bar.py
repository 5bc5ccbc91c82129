"""Shares of a whole: a bar in several colours, and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import Space, colors, set_role

_HUES = ("#3f87b5", "#45a27a", "#c7963a", "#a06cb5", "#b8655f", "#7b8794")
"""Told apart on light and dark grounds alike; more shares than these begin anew."""
_MISSING = "#9aa5b1"
_GAP = 2.0


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the whole."""

    name: str
    amount: int
    words: str
    """The amount as it is shown."""
    tooltip: str = ""
    missing: bool = False
    """Whether it is what is not there: grey."""


class StackedBar(QWidget):
    """A bar of shares over its legend; a share of nothing is in the legend alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = ShareBar()
        self._legend = QGridLayout()
        self._legend.setHorizontalSpacing(Space.S)
        self._legend.setVerticalSpacing(Space.XS)
        self._legend.setColumnStretch(1, 1)
        self._shown: tuple[Share, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self._bar)
        column.addLayout(self._legend)

    def show_shares(self, shares: tuple[Share, ...]) -> None:
        """Show shares in this order."""
        if shares == self._shown:
            return
        self._shown = shares
        self._bar.show_shares(shares)
        while (item := self._legend.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, (share, hue) in enumerate(zip(shares, _hues(shares), strict=True)):
            name, amount = QLabel(share.name), QLabel(share.words)
            set_role(amount, "muted")
            amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            name.setToolTip(share.tooltip)
            self._legend.addWidget(_Swatch(hue), row, 0)
            self._legend.addWidget(name, row, 1)
            self._legend.addWidget(amount, row, 2)


class ShareBar(QWidget):
    """The bar alone."""

    def __init__(self) -> None:
        super().__init__()
        self._amounts: list[int] = []
        self._hues: list[str] = []
        self.setFixedHeight(12)

    def show_shares(self, shares: tuple[Share, ...]) -> None:
        """Show shares in this order; what each is, is its tooltip."""
        self._amounts, self._hues = [share.amount for share in shares], _hues(shares)
        words = [f"{share.name} {share.words}" for share in shares]
        self.setAccessibleName(", ".join(words))
        self.setToolTip("\n".join(words))
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw each share as wide as it is of the whole."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.setClipPath(whole)
        painter.fillRect(self.rect(), QColor(colors().border))
        total = sum(self._amounts)
        left = 0.0
        for amount, hue in zip(self._amounts, self._hues, strict=True):
            width = self.width() * amount / total if total else 0.0
            if width > 0:
                painter.fillRect(QRectF(left, 0, max(width - _GAP, 1), self.height()), QColor(hue))
            left += width


class _Swatch(QWidget):
    """A dot in a share's colour."""

    def __init__(self, hue: str) -> None:
        super().__init__()
        self._hue = QColor(hue)
        self.setFixedSize(QSize(10, 10))

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._hue)
        painter.setPen(self._hue)
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))


def _hues(shares: tuple[Share, ...]) -> list[str]:
    turns = cycle(_HUES)
    return [_MISSING if share.missing else next(turns) for share in shares]
