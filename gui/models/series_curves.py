"""The curves of something that was run, two beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from engine.training_records import CurvePoint
from gui.theme import Space
from gui.widgets.curve import Curve

_HEIGHT = 150
_FIRST = ("loss", "nDCG@10")
_HEADINGS = {
    "loss": "Loss",
    "learning rate": "Learning rate",
    "pairs a second": "Pairs a second",
    "validation loss": "Validation loss",
}
_LEAST_SPANS = {"nDCG@10": 0.05, "validation loss": 0.05}
_DIGITS = {"learning rate": ".2g", "pairs a second": ",.1f"}


class SeriesCurves(QWidget):
    """A curve for each series; hidden where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: list[Curve] = []
        self._shown: tuple[CurvePoint, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.L)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.hide()

    def show_points(self, points: Sequence[CurvePoint]) -> None:
        """Show these in place of those before."""
        if tuple(points) == self._shown:
            return
        self._shown = tuple(points)
        for curve in self.curves:
            self._grid.removeWidget(curve)
            curve.hide()
            curve.deleteLater()
        series = list(dict.fromkeys(point.series for point in points))
        series.sort(key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
        self.curves = [self._curve(name) for name in series]
        for number, curve in enumerate(self.curves):
            self._grid.addWidget(curve, number // 2, number % 2)
        self.setVisible(bool(series))

    def _curve(self, name: str) -> Curve:
        digits = _DIGITS.get(name, ".3f")
        span = _LEAST_SPANS.get(name, 0.0)
        heading = _HEADINGS.get(name, name)
        curve = Curve(heading, "", digits=digits, height=_HEIGHT, least_span=span)
        for point in self._shown:
            if point.series == name:
                curve.add(point.step, point.value)
        return curve
