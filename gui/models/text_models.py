"""What the user does with models for texts: look at, compare, export, import, remove them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import EngineError, EngineGone
from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.records import ImportReport, JobInfo, ModelInfo
from engine.training_records import ExportReport, ModelDetails
from engine.training_requests import (
    DeleteModel,
    ExportModel,
    GetModelDetails,
    ImportTextModel,
    Overrule,
)
from gui.background import Engine
from gui.confirm import confirm
from gui.file_browser import show_in_folder
from gui.job_watch import JobWatch
from gui.models.comparison_dialog import ComparisonDialog
from gui.models.details_dialog import DetailsDialog
from gui.models.export_dialog import ExportModelDialog, ask_where, exported_in_words
from gui.widgets.notice import Notice
from gui.widgets.overrule_dialog import OverruleDialog
from gui.wording import count, size


class TextModels(QObject):
    """Opens the dialogs, asks the engine, and tells what came of it in a notice."""

    changed = Signal()
    """A model was renamed, came or went."""
    activate_asked = Signal(str)
    """The user wants the model that was just imported to be put to work."""
    activating = Signal(object)
    """The JobInfo that puts a refused model to work."""

    def __init__(self, engine: Engine, window: QWidget) -> None:
        super().__init__(window)
        self._engine = engine
        self._window = window
        self._models: tuple[ModelInfo, ...] = ()
        self._then: Callable[[], object] = lambda: None
        self.notice = Notice()
        self.notice.acted.connect(lambda: self._then())
        self.exports = JobWatch(engine, ("export",), self)
        self.exports.ended.connect(self._tell_export)
        self.imports = JobWatch(engine, (), self)  # of pictures' models another part tells
        self.imports.ended.connect(self._tell_import)

    @property
    def _names(self) -> dict[str, str]:
        return {model.id: model.name for model in self._models}

    def show_models(self, models: Sequence[ModelInfo]) -> None:
        """Know the models that there are, those for texts of them."""
        self._models = tuple(model for model in models if model.kind == "text")

    def show_details(self, model: ModelInfo) -> None:
        """Show all that is known of a model."""
        dialog = DetailsDialog(self._engine, model, self._names, self._window)
        dialog.changed.connect(self.changed)
        dialog.export_asked.connect(self.export)
        dialog.compare_asked.connect(self.compare)
        dialog.overrule_asked.connect(self.overrule)
        dialog.open()

    def compare(self, model: ModelInfo | None = None) -> None:
        """Show a model beside what it was made from, else the one in use beside the newest."""
        active = next((one.id for one in self._models if one.active), "")
        if model is None:
            newest = max(
                (one for one in self._models if not one.active), key=lambda one: one.created_at
            )
            first, second = active, newest.id
        else:
            known = [one.id for one in self._models if one.id != model.id]
            first = next((one for one in (model.base, active, *known) if one in known), "")
            second = model.id
        ComparisonDialog(self._engine, self._models, first, second, self._window).open()

    def overrule(self, model: ModelInfo) -> None:
        """Ask why, then put a model to work that the gate refused."""

        def ask(reason: str) -> None:
            request = Overrule(model.id, reason)
            self._engine.ask(request, self.activating.emit, self._refuse, owner=self)

        self.notice.hide()
        dialog = OverruleDialog(self._window)
        dialog.given.connect(ask)
        dialog.open()

    def export(self, model: ModelInfo) -> None:
        """Ask for whom and where to, then write the model to a folder."""
        dialog = ExportModelDialog(model, self._window)
        dialog.given.connect(lambda request: ask_where(self._window, request, self.write))
        dialog.open()

    def write(self, request: ExportModel) -> None:
        """Write a model to a folder."""
        self.notice.hide()
        self._engine.ask(request, self.exports.follow, self._refuse, owner=self)

    def choose_import(self) -> None:
        """Let the user choose the folder of a model, then import it."""
        dialog = QFileDialog(self._window, "The folder of a model for texts")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.take_in)
        dialog.open()

    def take_in(self, path: str) -> None:
        """Import the model in a folder."""
        self.notice.hide()
        self._engine.ask(ImportTextModel(path), self.imports.follow, self._refuse, owner=self)

    def ask_to_remove(self, model: ModelInfo) -> None:
        """Ask first, naming what goes with it."""
        self.notice.hide()
        self._engine.ask(GetModelDetails(model.id), self._confirm_removal, self._refuse, owner=self)

    def _confirm_removal(self, details: ModelDetails) -> None:
        info, names = details.info, self._names
        with_it = [names.get(each, each) for each in details.dependents]
        freed = info.size_bytes + details.vectors_bytes
        freed += sum(one.size_bytes for one in self._models if one.id in details.dependents)
        words = "It is deleted together with the vectors that it made."
        if with_it:
            listed = "\n".join(f"•  {name}" for name in with_it)
            were = "was" if len(with_it) == 1 else "were"
            words += f"\n\nSo is what {were} made from it:\n{listed}"
        words += f"\n\nThat frees {size(freed)}. It cannot be undone." if freed else ""
        confirm(
            self._window,
            f"Remove “{info.name}”?",
            words,
            f"Remove {count(1 + len(with_it), 'model')}" if with_it else "Remove",
            partial(self._remove, details),
        )

    def _remove(self, details: ModelDetails) -> None:
        def removed(_: None) -> None:
            others = len(details.dependents)
            more = f" and {count(others, 'model')} made from it" if others else ""
            self._say(f"“{details.info.name}”{more} {'were' if more else 'was'} removed")
            self.changed.emit()

        request = DeleteModel(details.info.id, dependents=bool(details.dependents))
        self._engine.ask(request, removed, self._refuse, owner=self)

    def _tell_export(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=ExportReport() as report):
                name = self._names.get(report.model, report.model)
                self._then = partial(show_in_folder, report.path)
                self._say(f"“{name}” was exported", exported_in_words(report), "Open folder")
            case Failed():
                self.notice.say_failure(end)
            case Cancelled():
                self.notice.hide()

    def _tell_import(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=ImportReport() as report):
                self._then = partial(self._activate, report.model)
                words = (
                    "It gives the vectors that it gives in its own library: no number differs by "
                    f"more than {report.agreement:.2g}."
                )
                self._say("The model was imported", words, "Activate")
            case Failed():
                self.notice.say_failure(end)
        self.changed.emit()

    def _activate(self, model_id: str) -> None:
        self.notice.hide()
        self.activate_asked.emit(model_id)

    def _say(self, title: str, words: str = "", button: str = "") -> None:
        self.notice.say("good", title, words, button)

    def _refuse(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            self.notice.say_failure(error)
        self.changed.emit()
