"""One run: what was asked, what came of it, and its curves."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.training_records import RunRecord
from gui.file_browser import is_file_path, show_in_folder
from gui.models.series_curves import SeriesCurves
from gui.theme import Space, set_role
from gui.training.run_words import (
    duration_in_words,
    kind_in_words,
    name_in_words,
    number_in_words,
    state_in_words,
)
from gui.widgets.card import Card
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.facts import Fact, Facts
from gui.widgets.wrapped_label import wrapped_label
from gui.wording import date_time


class RunDetails(QWidget):
    """Cards about a run; hidden while none is chosen."""

    closed = Signal()
    """The user has seen enough of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunRecord | None = None
        self._title = ElidedLabel()
        set_role(self._title, "heading")
        self._when, self._message = wrapped_label("small"), wrapped_label()
        self.params, self.metrics, self.artefacts = Facts(), Facts(), Facts()
        self.folder_button = QPushButton("Open folder")
        self.folder_button.clicked.connect(self._open_folder)
        close = QPushButton("Close")
        close.setAccessibleName("Close the details of the run")
        close.clicked.connect(self.closed)
        self.curves = SeriesCurves()
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(self._title, 1)
        top.addWidget(self.folder_button)
        top.addWidget(close)
        head = Card()
        head.body.addLayout(top)
        for widget in (self._when, self._message, self.artefacts):
            head.body.addWidget(widget)
        self._asked, self._reached = Card("What was asked"), Card("What came of it")
        self._asked.body.addWidget(self.params)
        self._reached.body.addWidget(self.metrics)
        for card in (self._asked, self._reached):
            card.body.addStretch()
        pair = QHBoxLayout()
        pair.setSpacing(Space.L)
        pair.addWidget(self._asked, 1)
        pair.addWidget(self._reached, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        column.addWidget(head)
        column.addLayout(pair)
        column.addWidget(self.curves)
        self.hide()

    @property
    def words(self) -> str:
        """What is said of the run; empty while none is shown."""
        if self.isHidden():
            return ""
        facts = (self.artefacts, self.params, self.metrics)
        said = (self._title.text(), self._when.text(), self._message.text())
        return "\n".join([*said, *(each.words for each in facts)])

    def show_run(self, run: RunRecord | None) -> None:
        """Show a run, or none."""
        self._run = run
        self.setVisible(run is not None)
        if run is None:
            return
        self._title.setText(run.title)
        took = f", took {duration_in_words(run)}" if run.ended_at is not None else ""
        self._when.setText(
            f"{kind_in_words(run)} · {state_in_words(run)} · {date_time(run.began_at)}{took}"
        )
        self._message.setText(run.message)
        self._message.setVisible(bool(run.message))
        self.artefacts.show_facts(Fact("Made", made) for made in run.artefacts)
        self.params.show_facts(
            Fact(name_in_words(name), value, name) for name, value in run.params.items()
        )
        self.metrics.show_facts(
            Fact(name_in_words(name), number_in_words(value), f"{name} {value!r}")
            for name, value in run.metrics.items()
        )
        self._asked.setVisible(bool(run.params))
        self._reached.setVisible(bool(run.metrics))
        self.folder_button.setVisible(bool(self._path))
        self.curves.show_points(run.points)

    @property
    def _path(self) -> str:
        """The first thing on the disk that it made."""
        made = self._run.artefacts if self._run is not None else ()
        return next((each for each in made if is_file_path(each)), "")

    def _open_folder(self) -> None:
        show_in_folder(self._path)
