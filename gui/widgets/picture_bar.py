"""What a picture's file says of it; its place leads to pictures that were taken near it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from engine.records import Picture
from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel
from gui.wording import count

_NEAR_KM = 5


class PictureBar(QWidget):
    """One line: facts, and a link to what is near."""

    condition_asked = Signal(str)
    """A condition to add to the query: `near:48.1,11.6,5`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._picture: Picture | None = None
        self._facts = ElidedLabel()
        set_role(self._facts, "small")
        self.near = QPushButton("Near here")
        set_role(self.near, "link")
        self.near.clicked.connect(self._ask_near)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self._facts, 1)
        row.addWidget(self.near)

    @property
    def words(self) -> str:
        """What it says."""
        return self._facts.text()

    def show_picture(self, picture: Picture | None) -> None:
        """Show what is known of a picture; hidden for what is none."""
        self._picture = picture
        self.setVisible(picture is not None)
        if picture is None:
            return
        self._facts.setText("  ·  ".join(_facts(picture)))
        self.near.setVisible(picture.latitude is not None and picture.longitude is not None)
        self.near.setToolTip(f"Pictures taken within {_NEAR_KM} km of {_place(picture)}")

    def _ask_near(self) -> None:
        if self._picture is not None:
            latitude, longitude = self._picture.latitude or 0.0, self._picture.longitude or 0.0
            self.condition_asked.emit(f"near:{latitude:.4f},{longitude:.4f},{_NEAR_KM}")


def _facts(picture: Picture) -> list[str]:
    """With the place; when it was taken is told of every document."""
    parts = [f"{count(picture.width)} × {count(picture.height)} pixels"]
    parts += [words for words in (picture.camera, _place(picture)) if words]
    return parts


def _place(picture: Picture) -> str:
    """`38.7200° N, 9.1400° W`; empty where it is not known."""
    if picture.latitude is None or picture.longitude is None:
        return ""
    north, east = picture.latitude >= 0, picture.longitude >= 0
    return (
        f"{abs(picture.latitude):.4f}° {'N' if north else 'S'}, "
        f"{abs(picture.longitude):.4f}° {'E' if east else 'W'}"
    )
