"""A curve that grows while a model is tuned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from gui.theme import colors, set_role
from gui.widgets.card import Card

if TYPE_CHECKING:
    from pyqtgraph import PlotWidget

_DRAW_EVERY_MS = 100
_HEIGHT = 190
_MOST_TICKS = 12


class Curve(Card):
    """Points of one series, joined; the plot library is loaded with the first point."""

    _plot: PlotWidget | None = None  # here, because Qt calls `changeEvent` while it constructs

    def __init__(
        self,
        heading: str,
        words: str,
        parent: QWidget | None = None,
        *,
        digits: str = ".3f",
        height: int = _HEIGHT,
        least_span: float = 0.0,
    ) -> None:
        """`words` stand there until the first point comes; `digits` formats the newest value.

        The axis of values spans at least `least_span`, so that noise does not fill the curve.
        """
        super().__init__(heading, parent=parent)
        self._digits = digits
        self._least_span = least_span
        self._points: list[tuple[float, float]] = []
        self._newest = QLabel()
        set_role(self._newest, "heading")
        self.buttons.addWidget(self._newest)
        nothing = QLabel(words)
        set_role(nothing, "small")
        nothing.setWordWrap(True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._either = QStackedWidget()
        self._either.setFixedHeight(height)
        self._either.addWidget(nothing)
        self.body.addWidget(self._either)
        self._redraw = QTimer(self, interval=_DRAW_EVERY_MS, singleShot=True)
        self._redraw.timeout.connect(self._draw)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """What is shown, as (step, value)."""
        return tuple(self._points)

    def add(self, step: float, value: float) -> None:
        """Add a point."""
        self._points.append((step, value))
        self._newest.setText(format(value, self._digits))
        if not self._redraw.isActive():
            self._redraw.start()

    def clear(self) -> None:
        """Forget all points."""
        self._points.clear()
        self._newest.clear()
        self._either.setCurrentIndex(0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._plot is not None:
            self._draw()

    def _draw(self) -> None:
        if not self._points:
            return
        import pyqtgraph

        if self._plot is None:
            self._plot = pyqtgraph.PlotWidget()
            self._plot.setMenuEnabled(False)
            self._plot.setMouseEnabled(False, False)
            self._plot.hideButtons()
            self._plot.setLabel("bottom", "Step")
            self._plot.getAxis("bottom").enableAutoSIPrefix(False)  # no steps of a thousandth
            self._plot.setFrameShape(self._plot.Shape.NoFrame)
            self._either.addWidget(self._plot)
        now, plot = colors(), self._plot
        plot.setBackground(now.surface)
        for side in ("bottom", "left"):
            axis = plot.getAxis(side)
            axis.setPen(now.border)
            axis.setTextPen(now.muted)
            axis.setStyle(tickLength=0)
        plot.showGrid(y=True, alpha=0.15)
        plot.clear()
        steps, values = zip(*self._points, strict=True)
        few = len(steps) <= 40
        plot.plot(
            steps,
            values,
            pen=pyqtgraph.mkPen(now.accent, width=2),
            antialias=True,
            symbol="o" if few else None,
            symbolSize=6,
            symbolBrush=now.accent,
            symbolPen=now.accent,
        )
        first, last = min(0, *steps), max(5, *steps)
        spacing = whole_spacing(last - first)
        plot.getAxis("bottom").setTickSpacing(spacing, spacing)  # steps are whole
        plot.setXRange(first, last)
        plot.setYRange(*span_of(values, self._least_span))
        self._either.setCurrentIndex(1)


def whole_spacing(span: float) -> int:
    """How far apart ticks at round whole numbers stand so that there are few: 1, 2, 5, 10, ..."""
    spacings = (digit * int(10**power) for power in range(12) for digit in (1, 2, 5))
    return next(spacing for spacing in spacings if span / spacing <= _MOST_TICKS)


def span_of(values: Sequence[float], least: float) -> tuple[float, float]:
    """What an axis spans to show these values, at least `least` of it, about their middle."""
    low, high = min(values), max(values)
    least = least or (abs(high) * 0.2 or 1.0 if low == high else 0.0)
    missing = max(0.0, least - (high - low)) / 2
    return low - missing, high + missing
