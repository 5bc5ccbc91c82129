"""The search page: a query goes out while it is typed, results and their text come back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.client import EngineState
from engine.errors import EngineError, EngineGone, InvalidInput
from engine.evaluation_records import GRADED, JUDGMENTS, SetOverview
from engine.evaluation_requests import ShowEvalSet
from engine.events import Changed, Event
from engine.places import EXAMPLE_QUERIES, SAMPLE_LIBRARY
from engine.records import (
    EvalSetInfo,
    Facets,
    LabelState,
    LibraryStatus,
    Mode,
    RerankAdvice,
    SearchResult,
    SearchResults,
    Thumb,
)
from engine.requests import (
    AddSampleLibrary,
    AdviseReranking,
    GetSettings,
    GetStatus,
    ListEvalSets,
    ListFacets,
    Search,
)
from engine.settings import Settings
from gui.background import Engine, Pending
from gui.file_browser import file_on_disk, is_file_path, open_file, show_in_folder
from gui.labelling import Labelling
from gui.theme import Space, set_role
from gui.widgets.answer_line import AnswerLine
from gui.widgets.filter_row import FilterRow
from gui.widgets.nothing_found import NothingFound
from gui.widgets.preview import Preview
from gui.widgets.query_bar import QueryBar
from gui.widgets.result_list import ResultList
from gui.widgets.result_model import ResultModel
from gui.widgets.welcome import Invitation, Welcome
from gui.wording import count

_SETTLE_MS = 300
_REFRESH_MS = 2000
"""At most so often results are brought up to date while the library grows."""


class SearchPage(QWidget):
    """Asks, shows, judges; what concerns the whole window is asked of it by signals."""

    folder_asked = Signal()
    """The user wants to add a folder."""
    said = Signal(str)
    """A short sentence for the status bar."""
    label_given = Signal()
    """What can be undone or redone has changed."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._pending: Pending | None = None
        self._status: LibraryStatus | None = None
        self._begin: tuple[Mode, float, bool] | None = None
        self._finished = False
        self.labelling = Labelling(engine, self)
        self.bar = QueryBar()
        self.filters = FilterRow()
        self.filters.hide()
        self.answer_line = AnswerLine()
        self.model = ResultModel()
        self.list = ResultList(self.model)
        set_role(self.list, "results")
        self.preview = Preview(engine)
        self.welcome = Welcome()
        self.invitation = Invitation()
        self.nothing = NothingFound()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.states = QStackedWidget()
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._load_status)
        self._again = QTimer(self, interval=_REFRESH_MS, singleShot=True)
        self._again.timeout.connect(self._search)
        self._build()
        self._connect()
        self._show_nothing_typed()

    # The page as the window sees it

    def focus_query(self) -> None:
        """Go to the search field, with what is in it selected."""
        self.bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.field.selectAll()

    def copy_passage(self) -> None:
        """Copy the passage that is shown."""
        passage = self.preview.passage
        if passage is not None and self.list.current is not None:
            QGuiApplication.clipboard().setText(passage.text)
            self.said.emit("Passage copied")

    def remember(self, memory: QSettings) -> None:
        """Keep how the page is arranged."""
        memory.setValue("search/splitter", self.splitter.saveState())
        memory.setValue("search/preview", not self.preview.isHidden())
        memory.setValue("search/set", self.preview.sets.wanted)

    def recall(self, memory: QSettings) -> None:
        """Arrange the page as it was."""
        state = memory.value("search/splitter")
        if state is not None:
            self.splitter.restoreState(state)
        self.preview.setVisible(bool(memory.value("search/preview", True, bool)))
        self.preview.sets.want(str(memory.value("search/set", JUDGMENTS)))

    def showEvent(self, event: QShowEvent) -> None:
        """Typing can begin at once."""
        super().showEvent(event)
        self.bar.field.setFocus()

    # Asking

    def _search(self, *, finished: bool | None = None) -> None:
        """Send the query as it is; what was asked before is no longer wanted."""
        if finished is not None:
            self._finished = finished
        self._again.stop()
        if self._pending is not None:
            self._pending.cancel()
        if not self.bar.query:
            self._show_nothing_typed()
            return
        chosen = self.filters.filters
        request = Search(
            query=self.bar.query,
            mode=self.bar.mode,
            balance=self.bar.balance,
            rerank=self.bar.rerank,
            prefix=not self._finished,
            under=chosen.under,
            types=chosen.types,
            modified_after=chosen.modified_after,
            modified_before=chosen.modified_before,
            author=chosen.author,
            languages=chosen.languages,
            evalset=self.labelling.evalset,
        )
        self._pending = self.engine.ask(request, self._show_answer, self._tell_trouble, owner=self)

    def _load_status(self) -> None:
        self.engine.ask(GetStatus(), self._show_status, self._ignore, owner=self)

        self.engine.ask(ListFacets(), self._show_facets, self._ignore, owner=self)

    def _load_settings(self) -> None:
        self.engine.ask(GetSettings(), self._show_settings, self._ignore, owner=self)

    def _load_sets(self) -> None:
        def offer(sets: tuple[EvalSetInfo, ...]) -> None:
            self.preview.sets.show_sets([each.name for each in sets])

        self.engine.ask(ListEvalSets(), offer, self._ignore, owner=self)

    def _take_set(self) -> None:
        """Grade in another set: show its grades, and what was given there."""
        name = self.labelling.evalset = self.preview.sets.evalset

        def show(overview: SetOverview) -> None:
            if name == self.labelling.evalset:
                self._show_scale(overview.scale)

        if name is None:
            self._show_scale(GRADED)
        else:
            self.engine.ask(ShowEvalSet(name), show, self._ignore, owner=self)
        if self.bar.query:
            self._search()

    def _show_scale(self, scale: tuple[str, ...]) -> None:
        self.preview.grade_bar.show_scale(scale)
        self._show_current()

    def _add_sample(self) -> None:
        self.welcome.show_busy(True)
        self.engine.ask(AddSampleLibrary(), lambda _: self._soon.start(), owner=self)

    def _ask_advice(self) -> None:
        def say(advice: RerankAdvice) -> None:
            self.bar.advise(advice.reason)

        def say_why_not(error: EngineError) -> None:
            self.bar.advise(error.message)

        self.engine.ask(AdviseReranking(), say, say_why_not, owner=self)

    # Showing

    def _show_answer(self, answer: SearchResults) -> None:
        current = self.list.current
        before = self.model.answer
        self.model.show_answer(answer)
        self.answer_line.show_answer(answer)
        if not answer.results:
            self.nothing.explain(answer, self.filters.n_active)
            self._show_state(self.nothing)
            self._show_current()
            return
        same_query = before is not None and before.query == answer.query
        row = self.model.row_of(current.document_id) if current and same_query else 0
        self.list.select(max(row, 0))
        if not same_query:
            self.list.scrollToTop()
        self._show_state(self.splitter)
        self._show_current()

    def _show_state(self, state: QWidget) -> None:
        self.states.setCurrentWidget(state)
        self.answer_line.setVisible(state in (self.splitter, self.nothing))
        is_empty = state is self.welcome
        self.bar.setVisible(not is_empty)
        self.filters.setVisible(not is_empty and self.bar.filters.isChecked())

    def _show_nothing_typed(self) -> None:
        self.model.show_answer(None)
        self._show_current()
        status = self._status
        if status is not None and not status.roots:
            self._show_state(self.welcome)
            return
        counts = ""
        title = "What are you looking for?"
        if status is not None and not status.n_documents and status.jobs:
            title, counts = "Reading your documents", "You can search as soon as the first are read"
        elif status is not None:
            counts = f"{count(status.n_documents, 'document')} can be searched"
        self.invitation.show_state(title, counts, self._examples())
        self._show_state(self.invitation)

    def _examples(self) -> tuple[str, ...]:
        """Queries for the sample library, where there is one."""
        roots = self._status.roots if self._status else ()
        if not any(root.path == str(SAMPLE_LIBRARY) for root in roots):
            return ()
        return tuple(EXAMPLE_QUERIES.read_text("utf-8").splitlines())

    def _show_status(self, status: LibraryStatus) -> None:
        had_none = self._status is None or not self._status.roots
        self._status = status
        self.filters.show_roots(status.roots)
        self.welcome.show_busy(False)
        if not self.bar.query:
            self._show_nothing_typed()
        if had_none and status.roots and self.isVisible():
            self.bar.field.setFocus()

    def _show_facets(self, facets: Facets) -> None:
        self.filters.show_facets(facets)
        self.bar.conditions.show_facets(facets)

    def _show_settings(self, settings: Settings) -> None:
        begin = (settings.mode, settings.balance, settings.rerank)
        if begin != self._begin:  # another theme is no reason to undo what was chosen here
            self._begin = begin
            self.bar.show_settings(settings)
        if self.bar.query:
            self._search()

    def _show_current(self) -> None:
        answer = self.model.answer
        self.preview.show_result(self.list.current, answer.mode if answer else "hybrid")

    def _show_label(self, state: LabelState) -> None:
        if state.evalset == (self.labelling.evalset or ""):
            self.model.show_label(state)
            self._show_current()
        elif self.bar.query:  # undone in another set: what is shown here is told anew
            self._search()
        self.label_given.emit()

    def _tell_trouble(self, error: EngineError) -> None:
        """The engine's end is told by the window; the query is asked again when it is back."""
        if isinstance(error, InvalidInput) and not self._finished:
            self.said.emit(error.message)  # `after:20` is on its way to a year
        elif not isinstance(error, EngineGone):
            self.nothing.tell(error)
            self.model.show_answer(None)
            self._show_state(self.nothing)
            self.answer_line.hide()

    def _ignore(self, _: EngineError) -> None:
        """What was asked for in passing is asked for again when the engine is ready."""

    # Judging and opening

    def _judge(self, grade: int | None) -> None:
        result, answer = self.list.current, self.model.answer
        if result is not None and answer is not None and result.grade != grade:
            self.labelling.judge(answer, result, grade)

    def _give_thumb(self, result: SearchResult, value: Thumb) -> None:
        answer = self.model.answer
        if answer is not None:
            self.labelling.give_thumb(answer, result, None if result.thumb == value else value)

    def _give_thumb_to_current(self, value: Thumb) -> None:
        if (result := self.list.current) is not None:
            self._give_thumb(result, value)

    def _open(self) -> None:
        self._hand_over(open_file, "Nothing on this computer opens it, or it is gone")

    def _show_in_folder(self) -> None:
        self._hand_over(show_in_folder, "Its folder is not there any more")

    def _hand_over(self, how: Callable[[str], bool], failed: str) -> None:
        result = self.list.current
        if result is None:
            return
        if not is_file_path(result.document):
            self.said.emit("A document of a dataset has no file")
        elif not how(file_on_disk(result.document)):
            self.said.emit(f"{failed}: {file_on_disk(result.document)}")

    def _show_place(self, path: str) -> None:
        if not show_in_folder(file_on_disk(path)):
            self.said.emit(f"Its folder is not there any more: {path}")

    def _toggle_preview(self) -> None:
        self.preview.setVisible(self.preview.isHidden())

    def _go_into_results(self) -> None:
        if self.model.rowCount() and self.states.currentWidget() is self.splitter:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # Hearing

    def _hear(self, event: Event) -> None:
        if not isinstance(event, Changed):
            return
        if event.what == "settings":
            self._load_settings()
        elif event.what == "evalsets":
            self._load_sets()
        elif event.what in ("library", "models"):
            if not self._soon.isActive():
                self._soon.start()
            self.preview.forget()
            if self.bar.query and not self._again.isActive():
                self._again.start()

    def _hear_state(self, state: EngineState, error: EngineError | None) -> None:
        self.bar.setEnabled(state not in ("refused", "stopped"))
        if state == "ready":
            self._load_settings()
            self._load_status()
            self._load_sets()
        elif error is not None:
            self.nothing.tell(EngineError("Search is not available", error.hint or error.message))
            self._show_state(self.nothing)
            self.answer_line.hide()

    # Building

    def _connect(self) -> None:
        self.engine.event_heard.connect(self._hear)
        self.engine.state_changed.connect(self._hear_state)
        self.bar.typed.connect(lambda: self._search(finished=False))
        self.bar.entered.connect(lambda: self._search(finished=True))
        self.bar.options_changed.connect(self._search)
        self.bar.rerank_turned_on.connect(self._ask_advice)
        self.bar.down.connect(self._go_into_results)
        self.bar.filters.toggled.connect(self.filters.setVisible)
        self.filters.changed.connect(self._filters_changed)
        self.list.current_changed.connect(self._show_current)
        self.list.graded.connect(self._judge)
        self.list.thumbed.connect(self._give_thumb)
        self.list.open_asked.connect(self._open)
        self.list.folder_asked.connect(self._show_in_folder)
        self.list.preview_asked.connect(self._toggle_preview)
        self.list.passage_asked.connect(self.preview.step)
        self.list.place_asked.connect(self._show_place)
        self.list.left.connect(self.focus_query)
        self.preview.open_asked.connect(self._open)
        self.preview.folder_asked.connect(self._show_in_folder)
        self.preview.grade_bar.graded.connect(self._judge)
        self.preview.grade_bar.thumbed.connect(self._give_thumb_to_current)
        self.preview.sets.chosen.connect(self._take_set)
        self.labelling.changed.connect(self._show_label)
        self.labelling.said.connect(self.said)
        self.welcome.folder_asked.connect(self.folder_asked)
        self.welcome.sample_asked.connect(self._add_sample)
        self.invitation.asked.connect(self.bar.ask)
        self.nothing.mode_asked.connect(self.bar.choose_mode)
        self.nothing.unfiltered_asked.connect(self.filters.clear)

    def _filters_changed(self) -> None:
        active = self.filters.n_active
        self.bar.filters.setText(f" Filters · {active}" if active else " Filters")
        self._search()

    def _build(self) -> None:
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self.preview)
        self.splitter.setStretchFactor(0, 11)
        self.splitter.setStretchFactor(1, 10)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.list.setMinimumWidth(320)
        self.preview.setMinimumWidth(340)
        for state in (self.welcome, self.invitation, self.nothing, self.splitter):
            self.states.addWidget(state)
        top = QVBoxLayout()
        top.setContentsMargins(Space.L, Space.M, Space.L, Space.S)
        top.setSpacing(Space.S)
        for part in (self.bar, self.filters, self.answer_line):
            top.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.states, 1)
