"""A word on a soft ground: how something stands."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.theme import Space, font, set_role


class Pill(QFrame):
    """A short word that marks what it stands beside."""

    def __init__(
        self,
        word: str,
        tone: Literal["notice", "good", "warning", "danger"] = "notice",
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, tone)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        label = QLabel(word)
        set_role(label, "small" if tone == "notice" else tone)
        label.setFont(font("small"))
        inside = QHBoxLayout(self)
        inside.setContentsMargins(Space.S, 2, Space.S, 2)
        inside.addWidget(label)
        self.setToolTip(tooltip)
