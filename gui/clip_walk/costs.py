"""The second step to a CLIP model: what it costs, and what its owner asks."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.records import PublishedModel
from gui.clip_walk.source import Source, name_of
from gui.theme import Space, set_role
from gui.widgets.card import Card, explanation
from gui.wording import count, size

_QUICK, _SLOW = 700_000_000, 2_000_000_000
_NETWORK = (
    "This download is the only thing for which Attune ever uses the network, and it happens only "
    "now, because you ask for it. Only the model is fetched; nothing of yours is sent."
)
_NO_NETWORK = (
    "Nothing is fetched from anywhere: the model is read from your files, which stay as they are. "
    "A copy in the form that Attune works with is put into the library's folder."
)


class CostStep(QWidget):
    """Size, disk, memory, speed and licence; the architecture where files do not tell it."""

    title = "What it costs"
    changed = Signal()
    """It may be possible to go on now, or no more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: Source | None = None
        self._n_pictures = 0
        self.card = Card()
        self._facts: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(1, 1)
        self.card.body.addLayout(self._grid)
        self.field = QComboBox()
        self.field.setEditable(True)
        self.field.setAccessibleName("Architecture")
        line = QLineEdit()
        line.setPlaceholderText("As open_clip calls it, such as ViT-B-32")
        self.field.setLineEdit(line)
        self.field.editTextChanged.connect(lambda _: self.changed.emit())
        self._asks = QWidget()
        asking = QVBoxLayout(self._asks)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.setSpacing(Space.XS)
        label = QLabel("&Architecture")
        label.setBuddy(self.field)
        set_role(label, "heading")
        asking.addWidget(label)
        asking.addWidget(self.field)
        asking.addWidget(
            explanation(
                "A checkpoint alone does not say what model it belongs to, and there is no "
                "open_clip_config.json beside it. Whoever made it can tell."
            )
        )
        self._network = explanation("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        column.addWidget(self.card)
        column.addWidget(self._asks)
        column.addWidget(self._network)
        column.addStretch()

    @property
    def architecture(self) -> str:
        """What the user named; empty where it is not asked for."""
        return "" if self._asks.isHidden() else self.field.currentText().strip()

    @property
    def is_complete(self) -> bool:
        """Whether all is told that is needed."""
        return self._asks.isHidden() or bool(self.architecture)

    @property
    def words(self) -> str:
        """What it says."""
        facts = [f"{name.text()}: {words.text()}" for name, words in self._facts]
        return "\n".join((*facts, self._network.text()))

    def know_architectures(self, names: Iterable[str]) -> None:
        """Offer the names of architectures."""
        typed = self.field.currentText()
        self.field.clear()
        self.field.addItems(sorted(set(names)))
        self.field.setEditText(typed)

    def know_pictures(self, n_pictures: int) -> None:
        """Say how many pictures would have to be looked at."""
        self._n_pictures = n_pictures

    def show_source(self, source: Source) -> None:
        """Say what a source costs."""
        self._source = source
        for label in (label for fact in self._facts for label in fact):
            label.hide()
            label.deleteLater()
        self._facts.clear()
        self._add("Model", name_of(source))
        if isinstance(source, PublishedModel):
            self._add("Good for", source.about)
            self._add("Download", size(source.size_bytes))
        n_bytes = source.size_bytes
        if n_bytes:
            self._add(
                "Disk", f"About {size(n_bytes)} in the library's folder; twice that for a while"
            )
            self._add("Memory", f"About {size(n_bytes)} more while it is in use")
            self._add("Speed", speed_in_words(n_bytes, self._n_pictures))
        if isinstance(source, PublishedModel):
            self._add("Licence", source.licence or "Not told; ask its owner before you rely on it")
            self._network.setText(f"{_NETWORK} By going on you accept the licence.")
            self._asks.hide()
        else:
            self._network.setText(_NO_NETWORK)
            self._asks.setVisible(source.needs_architecture)
        self.changed.emit()

    def _add(self, name: str, words: str) -> None:
        label, field = QLabel(name), QLabel(words)
        set_role(label, "muted")
        field.setTextFormat(Qt.TextFormat.PlainText)
        field.setWordWrap(True)
        field.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(label, len(self._facts), 0, top)
        self._grid.addWidget(field, len(self._facts), 1, top)
        self._facts.append((label, field))


def speed_in_words(size_bytes: int, n_pictures: int) -> str:
    """How long a model of this size looks at pictures; rough, since computers differ."""
    if size_bytes < _QUICK:
        words = "Some minutes for 1,000 pictures"
    elif size_bytes < _SLOW:
        words = "Up to half an hour for 1,000 pictures"
    else:
        words = "An hour or more for 1,000 pictures, unless the computer is fast"
    has = f"; your library has {count(n_pictures)}" if n_pictures else ""
    return f"{words}, once, in the background{has}"
