"""Writes a set to files: in which format, which version, whose judgments."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from engine.evaluation_records import SetFormat, SetOverview
from engine.evaluation_requests import ExportEvalSet
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.form_dialog import FormDialog
from gui.wording import count, date

_FORMATS: tuple[tuple[SetFormat, str], ...] = (
    ("jsonl", "JSONL: everything, in one file"),
    ("beir", "BEIR: a folder with queries and qrels"),
    ("trec", "TREC: a folder with topics and qrels"),
    ("csv", "CSV: a table for a spreadsheet"),
)
_FOLDERS = ("beir", "trec")


class ExportDialog(FormDialog):
    """Asks what is written, then where to."""

    given = Signal(object)
    """An ExportEvalSet without its path."""

    def __init__(self, overview: SetOverview, parent: QWidget) -> None:
        super().__init__(
            f"Export “{set_in_words(overview.name)}”",
            "A file of one rater is for judging elsewhere: what comes back is merged.",
            "Choose where…",
            parent,
        )
        self._name = overview.name
        self.format, self.version, self.rater = QComboBox(), QComboBox(), QComboBox()
        for key, words in _FORMATS:
            self.format.addItem(words, key)
        self.version.addItem("As it stands now", None)
        for version in reversed(overview.versions):
            judged = count(version.n_judgments, "judgment")
            words = f"Version {version.number} ({date(version.frozen_at)}), {judged}"
            self.version.addItem(words, version.number)
        self.rater.addItem("Everybody", None)
        for rater in overview.raters:
            self.rater.addItem(rater, rater)
        self.add("&Format", self.format)
        self.add("&Version", self.version)
        self.add("&Judgments of", self.rater)
        self.accepted.connect(lambda: self.given.emit(self.request))

    @property
    def request(self) -> ExportEvalSet:
        """What was chosen, without a path."""
        return ExportEvalSet(
            self._name,
            "",
            self.format.currentData(),
            self.version.currentData(),
            self.rater.currentData(),
        )


def ask_where(window: QWidget, request: ExportEvalSet, then: Callable[[str], None]) -> None:
    """Let the user choose the place; `then` is called with its path."""
    is_folder = request.format in _FOLDERS
    dialog = QFileDialog(window, "Export")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(request.name if is_folder else f"{request.name}.{request.format}")
    if not is_folder:
        dialog.setDefaultSuffix(request.format)
    dialog.fileSelected.connect(then)
    dialog.open()
