"""What the search page shows while nothing is searched for: the way in, examples, tips."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.places import EXAMPLE_QUERIES, SAMPLE_LIBRARY
from engine.records import LibraryStatus
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.icon_label import IconLabel
from gui.wording import count

_WIDTH = 620
_TIPS = (
    ("search", "Ask in your own words: search by meaning finds what is said differently."),
    ("file-image", "Drop or paste a picture to find others that look like it, and add words."),
    ("keyboard", "Press ↓ to enter the results, Enter to open one, Space to show its text."),
    ("thumb-up", "Grade results with 0 to 3, or give thumbs: that is how the model gets tuned."),
    ("filter", "Narrow a search to a folder, a type or a time with Ctrl+Shift+F."),
    ("sparkle", "Or type conditions along:  type:pdf  author:keller  in:projects  after:2024"),
)


class Welcome(QWidget):
    """The first run: two ways to a library that can be searched."""

    folder_asked = Signal()
    sample_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel("Find what you know you have")
        set_role(title, "display")
        words = _paragraph(
            "Attune searches your own documents by words and by meaning, and gets better as you "
            "judge what it finds. Your files are read, never changed, and nothing leaves this "
            "computer."
        )
        self.add = QPushButton(icon("add", "on_accent"), " Add a folder…")
        set_role(self.add, "primary")
        self.sample = QPushButton(icon("sparkle"), " Try the sample library")
        for button, asked in ((self.add, self.folder_asked), (self.sample, self.sample_asked)):
            button.setProperty("large", True)
            button.clicked.connect(asked)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addStretch()
        row.addWidget(self.add)
        row.addWidget(self.sample)
        row.addStretch()
        hint = QLabel("You can also drop folders onto this window.")
        set_role(hint, "small")
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setSpacing(Space.L)
        column.addStretch(2)
        column.addWidget(IconLabel("search", "accent", 64), 0, centre)
        column.addWidget(title, 0, centre)
        column.addLayout(_centred(words))
        column.addSpacing(Space.S)
        column.addLayout(row)
        column.addWidget(hint, 0, centre)
        column.addStretch(3)

    def show_busy(self, busy: bool) -> None:
        """While the sample library is being added, it cannot be added once more."""
        self.sample.setEnabled(not busy)
        self.sample.setText(" Adding the sample library…" if busy else " Try the sample library")


class Invitation(QWidget):
    """Nothing typed yet: examples that lead to a result in one click, and tips."""

    asked = Signal(str)
    """A query to search for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel()
        set_role(self._title, "title")
        self._counts = QLabel()
        set_role(self._counts, "muted")
        self._examples = QWidget()
        self._chips = QVBoxLayout(self._examples)
        self._chips.setContentsMargins(0, 0, 0, 0)
        self._chips.setSpacing(Space.S)
        tips = QWidget()
        tips.setMaximumWidth(_WIDTH)
        grid = QGridLayout(tips)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.M)
        for number, (icon_name, words) in enumerate(_TIPS):
            label = _paragraph(words)
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(IconLabel(icon_name, "faint", 20), number, 0)
            grid.addWidget(label, number, 1)
        grid.setColumnStretch(1, 1)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._column = column = QVBoxLayout(self)
        column.setSpacing(Space.M)
        column.addStretch(2)
        column.addWidget(self._title, 0, centre)
        column.addWidget(self._counts, 0, centre)
        column.addSpacing(Space.S)
        column.addWidget(self._examples)
        column.addSpacing(Space.L)
        column.addLayout(_centred(tips))
        column.addStretch(3)

    def put_on_top(self, widget: QWidget) -> None:
        """Show something over all else."""
        self._column.insertWidget(0, widget)

    def show_status(self, status: LibraryStatus | None) -> None:
        """Say what can be searched, and offer queries."""
        counts = ""
        title = "What are you looking for?"
        if status is not None and not status.n_documents and status.jobs:
            title, counts = "Reading your documents", "You can search as soon as the first are read"
        elif status is not None:
            counts = f"{count(status.n_documents, 'document')} can be searched"
            if status.n_pictures:
                counts += f", {count(status.n_pictures)} of them pictures"
        self._show_state(title, counts, _examples(status))

    def _show_state(self, title: str, counts: str, examples: Sequence[str]) -> None:
        self._title.setText(title)
        self._counts.setText(counts)
        self._counts.setVisible(bool(counts))
        self._examples.setVisible(bool(examples))
        shown = [chip.text() for chip in self._examples.findChildren(QPushButton)]
        if shown == list(examples):
            return
        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for first in range(0, len(examples), 2):
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(Space.S)
            row.addStretch()
            for words in examples[first : first + 2]:
                chip = QPushButton(words)
                set_role(chip, "chip")
                chip.clicked.connect(lambda _=False, query=words: self.asked.emit(query))
                row.addWidget(chip)
            row.addStretch()
            self._chips.addWidget(line)


def _examples(status: LibraryStatus | None) -> tuple[str, ...]:
    """Queries for the sample library, where there is one."""
    roots = status.roots if status is not None else ()
    if not any(root.path == str(SAMPLE_LIBRARY) for root in roots):
        return ()
    return tuple(EXAMPLE_QUERIES.read_text("utf-8").splitlines())


def _paragraph(words: str) -> QLabel:
    label = QLabel(words)
    set_role(label, "muted")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setMaximumWidth(_WIDTH)
    return label


def _centred(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch()
    row.addWidget(widget, 1000)
    row.addStretch()
    return row
