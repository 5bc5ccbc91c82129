"""A slider between two words: how much of the one, how much of the other."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from gui.theme import set_role

_STEPS = 20
_PAUSE_MS = 80
_WIDTH = 120


class BalanceSlider(QWidget):
    """Gives the share of what stands at its right, 0 to 1."""

    changed = Signal()
    """The user moved it, and has paused for a moment."""

    def __init__(self, left: str, right: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left, self._right = left, right
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.changed)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setValue(_STEPS // 2)
        self.slider.setFixedWidth(_WIDTH)
        self.slider.setAccessibleName(f"Balance between {left.lower()} and {right.lower()}")
        self.slider.valueChanged.connect(self._slide)
        self.slider.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (QLabel(left), self.slider, QLabel(right)):
            row.addWidget(part)
            if isinstance(part, QLabel):
                set_role(part, "small")
        self._show_share()

    @property
    def share(self) -> float:
        """Of what stands at the right, 0 to 1."""
        return self.slider.value() / _STEPS

    def show_share(self, share: float) -> None:
        """Stand at a share; says nothing of it."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(share * _STEPS))
        self._show_share()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A double click is half and half."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self.slider.setValue(_STEPS // 2)
            return True
        return super().eventFilter(watched, event)

    def _slide(self) -> None:
        self._show_share()
        self._pause.start()

    def _show_share(self) -> None:
        share = round(self.share * 100)
        left, right = self._left.lower(), self._right.lower()
        self.slider.setToolTip(f"{100 - share} % {left}, {share} % {right}; double-click for half")
