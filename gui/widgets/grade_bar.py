"""Thumbs and grades as buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from engine.evaluation_records import GRADED
from engine.records import Thumb
from gui.icons import icon
from gui.theme import Space, set_role


class GradeBar(QWidget):
    """Two thumbs and the grades from 0 on; pressing what is given takes it away."""

    graded = Signal(object)
    """A grade, or None to take it away."""
    thumbed = Signal(int)
    """1 or -1; the same thumb again takes it away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._up = self._thumb("thumb-up", "good", 1, "Thumb up: a good result (+)")
        self._down = self._thumb("thumb-down", "danger", -1, "Thumb down: a poor result (-)")
        group = QFrame()
        set_role(group, "segments")
        inside = QHBoxLayout(group)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.setSpacing(2)
        self._inside = inside
        self._grades: list[QPushButton] = []
        self.show_scale(GRADED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self._up)
        row.addWidget(self._down)
        row.addSpacing(Space.S)
        row.addWidget(group)
        row.addStretch()

    def show_scale(self, scale: Sequence[str]) -> None:
        """Offer these grades, from 0 on; what was given is not known any more."""
        for button in self._grades:
            button.hide()
            button.deleteLater()
        self._grades = [self._grade(number, words) for number, words in enumerate(scale)]
        for button in self._grades:
            self._inside.addWidget(button)

    def show_labels(self, grade: int | None, thumb: Thumb | None) -> None:
        """Show what is given."""
        self._up.setChecked(thumb == 1)
        self._down.setChecked(thumb == -1)
        for number, button in enumerate(self._grades):
            button.setChecked(number == grade)

    @property
    def shown(self) -> tuple[int | None, int | None]:
        """The grade and the thumb that are shown as given."""
        grade = next((n for n, button in enumerate(self._grades) if button.isChecked()), None)
        thumb = 1 if self._up.isChecked() else -1 if self._down.isChecked() else None
        return grade, thumb

    def _thumb(self, name: str, color: str, value: Thumb, tooltip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name, "muted", color))
        button.setCheckable(True)
        button.setToolTip(tooltip)
        button.setAccessibleName(tooltip)
        set_role(button, "thumb-up" if value > 0 else "thumb-down")
        button.clicked.connect(lambda: self.thumbed.emit(value))
        return button

    def _grade(self, number: int, words: str) -> QPushButton:
        button = QPushButton(str(number))
        button.setCheckable(True)
        button.setToolTip(f"{number}: {words}")
        button.setAccessibleName(f"Grade {number}: {words}")
        set_role(button, "segment")
        button.clicked.connect(lambda: self.graded.emit(number if button.isChecked() else None))
        return button
