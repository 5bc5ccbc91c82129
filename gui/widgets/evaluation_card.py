"""Measures models and modes on an evaluation set, and imports such sets."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.events import Failed, Finished, JobEvent
from engine.records import EvalSetInfo, EvaluationReport, IndexReport, JobInfo, ModelInfo
from engine.requests import Evaluate, ImportEvalSet
from gui.background import Engine
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.job_card import JobCard
from gui.widgets.measures_table import MODES, OF_PICTURES, SET_NAMES, MeasuresTable
from gui.widgets.notice import Notice
from gui.widgets.wheel_guard import WheelGuard
from gui.wording import count, file_name

_ID = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 28


class EvaluationCard(Card):
    """Choose a set and systems, run them, compare their measures."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            "Evaluation",
            "Measure how well models and modes answer queries with known answers. Sets of pictures "
            "are answered by the model for pictures that is in use as well.",
            parent,
        )
        self._engine = engine
        self._sets: tuple[EvalSetInfo, ...] = ()
        self._offered: tuple[tuple[str, str, bool], ...] = ()
        self.watch = JobWatch(engine, ("evaluate",), self)
        self.watch.ended.connect(self._take_report)
        self.imports = JobWatch(engine, (), self)
        self.imports.ended.connect(self._tell_import)
        self.import_button = QPushButton(icon("database"), "Import a BEIR folder…")
        self.import_button.setToolTip(
            "A folder with corpus.jsonl, queries.jsonl and qrels; its corpus joins the library"
        )
        self.import_button.clicked.connect(self.choose_import)
        self.buttons.addWidget(self.import_button)
        self.notice = Notice()
        self.table = MeasuresTable()
        self.pictures = MeasuresTable(OF_PICTURES, "Measured systems, on pictures")
        self._nothing = EmptyState(
            "check",
            "Nothing to measure on yet",
            "Judge results of your searches with the keys 0 to 3, or import an evaluation set "
            "in BEIR format.",
        )
        self._form = self._build_form()
        self._results = _with_copying(self.table)
        self._picture_results = _with_copying(self.pictures)
        for widget in (
            self.notice,
            JobCard(self.imports),
            self._nothing,
            self._form,
            JobCard(self.watch),
            self._picture_results,
            self._results,
        ):
            self.body.addWidget(widget)
        self._picture_results.hide()
        self._results.hide()
        self._form.hide()

    def show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        """Offer the evaluation sets."""
        self._sets = tuple(evalset for evalset in sets if evalset.splits)
        chosen = self.set.currentData()
        with QSignalBlocker(self.set):
            self.set.clear()
            for evalset in self._sets:
                self.set.addItem(SET_NAMES.get(evalset.name, evalset.name), evalset.name)
            self.set.setCurrentIndex(max(self.set.findData(chosen), 0))
        self._offer_splits()
        self._nothing.setVisible(not self._sets)
        self._form.setVisible(bool(self._sets))

    def show_models(self, models: tuple[ModelInfo, ...]) -> None:
        """Offer the models; the active one is chosen at first."""
        offered = tuple((model.id, model.name, model.active) for model in models)
        if offered == self._offered:
            return
        known, self._offered = bool(self._offered), offered
        chosen = set(self._chosen_models())
        self.models.clear()
        for model in models:
            item = QListWidgetItem(f"{model.name} (in use)" if model.active else model.name)
            item.setData(_ID, model.id)
            item.setToolTip(model.name)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
            wanted = model.id in chosen if known else model.active
            item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
            self.models.addItem(item)
        for table in (self.table, self.pictures):
            table.name_models({model.id: model.name for model in models})
        self._enable()

    def measure(self) -> None:
        """Run every chosen model in every chosen mode; one job each."""
        self.notice.hide()
        for model in self._chosen_models():
            for mode, button in self.modes.items():
                if button.isChecked():
                    request = Evaluate(
                        name=self.set.currentData(),
                        split=self.split.currentData(),
                        mode=mode,
                        rerank=self.rerank.isChecked(),
                        model=model,
                    )
                    self._engine.ask(request, self.watch.follow, owner=self)

    def choose_import(self) -> None:
        """Let the user choose a folder, then name the set."""
        dialog = QFileDialog(self, "Import a BEIR folder")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._ask_name)
        dialog.open()

    def import_set(self, path: str, name: str) -> None:
        """Import a BEIR folder under a name."""
        self.notice.hide()
        request = ImportEvalSet(path, name)
        self._engine.ask(request, self.imports.follow, self._tell_refusal, owner=self)

    def _ask_name(self, path: str) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Import a BEIR folder")
        dialog.setLabelText("Name of the evaluation set")
        dialog.setTextValue(file_name(path))
        dialog.setOkButtonText("Import")
        dialog.textValueSelected.connect(lambda name: self.import_set(path, name.strip()))
        dialog.open()

    def _build_form(self) -> QWidget:
        self.set, self.split = QComboBox(), QComboBox()
        for combo in (self.set, self.split):
            combo.setMinimumContentsLength(20)
        WheelGuard(self).guard(self.set, self.split)
        self.set.currentIndexChanged.connect(self._offer_splits)
        self.modes = {mode: QPushButton(words) for mode, words in MODES.items()}
        modes = QHBoxLayout()
        modes.setSpacing(Space.XS)
        for button in self.modes.values():
            button.setCheckable(True)
            button.setChecked(True)
            button.toggled.connect(self._enable)
            modes.addWidget(button)
        modes.addStretch()
        self.rerank = QCheckBox("Rerank the best results")
        self.rerank.setToolTip(
            "A second model reads query and passage together: slower, often better"
        )
        self.measure_button = QPushButton(icon("play", "on_accent"), "Measure")
        set_role(self.measure_button, "primary")
        self.measure_button.clicked.connect(self.measure)
        run = QHBoxLayout()
        run.addWidget(self.measure_button)
        run.addStretch()
        left = QFormLayout()
        left.setHorizontalSpacing(Space.M)
        left.setVerticalSpacing(Space.S)
        left.addRow("&Set", self.set)
        left.addRow("S&plit", self.split)
        left.addRow("Modes", modes)
        left.addRow("", self.rerank)
        left.addRow("", run)
        self.models = QListWidget()
        self.models.setAccessibleName("Models to measure")
        self.models.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.models.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.models.itemChanged.connect(self._enable)
        label = QLabel("&Models")
        label.setBuddy(self.models)
        right = QVBoxLayout()
        right.setSpacing(Space.XS)
        right.addWidget(label)
        right.addWidget(self.models, 1)
        self.models.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        form = QWidget()
        row = QHBoxLayout(form)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XL)
        row.addLayout(left, 1)
        row.addLayout(right, 1)
        return form

    def _offer_splits(self) -> None:
        chosen = self.split.currentData()
        self.split.clear()
        name = self.set.currentData()
        for split in next((s.splits for s in self._sets if s.name == name), ()):
            queries = count(split.n_queries, "query", "queries")
            self.split.addItem(f"{split.name} ({queries})", split.name)
        found = [self.split.findData(wanted) for wanted in (chosen, "test") if wanted]
        self.split.setCurrentIndex(next((place for place in found if place >= 0), 0))
        self._enable()

    def _chosen_models(self) -> list[str]:
        items = (self.models.item(row) for row in range(self.models.count()))
        return [item.data(_ID) for item in items if item.checkState() == Qt.CheckState.Checked]

    def _enable(self) -> None:
        n_models = len(self._chosen_models())
        n_modes = sum(button.isChecked() for button in self.modes.values())
        self.measure_button.setEnabled(bool(n_models and n_modes and self.split.count()))
        self.measure_button.setToolTip(
            f"Runs {count(n_models * n_modes, 'measurement')}, one after another"
            if n_models and n_modes
            else "Choose at least one mode and one model"
        )

    def _take_report(self, info: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=EvaluationReport() as report):
                of_pictures = OF_PICTURES[0] in report.measures
                (self.pictures if of_pictures else self.table).add(report)
                (self._picture_results if of_pictures else self._results).show()
            case Failed():
                self._say_failure(end.title, f"{info.title}. {end.message}", end.hint)

    def _tell_import(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=IndexReport() as report):
                documents = count(report.added, "document")
                self.notice.say("good", "Imported", f"{documents} joined the library.")
            case Failed():
                self._say_failure(end.title, end.message, end.hint)

    def _tell_refusal(self, error: EngineError) -> None:
        self._say_failure(error.title, error.message, error.hint)

    def _say_failure(self, title: str, message: str, hint: str) -> None:
        self.notice.say("danger", title, "\n".join(part for part in (message, hint) if part))


def _with_copying(table: MeasuresTable) -> QWidget:
    """A table with the button that copies it."""
    copy = QPushButton(icon("copy"), "Copy as TSV")
    copy.setToolTip("Copy the whole table, to paste it into a spreadsheet")
    copy.clicked.connect(table.copy_all)
    row = QHBoxLayout()
    row.addStretch()
    row.addWidget(copy)
    results = QWidget()
    column = QVBoxLayout(results)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(table)
    column.addLayout(row)
    return results
