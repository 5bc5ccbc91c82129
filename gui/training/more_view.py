"""More training data: hard negatives, made queries, the cross-encoder's labels."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.background import Engine
from gui.theme import Space


class MoreDataView(QWidget):
    """Ways to get more data, each with what it brought so far."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(Space.L)

    def load(self) -> None:
        """Ask for what is shown."""

    def show_source(self, evalset: str | None, split: str) -> None:
        """Take another source of training."""
