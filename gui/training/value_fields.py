"""Fields for values of each type that a recipe has; a field does not know what is allowed."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from gui.widgets.flow_layout import FlowLayout


class TextField(QLineEdit):
    """A text."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.textChanged.connect(lambda _: self.changed.emit())

    def read(self) -> object:
        """The text without blanks around it."""
        return self.text().strip()

    def show_value(self, value: object) -> None:
        """Show a text from its beginning."""
        self.setText(str(value))
        self.setCursorPosition(0)


class NumberField(TextField):
    """A number, whole or not; small ones are written out."""

    def __init__(self, *, whole: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = whole
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def read(self) -> object:
        """The number."""
        return number_of(self.text(), whole=self._whole)

    def show_value(self, value: object) -> None:
        """Show a number."""
        assert isinstance(value, int | float)
        super().show_value(number_in_words(value))


class NumbersField(TextField):
    """Numbers with commas between them; nothing is none."""

    def __init__(self, *, whole: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = whole
        self.setPlaceholderText("None")

    def read(self) -> object:
        """The numbers."""
        parts = [part for part in self.text().split(",") if part.strip()]
        return tuple(number_of(part, whole=self._whole) for part in parts)

    def show_value(self, value: object) -> None:
        """Show numbers."""
        assert isinstance(value, tuple)
        super().show_value(", ".join(number_in_words(number) for number in value))


class ChoiceField(QComboBox):
    """One of some values."""

    changed = Signal()

    def __init__(self, offered: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for value, words in offered:
            self.addItem(words, value)
        self.setMinimumContentsLength(12)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.currentIndexChanged.connect(lambda _: self.changed.emit())

    def read(self) -> object:
        """The value."""
        return self.currentData()

    def show_value(self, value: object) -> None:
        """Choose a value."""
        self.setCurrentIndex(self.findData(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the form scroll past it."""
        event.ignore()


class FlagField(QCheckBox):
    """Yes or no."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Yes", parent)
        self.toggled.connect(lambda _: self.changed.emit())

    def read(self) -> object:
        """Whether it is ticked."""
        return self.isChecked()

    def show_value(self, value: object) -> None:
        """Tick it or not."""
        self.setChecked(bool(value))


class CheckList(QWidget):
    """Some of several values, ticked; those that were ticked at first keep their order."""

    changed = Signal()

    def __init__(self, offered: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, QCheckBox] = {}
        self._first: tuple[str, ...] = ()
        flow = FlowLayout(self)
        flow.setSpacing(10)
        for value, words in offered:
            box = QCheckBox(words)
            box.toggled.connect(lambda _: self.changed.emit())
            self._boxes[value] = box
            flow.addWidget(box)

    def read(self) -> object:
        """The values that are ticked."""
        return tuple(
            value
            for value in dict.fromkeys((*self._first, *self._boxes))
            if self._boxes[value].isChecked()
        )

    def show_value(self, value: object) -> None:
        """Tick these values."""
        assert isinstance(value, tuple)
        self._first = value
        for name, box in self._boxes.items():
            box.setChecked(name in value)


def number_of(text: str, *, whole: bool) -> int | float:
    """A number as people write it, with a decimal comma too; raises ValueError."""
    plain = text.strip().replace(",", ".")
    return int(plain) if whole else float(plain)


def number_in_words(number: float) -> str:
    """A number written out: `0.00005`, `20`."""
    if isinstance(number, int) or number == int(number):
        return str(int(number))
    return format(Decimal(repr(number)), "f")
