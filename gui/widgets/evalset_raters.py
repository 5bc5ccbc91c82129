"""Shares the queries of a set among its raters."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from engine.evaluation_records import ADJUDICATED, IMPORTED, SetOverview
from engine.evaluation_requests import AssignRaters
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.form_dialog import FormDialog


def people(overview: SetOverview) -> list[str]:
    """The raters who are persons."""
    return [rater for rater in overview.raters if rater not in (ADJUDICATED, IMPORTED)]


class AssignDialog(FormDialog):
    """Asks who shares the queries, and how many of them go to two."""

    given = Signal(object)
    """An AssignRaters."""

    def __init__(self, overview: SetOverview, parent: QWidget | None = None) -> None:
        super().__init__(
            f"Raters of “{set_in_words(overview.name)}”",
            "Queries are shared among the raters. Some go to two of them: only that tells how "
            "far the raters agree.",
            "Share out",
            parent,
        )
        self._name = overview.name
        self.raters, self.overlap = QLineEdit(", ".join(people(overview))), QSpinBox()
        self.raters.setPlaceholderText("Ines, Jonas, Mira")
        self.overlap.setRange(0, 100)
        self.overlap.setValue(20)
        self.overlap.setSuffix(" % of the queries")
        self.add("&Raters", self.raters, "Names, parted by commas; none lets everybody judge all")
        self.add("To &two of them", self.overlap)
        self.raters.textChanged.connect(self._tell)
        self.accepted.connect(lambda: self.given.emit(self.request))
        self._tell()

    @property
    def request(self) -> AssignRaters:
        """What is chosen."""
        names = dict.fromkeys(part.strip() for part in self.raters.text().split(","))
        raters = tuple(name for name in names if name)
        return AssignRaters(self._name, raters, self.overlap.value() / 100)

    def _tell(self) -> None:
        shared = bool(self.request.raters)
        self.do.setText("Share out" if shared else "Let everybody judge all")
        self.overlap.setEnabled(len(self.request.raters) > 1)
