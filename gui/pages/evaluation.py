"""The evaluation page: sets of queries with known answers, from making them to measuring."""

from __future__ import annotations

from functools import partial
from typing import Literal

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QInputDialog, QMenu, QPushButton, QWidget

from engine.errors import EngineError, EngineGone, NotFound
from engine.evaluation_records import (
    ComparisonReport,
    PoolReport,
    RunReport,
    SetOverview,
    SetVersion,
)
from engine.evaluation_requests import (
    AddQueries,
    AssignRaters,
    ChangeEvalSet,
    Compare,
    CreateEvalSet,
    ExportRun,
    FreezeEvalSet,
    ImportQueries,
    MoveQueries,
    Pool,
    RemoveEvalSet,
    RemoveQueries,
    ShowEvalSet,
)
from engine.events import Failed, Finished, JobEvent
from engine.records import EvalSetInfo, IndexReport, JobInfo, LibraryStatus, ModelInfo, Root
from engine.requests import GetStatus, ImportEvalSet, ListEvalSets, ListModels
from gui.background import Engine
from gui.confirm import confirm
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.set_files import SetFiles
from gui.theme import set_role
from gui.widgets.evalset_add_queries import AddQueriesDialog
from gui.widgets.evalset_coverage import set_in_words
from gui.widgets.evalset_form import SetForm
from gui.widgets.evalset_list import SetList
from gui.widgets.evalset_pool import PoolDialog
from gui.widgets.evalset_raters import AssignDialog
from gui.widgets.evalset_view import AGREEMENT, COMPARE, QUERIES, SetView
from gui.widgets.job_card import JobCard
from gui.widgets.notice import Notice
from gui.widgets.page import Page
from gui.wording import count, duration, file_name

_Changing = ChangeEvalSet | AddQueries | ImportQueries | MoveQueries | RemoveQueries | AssignRaters


class EvaluationPage(Page):
    """All sets, or one of them."""

    judge_asked = Signal(str)
    """The name of the set that is to be judged."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "Evaluation",
            "Which way of searching is best for your documents, told by queries whose answers "
            "people have judged.",
            ("evalsets", "models", "labels", "library"),
            parent,
        )
        self.setAcceptDrops(True)
        self._name = ""
        """The set that is open; empty while all are listed."""
        self._leads_on = True
        """The keyboard is yet to be given to what comes next."""
        self._overviews: dict[str, SetOverview] = {}
        self._infos: tuple[EvalSetInfo, ...] | None = None
        self._roots: tuple[Root, ...] = ()
        self._models: tuple[ModelInfo, ...] = ()
        self._watch = JobWatch(engine, ("evaluate",), self)
        self._watch.ended.connect(self._tell_end)
        self.notice = Notice()
        self.files = SetFiles(engine, self.notice, self)
        self.sets = SetList()
        self.view = SetView(engine)
        self.view.hide()
        self._build_buttons()
        for widget in (self.notice, JobCard(self._watch), self.sets, self.view):
            self.body.addWidget(widget)
        self.body.addStretch()
        self._connect()

    # Loading and showing

    def load(self) -> None:
        """Ask for what is shown: all sets, or the one that is open."""
        self.engine.ask(GetStatus(), self._show_status, owner=self)
        self.engine.ask(ListModels(), self._show_models, owner=self)
        if self._name:
            self._load_set(self._name)
        else:
            self.engine.ask(ListEvalSets(), self._load_sets, owner=self)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard is where one goes on, however the page was come to."""
        super().showEvent(event)
        self._leads_on = True
        if self._name in self._overviews or (not self._name and self._infos is not None):
            self._lead_on()

    def open_set(self, name: str) -> None:
        """Show one set."""
        self._name = name
        self._leads_on = True
        self.notice.hide()
        if name in self._overviews:
            self._show_set(self._overviews[name])
        self._load_set(name)

    def go_on(self, name: str, step: Literal["agreement", "freeze", "compare"]) -> None:
        """What comes after judging a set."""
        self.open_set(name)
        self.view.views.choose(
            {"agreement": AGREEMENT, "freeze": QUERIES, "compare": COMPARE}[step]
        )
        self._leads_on = True  # into that view, once the set is loaded
        if step == "freeze":
            self.freeze()

    def show_all(self) -> None:
        """Go back to all sets."""
        left, self._name = self._name, ""
        self._leads_on = True
        self.sets.came_from = left
        self.notice.hide()
        self._turn()
        self.engine.ask(ListEvalSets(), self._load_sets, owner=self)

    def remember(self, memory: QSettings) -> None:
        """Keep which set is open, and what of it is shown."""
        memory.setValue("evaluation/set", self._name)
        memory.setValue("evaluation/view", self.view.views.current)

    def recall(self, memory: QSettings) -> None:
        """Show the set that was open."""
        self.view.views.choose(int(memory.value("evaluation/view", 0)))  # type: ignore[call-overload]
        self._name = str(memory.value("evaluation/set", ""))

    def _load_sets(self, infos: tuple[EvalSetInfo, ...]) -> None:
        self._infos = infos
        self._overviews = {
            info.name: self._overviews[info.name] for info in infos if info.name in self._overviews
        }
        for info in infos:
            lose = partial(self._do_without, info.name)
            self.engine.ask(ShowEvalSet(info.name), self._take, lose, owner=self)
        self._show_sets()

    def _do_without(self, name: str, error: EngineError) -> None:
        """List the others; that a set was removed meanwhile is nothing to tell."""
        self._infos = tuple(info for info in self._infos or () if info.name != name)
        if not isinstance(error, NotFound):
            self._refuse(error)
        if not self._name:
            self._show_sets()

    def _load_set(self, name: str) -> None:
        self.engine.ask(ShowEvalSet(name), self._take, self._leave_lost, owner=self)

    def _take(self, overview: SetOverview) -> None:
        self._overviews[overview.name] = overview
        if overview.name == self._name:
            self._show_set(overview)
        elif not self._name:
            self._show_sets()

    def _leave_lost(self, error: EngineError) -> None:
        """The set that was open is not there any more."""
        if isinstance(error, NotFound):
            self._overviews.pop(self._name, None)
            self.show_all()
        else:
            self._refuse(error)

    def _show_sets(self) -> None:
        infos = self._infos or ()
        if any(info.name not in self._overviews for info in infos):
            return
        self.sets.show_sets(
            tuple((self._overviews[info.name], self._over(info.root_id)) for info in infos)
        )
        self._turn()
        self._lead_on()

    def _show_set(self, overview: SetOverview) -> None:
        self.view.show_set(overview)
        self._turn()
        self._lead_on()

    def _lead_on(self) -> None:
        """Give the keyboard to what comes next, once, when something else is shown."""
        if self._leads_on and self.isVisible():
            self._leads_on = False
            (self.view.next_step if self._name else self.sets.next_step).setFocus()

    def _turn(self) -> None:
        one = bool(self._name)
        self.view.setVisible(one)
        self.sets.setVisible(not one)
        self.new_button.setVisible(not one)
        self.import_button.setVisible(not one)

    def _over(self, root_id: int | None) -> str:
        path = next((root.path for root in self._roots if root.id == root_id), "")
        return f"Over {file_name(path)}" if path else "Over the whole library"

    def _show_status(self, status: LibraryStatus) -> None:
        self._roots = status.roots
        self._watch.adopt(status.jobs)

    def _show_models(self, models: tuple[ModelInfo, ...]) -> None:
        self._models = models
        self.view.compare.show_models(models)

    # Making and changing sets

    def make_set(self) -> None:
        """Ask what a new set is, then make it."""
        form = SetForm([root for root in self._roots if root.kind == "dataset"], parent=self)
        form.given.connect(self._create)
        form.open()

    def edit_set(self) -> None:
        """Ask what the open set should be."""
        if self._open is not None:
            form = SetForm((), self._open, self)
            form.given.connect(self._change)
            form.open()

    def freeze(self) -> None:
        """Ask for a note, then make a version that never changes."""
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Freeze a version")
        dialog.setLabelText(
            "Note: what this version is for (optional). It never changes, and measures name it."
        )
        dialog.setOkButtonText("Freeze")
        dialog.finished.connect(dialog.deleteLater)
        dialog.textValueSelected.connect(
            lambda note: self.engine.ask(
                FreezeEvalSet(self._name, note.strip()),
                self._tell_frozen,
                self._refuse,
                owner=self,
            )
        )
        dialog.open()

    def remove_set(self) -> None:
        """Say what would be lost, then delete the open set."""
        overview = self._open
        if overview is None:
            return
        queries = count(len(overview.queries), "query", "queries")
        judged = count(sum(overview.grades.values()), "judged pair")
        versions = count(len(overview.versions), "version")
        confirm(
            self,
            f"Remove “{set_in_words(overview.name)}”?",
            f"{queries}, {judged} and {versions} go with it. The library is backed up first: "
            "Settings has the way back.",
            "Remove the set",
            lambda: self._remove(overview.name),
        )

    def _remove(self, name: str) -> None:
        self.engine.ask(RemoveEvalSet(name), lambda _: self.show_all(), self._refuse, owner=self)

    def add_queries(self, *, history: bool = False) -> None:
        """Ask for queries for the open set."""
        dialog = AddQueriesDialog(self.engine, self._name, history, self)
        dialog.given.connect(self._change)
        dialog.open()

    def pool(self, query_ids: tuple[str, ...] = ()) -> None:
        """Ask what is to be pooled, and say what it will cost."""
        if self._open is not None:
            dialog = PoolDialog(self.engine, self._open, self._models, query_ids, self)
            dialog.given.connect(self._start)
            dialog.open()

    def share_out(self) -> None:
        """Ask who shares the queries of the open set."""
        if self._open is not None:
            dialog = AssignDialog(self._open, self)
            dialog.given.connect(self._change)
            dialog.open()

    # Files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file or folder of judgments."""
        if len([url for url in event.mimeData().urls() if url.isLocalFile()]) == 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Bring in what was dropped."""
        event.acceptProposedAction()
        self.files.bring_in(event.mimeData().urls()[0].toLocalFile())

    def _export(self) -> None:
        if self._open is not None:
            self.files.export(self._open)

    def _export_run(self) -> None:
        if self._open is not None:
            self.files.export_run(self._open, self._models)

    # Asking

    @property
    def _open(self) -> SetOverview | None:
        return self._overviews.get(self._name)

    def _create(self, request: CreateEvalSet) -> None:
        def made(overview: SetOverview) -> None:
            self._overviews[overview.name] = overview
            self.open_set(overview.name)

        self.notice.hide()
        self.engine.ask(request, made, self._refuse, owner=self)

    def _change(self, request: _Changing) -> None:
        before = self._open

        def changed(overview: SetOverview) -> None:
            if self._name == request.name:
                self._name = overview.name
            self._leads_on = True
            self._take(overview)
            self._tell_added(request, before, overview)

        self.notice.hide()
        self.engine.ask(request, changed, self._refuse, owner=self)

    def _start(self, request: Pool | Compare | ImportEvalSet | ExportRun) -> None:
        self.notice.hide()
        self.engine.ask(request, self._watch.follow, self._refuse, owner=self)

    # Telling

    def _tell_added(
        self, request: _Changing, before: SetOverview | None, after: SetOverview
    ) -> None:
        if not isinstance(request, AddQueries | ImportQueries) or before is None:
            return
        added = len(after.queries) - len(before.queries)
        words = f"{count(added, 'query', 'queries')} added"
        if isinstance(request, AddQueries) and added < len(request.texts):
            there = count(len(request.texts) - added)
            self.notice.say("notice", words, f"{there} were there already.")
        else:
            self.notice.say("good", words)

    def _tell_frozen(self, version: SetVersion) -> None:
        judged = count(version.n_judgments, "judgment")
        self.notice.say(
            "good",
            f"Version {version.number} is frozen",
            f"{count(version.n_queries, 'query', 'queries')} and {judged}. It never changes: "
            f"compare on it, and the figures stay comparable. sha256 {version.sha256[:16]}…",
        )
        self.load_soon()

    def _tell_end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=ComparisonReport() as report):
                self.view.compare.take_report(report)
                if report.set == self._name and self.view.compare.view is not None:
                    QTimer.singleShot(0, self._show_figures)
            case Finished(result=PoolReport() as report):
                self._leads_on = True
                self._tell_pooled(report)
            case Finished(result=RunReport() as report):
                lines = count(report.n_lines, "line")
                self.notice.say("good", f"{lines} of {report.system} written", report.path)
            case Finished(result=IndexReport() as report):
                documents = count(report.added, "document")
                self.notice.say("good", "Imported", f"{documents} joined the library.")
            case Failed():
                self.notice.say_failure(end)
        self.load_soon()

    def _tell_pooled(self, report: PoolReport) -> None:
        words = f"{count(report.known)} had a grade already; it took {duration(report.seconds)}."
        if report.outside:
            words += f" {count(report.outside)} were left out: nothing is known of their documents."
        self.notice.say(
            "good" if report.added else "notice",
            f"{count(report.added, 'pair')} to judge were added to “{report.set}”",
            words,
        )

    def _show_figures(self) -> None:
        """Scroll to the figures, which have come below the form."""
        if self.view.compare.view is not None:
            self.area.ensureWidgetVisible(self.view.compare.view.systems)

    def _refuse(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            self.notice.say_failure(error)

    # Building

    def _build_buttons(self) -> None:
        self.new_button = QPushButton(icon("add", "on_accent"), "New set…")
        set_role(self.new_button, "primary")
        self.new_button.clicked.connect(self.make_set)
        self.import_button = QPushButton("Import ▾")
        self.import_button.setAccessibleName("Import a set")
        self.import_button.setToolTip(
            "A set that was exported, or files in BEIR, TREC, JSONL or CSV form; dropping one "
            "here does the same"
        )
        menu = QMenu(self)
        menu.addAction("A &file…", self.files.choose_file)
        menu.addAction("A f&older…", self.files.choose_folder)
        self.import_button.setMenu(menu)
        for button in (self.import_button, self.new_button):
            self.buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def _connect(self) -> None:
        files, view = self.files, self.view
        files.imported.connect(self.open_set)
        files.import_asked.connect(self._start)
        files.run_asked.connect(self._start)
        files.merged.connect(self.load_soon)
        files.refused.connect(self._refuse)
        self.sets.opened.connect(self.open_set)
        self.sets.new_asked.connect(self.make_set)
        self.sets.import_asked.connect(self.files.choose_file)
        view.left.connect(self.show_all)
        view.judge_asked.connect(lambda: self.judge_asked.emit(self._name))
        view.pool_asked.connect(self.pool)
        view.freeze_asked.connect(self.freeze)
        view.edit_asked.connect(self.edit_set)
        view.raters_asked.connect(self.share_out)
        view.export_asked.connect(self._export)
        view.merge_asked.connect(lambda: self.files.choose_merge(self._name))
        view.run_import_asked.connect(lambda: self.files.choose_run(self._name))
        view.run_export_asked.connect(self._export_run)
        view.remove_asked.connect(self.remove_set)
        view.queries.add_asked.connect(self.add_queries)
        view.queries.history_asked.connect(lambda: self.add_queries(history=True))
        view.queries.pool_asked.connect(self.pool)
        view.queries.moved.connect(
            lambda ids, split: self._change(MoveQueries(self._name, ids, split))
        )
        view.queries.removed.connect(lambda ids: self._change(RemoveQueries(self._name, ids)))
        view.compare.asked.connect(self._start)
