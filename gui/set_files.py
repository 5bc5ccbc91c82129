"""Evaluation sets to and from files: import, export, and merging what others judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import EngineError
from engine.evaluation_records import RunInfo, SetImport, SetOverview
from engine.evaluation_requests import (
    ExportEvalSet,
    ExportRun,
    ImportRun,
    MergeEvalSet,
    ReadEvalSet,
)
from engine.records import ModelInfo
from engine.request import Request
from engine.requests import ImportEvalSet
from gui.background import Engine
from gui.widgets.evalset_export import ExportDialog, ask_where
from gui.widgets.evalset_import import ImportDialog
from gui.widgets.evalset_run import NameRunDialog, RunDialog
from gui.widgets.notice import Notice
from gui.wording import count

R = TypeVar("R")
_SETS = "Sets (*.jsonl *.csv *.tsv *.txt *.qrels);;All files (*)"
_RUNS = "Runs (*.run *.trec *.txt *.tsv *.res);;All files (*)"


class SetFiles(QObject):
    """Asks which file, has the engine read or write it, and tells in a notice what came of it."""

    imported = Signal(str)
    """The name of a set that is there now."""
    import_asked = Signal(object)
    """An ImportEvalSet, which is a job."""
    run_asked = Signal(object)
    """An ExportRun, which is a job."""
    merged = Signal()
    refused = Signal(object)
    """An EngineError."""

    def __init__(self, engine: Engine, notice: Notice, window: QWidget) -> None:
        """`window` is what dialogs are opened over."""
        super().__init__(window)
        self._engine, self._notice, self._window = engine, notice, window

    def choose_file(self) -> None:
        """Let the user choose a file to import."""
        self._choose("Import a set", self.bring_in)

    def choose_folder(self) -> None:
        """Let the user choose a folder to import."""
        self._choose("Import a set", self.bring_in, folder=True)

    def bring_in(self, path: str) -> None:
        """Ask for a name, then import a file or folder."""
        dialog = ImportDialog(path, self._window)
        dialog.given.connect(self._import)
        dialog.open()

    def choose_merge(self, name: str) -> None:
        """Let the user choose what is merged into a set."""
        self._choose("What was judged elsewhere", lambda path: self.merge(name, path))

    def merge(self, name: str, path: str) -> None:
        """Take into a set what was judged elsewhere."""
        self._ask(MergeEvalSet(name, path), self._tell_merge)

    def choose_run(self, name: str) -> None:
        """Let the user choose a run of another system to keep with a set."""
        self._choose(
            "A run of another system", lambda path: self.take_run(name, path), filters=_RUNS
        )

    def take_run(self, name: str, path: str) -> None:
        """Ask what a run of another system is called, then keep it with a set."""
        dialog = NameRunDialog(name, path, self._window)
        dialog.given.connect(self._import_run)
        dialog.open()

    def _import_run(self, request: ImportRun) -> None:
        self._ask(request, self._tell_run)

    def export_run(self, overview: SetOverview, models: Sequence[ModelInfo]) -> None:
        """Ask whose run is written and where to, and have it written."""
        dialog = RunDialog(overview, models, self._window)
        dialog.given.connect(self._ask_where)
        dialog.open()

    def _ask_where(self, request: ExportRun) -> None:
        dialog = QFileDialog(self._window, "Export a run")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{request.name}.run")
        dialog.setDefaultSuffix("run")
        dialog.fileSelected.connect(
            lambda path: self.run_asked.emit(msgspec.structs.replace(request, path=path))
        )
        dialog.open()

    def export(self, overview: SetOverview) -> None:
        """Ask what is written of a set, then where to."""
        dialog = ExportDialog(overview, self._window)
        dialog.given.connect(
            lambda request: ask_where(self._window, request, lambda path: self.write(request, path))
        )
        dialog.open()

    def write(self, request: ExportEvalSet, path: str) -> None:
        """Write a set to a path."""
        filled = msgspec.structs.replace(request, path=path)
        self._ask(filled, lambda written: self._notice.say("good", "Exported", written))

    def _choose(
        self,
        title: str,
        then: Callable[[str], None],
        *,
        folder: bool = False,
        filters: str = _SETS,
    ) -> None:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if folder:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setNameFilter(filters)
        dialog.fileSelected.connect(then)
        dialog.open()

    def _import(self, request: ReadEvalSet | ImportEvalSet) -> None:
        if isinstance(request, ImportEvalSet):
            self.import_asked.emit(request)
        else:
            self._ask(request, self._tell_import)

    def _tell_import(self, read: SetImport) -> None:
        words = (
            f"{count(read.n_queries, 'query', 'queries')} and "
            f"{count(read.n_judgments, 'judgment')}."
        )
        if read.n_outside:
            words += f" {count(read.n_outside, 'document')} of them are not in the library."
        self.imported.emit(read.set)
        self._notice.say("good", f"“{read.set}” was imported", words)

    def _tell_run(self, run: RunInfo) -> None:
        words = (
            f"It answers {count(run.n_queries, 'query', 'queries')} with "
            f"{count(run.n_lines, 'document')}, and can be pooled from and compared."
        )
        if run.n_outside:
            words += f" Of {count(run.n_outside, 'document')} only the id is known here."
        self.merged.emit()
        self._notice.say("good", f"The run “{run.name}” was imported", words)

    def _tell_merge(self, read: SetImport) -> None:
        words = (
            f"{count(read.merged, 'judgment')} new, {count(read.same)} there already, "
            f"{count(len(read.conflicts))} by the same rater but different: the newer one stands."
        )
        self._notice.say("good", "Merged", "\n".join((words, *read.conflicts)))
        self.merged.emit()

    def _ask(self, request: Request[R], done: Callable[[R], None]) -> None:
        self._notice.hide()

        def failed(error: EngineError) -> None:
            self.refused.emit(error)

        self._engine.ask(request, done, failed, owner=self)
