"""A curve that grows while a model is tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from gui.theme import Space, colors, set_role
from gui.widgets.card import Card

if TYPE_CHECKING:
    from pyqtgraph import PlotWidget

_DRAW_EVERY_MS = 100
_HEIGHT = 190


class Curve(Card):
    """Points of one series, joined; the plot library is loaded with the first point."""

    _plot: PlotWidget | None = None  # here, because Qt calls `changeEvent` while it constructs

    def __init__(self, heading: str, words: str, parent: QWidget | None = None) -> None:
        """`words` stand there until the first point comes."""
        super().__init__(heading, parent=parent)
        self._points: list[tuple[float, float]] = []
        self._newest = QLabel()
        set_role(self._newest, "heading")
        self.buttons.addWidget(self._newest)
        nothing = QLabel(words)
        set_role(nothing, "small")
        nothing.setWordWrap(True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._either = QStackedWidget()
        self._either.setFixedHeight(_HEIGHT)
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
        self._newest.setText(f"{value:.3f}")
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
        self._either.setCurrentIndex(1)


class Curves(QWidget):
    """Two curves side by side: the training loss, and how well held-out queries are answered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = Curve("Training loss", "It appears with the first steps.")
        self.quality = Curve(
            "Held-out nDCG@10", "Measured now and then on queries that are not trained on."
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        row.addWidget(self.loss, 1)
        row.addWidget(self.quality, 1)

    def add(self, series: str, step: float, value: float) -> None:
        """Add a point to the curve of a series."""
        (self.loss if series == "loss" else self.quality).add(step, value)

    def clear(self) -> None:
        """Start anew."""
        self.loss.clear()
        self.quality.clear()
