"""The evaluation sets, one below the other: how large each is and how far it is judged."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.evaluation_records import SetOverview
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.empty_state import EmptyState
from gui.widgets.evalset_coverage import counts_in_words, set_in_words, shares
from gui.widgets.pill import Pill
from gui.widgets.stacked_bar import ShareBar

_BAR_WIDTH = 260


class SetRow(Card):
    """One set, with the button that opens it."""

    opened = Signal()

    def __init__(self, overview: SetOverview, over: str, parent: QWidget | None = None) -> None:
        """`over` says which documents answer."""
        super().__init__(parent=parent)
        self.overview = overview
        shown = set_in_words(overview.name)
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        name = ElidedLabel(shown, Qt.TextElideMode.ElideMiddle)
        set_role(name, "heading")
        about = ElidedLabel(f"{counts_in_words(overview)} · {over}")
        set_role(about, "small")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(name)
        words.addWidget(about)
        bar = ShareBar()
        bar.show_shares(shares(overview))
        bar.setMinimumWidth(_BAR_WIDTH // 2)
        bar.setMaximumWidth(_BAR_WIDTH)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addLayout(words, 3)
        if overview.n_without_relevant:
            row.addWidget(
                Pill(
                    f"{overview.n_without_relevant} unanswered",
                    "warning",
                    "Judged queries for which nothing relevant was found",
                )
            )
        row.addWidget(bar, 1)
        self.open_button = QPushButton("Open")
        self.open_button.setAccessibleName(f"Open {shown}")
        self.open_button.clicked.connect(self.opened)
        row.addWidget(self.open_button)
        self.body.addLayout(row)


class SetList(QWidget):
    """A row for each set."""

    opened = Signal(str)
    """The name of a set."""
    new_asked = Signal()
    import_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[SetRow] = []
        self.came_from = ""
        """The name of the set that was open last."""
        self._shown: tuple[tuple[SetOverview, str], ...] | None = None
        self._new, take_in = QPushButton("New set…"), QPushButton("Import…")
        set_role(self._new, "primary")
        self._new.clicked.connect(self.new_asked)
        take_in.clicked.connect(self.import_asked)
        self.nothing = EmptyState(
            "check",
            "No evaluation set yet",
            "Queries with known answers tell which way of searching is best for you. Make a set "
            "and judge what the systems find, import one, or give results of your searches the "
            "grades 0 to 3: those make a set of their own.",
            (self._new, take_in),
        )
        self.loading = QLabel("Loading…")
        set_role(self.loading, "muted")
        self.loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout()
        self._column.setSpacing(Space.S)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.loading)
        whole.addWidget(self.nothing)
        whole.addLayout(self._column)
        self.nothing.hide()

    @property
    def next_step(self) -> QPushButton:
        """What the keyboard is for first: the set one came from, the first, or making one."""
        for row in self.rows:
            if row.overview.name == self.came_from:
                return row.open_button
        return self.rows[0].open_button if self.rows else self._new

    def show_sets(self, sets: tuple[tuple[SetOverview, str], ...]) -> None:
        """Show sets, each with the words for the documents that answer."""
        self.loading.hide()
        self.nothing.setVisible(not sets)
        if sets == self._shown:
            return  # the rows stay, and keep the keyboard's focus
        self._shown = sets
        had_focus = next((r.overview.name for r in self.rows if r.open_button.hasFocus()), "")
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = [SetRow(overview, over) for overview, over in sets]
        for row in self.rows:
            row.opened.connect(lambda name=row.overview.name: self.opened.emit(name))
            self._column.addWidget(row)
            if row.overview.name == had_focus:
                row.open_button.setFocus()
