"""Asks what an imported run is called, and whose run of a set is written."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from engine.evaluation_records import SetOverview
from engine.evaluation_requests import ExportRun, ImportRun
from engine.records import ModelInfo
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.form_dialog import FormDialog
from gui.widgets.systems_list import offered_runs, offered_systems


class NameRunDialog(FormDialog):
    """A name for the run of another system."""

    given = Signal(object)
    """An ImportRun."""

    def __init__(self, name: str, path: str, parent: QWidget) -> None:
        """`name` is the set's."""
        super().__init__("Import a run", path, "Import", parent)
        self._name, self._path = name, path
        self.run = QLineEdit()
        self.run.setPlaceholderText("By the tag in its last column")
        self.add("&Name", self.run, "What it is called among the systems of the set")
        self.accepted.connect(lambda: self.given.emit(self.request))

    @property
    def request(self) -> ImportRun:
        """What is asked of the engine."""
        return ImportRun(self._name, self._path, self.run.text().strip() or None)


class RunDialog(FormDialog):
    """A system and the split whose queries it answers."""

    given = Signal(object)
    """An ExportRun without its path."""

    def __init__(self, overview: SetOverview, models: Sequence[ModelInfo], parent: QWidget) -> None:
        super().__init__(
            f"Export a run of “{set_in_words(overview.name)}”",
            "What a system finds for the queries, as a TREC run for other programs. An imported "
            "run is written as it came.",
            "Choose where…",
            parent,
        )
        self._name = overview.name
        self.system, self.split = QComboBox(), QComboBox()
        for system, name in offered_systems(models) + offered_runs(overview.runs):
            self.system.addItem(name, system)
        self.split.addItem("All queries", None)
        splits = {split for query in overview.queries for split in query.split.split(", ")}
        for split in sorted(splits - {""}):
            self.split.addItem(split, split)
        self.add("&System", self.system)
        self.add("S&plit", self.split)
        self.accepted.connect(lambda: self.given.emit(self.request))

    @property
    def request(self) -> ExportRun:
        """What was chosen, without a path."""
        return ExportRun(self._name, self.system.currentData(), "", self.split.currentData())
