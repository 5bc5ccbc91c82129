"""What a set is: its name, what raters should go by, its grades, the documents that answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from engine.evaluation_records import BINARY, GRADED, JUDGMENTS, SetOverview
from engine.evaluation_requests import ChangeEvalSet, CreateEvalSet
from engine.records import Root
from gui.widgets.form_dialog import FormDialog
from gui.wording import file_name

_GUIDELINE_HEIGHT = 110
_OWN = "own"


class SetForm(FormDialog):
    """Makes a set, or changes one."""

    given = Signal(object)
    """A CreateEvalSet or a ChangeEvalSet."""

    def __init__(
        self,
        datasets: Sequence[Root],
        change: SetOverview | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            "New evaluation set" if change is None else "Edit the set",
            "Queries, and how well documents answer them.",
            "Make the set" if change is None else "Save",
            parent,
        )
        self._change = change
        self.name, self.guideline = QLineEdit(), QPlainTextEdit()
        self.name.setPlaceholderText("What people look for in the archive")
        self.guideline.setFixedHeight(_GUIDELINE_HEIGHT)
        self.guideline.setTabChangesFocus(True)
        self.guideline.setPlaceholderText(
            "When is a document relevant? What is enough for the highest grade?"
        )
        self.add("&Name", self.name)
        self.add("&Guideline", self.guideline, "Raters see it while they judge")
        self._build_scale()
        self.over = QComboBox()
        if change is None:
            self.over.addItem("The whole library", None)
            for root in datasets:
                self.over.addItem(f"The dataset {file_name(root.path)}", root.id)
            self.add("&Documents of", self.over, "Where the answers are looked for")
        else:
            self._show(change)
        self.name.textChanged.connect(self._enable)
        self.own.textChanged.connect(self._enable)
        self.accepted.connect(self._give)
        self._enable()

    @property
    def grades(self) -> tuple[str, ...]:
        """The names of the grades, from 0 on."""
        chosen = self.scale.currentData()
        if chosen != _OWN:
            return tuple(chosen)
        return tuple(part.strip() for part in self.own.text().split(",") if part.strip())

    def _build_scale(self) -> None:
        self.scale, self.own = QComboBox(), QLineEdit()
        self.scale.addItem("0 to 3: " + ", ".join(name.lower() for name in GRADED), GRADED)
        self.scale.addItem("Two: " + ", ".join(name.lower() for name in BINARY), BINARY)
        self.scale.addItem("Names of your own", _OWN)
        self.own.setPlaceholderText("Wrong, Partly right, Right")
        self.add("Grade&s", self.scale, "Grade 0 is not relevant, all others are")
        self.add("Na&mes", self.own, "From grade 0 on, parted by commas")
        self.scale.currentIndexChanged.connect(self._show_own)
        self._show_own()

    def _show(self, change: SetOverview) -> None:
        self.name.setText(change.name)
        if change.name == JUDGMENTS:
            self.name.setEnabled(False)
            self.name.setToolTip("The set of your own judgments keeps its name")
        self.guideline.setPlainText(change.guideline)
        scales = [GRADED, BINARY]
        known = change.scale in scales
        self.scale.setCurrentIndex(scales.index(change.scale) if known else len(scales))
        if not known:
            self.own.setText(", ".join(change.scale))
        judged = bool(change.grades)
        for field in (self.scale, self.own):
            field.setEnabled(not judged)
            if judged:
                field.setToolTip("A scale stays once something is judged by it")

    def _show_own(self) -> None:
        self.fields.setRowVisible(self.own, self.scale.currentData() == _OWN)
        self._enable()

    def _enable(self) -> None:
        sound = len(self.grades) >= 2 and bool(self.name.text().strip())
        self.do.setEnabled(sound)
        self.do.setToolTip("Ctrl+Enter" if sound else "It needs a name and at least two grades")

    def _give(self) -> None:
        name, guideline = self.name.text().strip(), self.guideline.toPlainText().strip()
        change = self._change
        if change is None:
            self.given.emit(CreateEvalSet(name, guideline, self.grades, self.over.currentData()))
            return
        self.given.emit(
            ChangeEvalSet(
                change.name,
                name if name != change.name else None,
                guideline if guideline != change.guideline else None,
                self.grades if self.grades != change.scale else None,
            )
        )
