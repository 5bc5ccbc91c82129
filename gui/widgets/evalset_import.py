"""Names a set that is brought in, and says what becomes of its documents."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from engine.evaluation_requests import ReadEvalSet
from engine.requests import ImportEvalSet
from gui.widgets.form_dialog import FormDialog
from gui.wording import file_name

_CORPUS = "corpus.jsonl"


class ImportDialog(FormDialog):
    """Asks for a name; where documents come along, whether they join the library."""

    given = Signal(object)
    """A ReadEvalSet or an ImportEvalSet."""

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__("Import an evaluation set", path, "Import", parent)
        self._path = path
        self.name = QLineEdit(Path(file_name(path)).stem)
        self.name.selectAll()
        self.add("&Name", self.name)
        self.joins = QCheckBox("Its &documents join the library, to be searched")
        self.joins.setToolTip("A BEIR folder brings them along as corpus.jsonl")
        has_corpus = (Path(path) / _CORPUS).is_file()
        self.joins.setChecked(has_corpus)
        self.joins.setVisible(has_corpus)
        self.put(self.joins)
        self.name.textChanged.connect(lambda text: self.do.setEnabled(bool(text.strip())))
        self.accepted.connect(lambda: self.given.emit(self.request))

    @property
    def request(self) -> ReadEvalSet | ImportEvalSet:
        """What is asked of the engine."""
        name = self.name.text().strip()
        if self.joins.isChecked():
            return ImportEvalSet(self._path, name)
        return ReadEvalSet(self._path, name)
