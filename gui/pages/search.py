"""The search page: a query goes out while it is typed, results and their text come back.

A query is words, a picture, or both.
"""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.client import EngineState
from engine.errors import EngineError, EngineGone, InvalidInput
from engine.evaluation_records import GRADED, JUDGMENTS, SetOverview
from engine.evaluation_requests import ShowEvalSet
from engine.events import Changed, Event
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
)
from engine.settings import Settings
from gui.background import Engine, Pending
from gui.browsing import IN_GRID, Browsing
from gui.describing import Describing
from gui.handing_over import HandingOver
from gui.labelling import Labelling
from gui.picture_asking import PictureAsking
from gui.picture_query import PictureQuery
from gui.search_request import search_request
from gui.theme import Space, set_role
from gui.thumbnails import Thumbnails
from gui.visits import Visits
from gui.widgets.answer_line import AnswerLine
from gui.widgets.filter_row import FilterRow
from gui.widgets.model_hint import ModelHint
from gui.widgets.nothing_found import NothingFound
from gui.widgets.picture_browser import PictureBrowser
from gui.widgets.preview import Preview
from gui.widgets.query_bar import QueryBar
from gui.widgets.result_list import ResultList
from gui.widgets.result_model import ResultModel
from gui.widgets.welcome import Invitation, Welcome

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
        self._asked_with: PictureQuery | None = None  # of the answer that is shown
        self.labelling = Labelling(engine, self)
        self.thumbnails = Thumbnails(engine, self)
        self.bar = QueryBar()
        self.bar.chip.use(self.thumbnails)
        self.asking = PictureAsking(self.bar, self)
        self.handing = HandingOver(self)
        self.visits = Visits(engine, self)
        self.hint = ModelHint(engine)
        self.filters = FilterRow()
        self.filters.hide()
        self.answer_line = AnswerLine()
        self.model = ResultModel()
        self.list = ResultList(self.model, self.thumbnails)
        set_role(self.list, "results")
        self.pictures = PictureBrowser(engine, self.thumbnails)
        self.browsing = Browsing(engine, self.pictures, self)
        self.preview = Preview(engine)
        self.describing = Describing(engine, self.preview.describe, self.labelling, self)
        self.welcome = Welcome()
        self.invitation = Invitation()
        self.nothing = NothingFound()
        self.views = QStackedWidget()
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

    def search_with_picture(self) -> None:
        """Let the user choose a picture to search with."""
        self.asking.choose()

    def copy_passage(self) -> None:
        """Copy the passage that is shown."""
        passage = self.preview.passage
        if passage is not None and self.current is not None:
            QGuiApplication.clipboard().setText(passage.text)
            self.said.emit("Passage copied")

    def toggle_grid(self) -> None:
        """Show pictures in a grid, or in a list again."""
        if self.bar.kind == "image":
            self.bar.grid.toggle()
        elif self.bar.choose.isEnabled():
            self.bar.grid.setChecked(True)
            self.bar.choose_kind("image")
        else:
            self.said.emit(self.bar.choose.toolTip())

    @property
    def in_grid(self) -> bool:
        """Whether pictures are shown side by side."""
        return self.bar.kind == "image" and self.bar.grid.isChecked()

    @property
    def current(self) -> SearchResult | None:
        """The result at hand."""
        return self.pictures.grid.current if self.in_grid else self.list.current

    def remember(self, memory: QSettings) -> None:
        """Keep how the page is arranged."""
        self.browsing.remember(memory)
        memory.setValue("search/grid", self.bar.grid.isChecked())
        memory.setValue("search/splitter", self.splitter.saveState())
        memory.setValue("search/preview", not self.preview.isHidden())
        memory.setValue("search/kind", self.bar.chosen_kind)
        self.hint.remember(memory)
        memory.setValue("search/set", self.preview.sets.wanted)

    def recall(self, memory: QSettings) -> None:
        """Arrange the page as it was."""
        state = memory.value("search/splitter")
        if state is not None:
            self.splitter.restoreState(state)
        self.preview.setVisible(bool(memory.value("search/preview", True, bool)))
        self.browsing.recall(memory)
        self.bar.grid.setChecked(bool(memory.value("search/grid", True, bool)))
        self.hint.recall(memory)
        kind = memory.value("search/kind", "both")
        if kind in ("both", "text", "image"):
            self.bar.choose_kind(kind)
        self.preview.sets.want(str(memory.value("search/set", JUDGMENTS)))

    def showEvent(self, event: QShowEvent) -> None:
        """Typing can begin at once."""
        super().showEvent(event)
        self.bar.field.setFocus()
        self._tell_reading()

    def hideEvent(self, event: QHideEvent) -> None:
        """Who goes to another page has read."""
        super().hideEvent(event)
        self.visits.leave()

    # Asking

    def _search(self, *, finished: bool | None = None) -> None:
        """Send the query as it is; what was asked before is no longer wanted."""
        if finished is not None:
            self._finished = finished
        self._again.stop()
        self.browsing.stop()
        if self._pending is not None:
            self._pending.cancel()
        picture = self.bar.picture
        self.hint.show_kind(self.bar.kind)
        if not self.bar.query and picture is None:
            self._show_nothing_typed()
            return
        request = search_request(
            self.bar,
            self.filters.filters,
            k=IN_GRID if self.in_grid else None,
            finished=self._finished,
            evalset=self.labelling.evalset,
        )
        self._pending = self.engine.ask(
            request,
            lambda answer: self._show_answer(answer, picture),
            self._tell_trouble,
            owner=self,
        )

    def _ask_for_more_like_current(self) -> None:
        self.asking.ask_for_more_like(self.current)

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

    def _show_answer(self, answer: SearchResults, picture: PictureQuery | None) -> None:
        current = self.current
        before, before_with = self.model.answer, self._asked_with
        self._asked_with = picture
        self.model.show_answer(answer)
        self.answer_line.show_answer(answer, picture)
        if not answer.results:
            self.nothing.explain(answer, self.filters.n_active, self.bar.kind, picture)
            self._show_state(self.nothing)
            self._show_current()
            return
        same_query = before is not None and (before.query, before_with) == (answer.query, picture)
        wanted = current.document_id if current and same_query else None
        if before_with is not None and picture is None:
            wanted = self.asking.take_return()
        row = self.model.row_of(wanted) if wanted is not None else 0
        self.list.select(max(row, 0))
        if self.in_grid:
            self.pictures.show_answer(answer, wanted)
        if row <= 0 and not same_query:
            self.list.scrollToTop()
        self._show_state(self.splitter)
        self._show_current()

    def _show_state(self, state: QWidget) -> None:
        self.states.setCurrentWidget(state)
        is_answer = self.model.answer is not None or state is self.nothing
        self.answer_line.setVisible(is_answer and state in (self.splitter, self.nothing))
        self.views.setCurrentWidget(self.pictures if self.in_grid else self.list)
        is_empty = state is self.welcome
        self.bar.setVisible(not is_empty)
        self.filters.setVisible(not is_empty and self.bar.filters.isChecked())

    def _show_nothing_typed(self) -> None:
        self._asked_with = None
        self.asking.take_return()
        self.model.show_answer(None)
        self._show_current()
        status = self._status
        if status is not None and not status.roots:
            self._show_state(self.welcome)
            return
        if self.in_grid:
            self._browse()
            return
        self.invitation.show_status(status)
        self._show_state(self.invitation)

    def _browse(self) -> None:
        """Show the library's pictures, since nothing is asked for."""
        status = self._status
        n_unseen = status.n_pictures - status.n_seen if status is not None else 0
        self.browsing.browse(self.filters.filters, self.filters.n_active, n_unseen)
        self._show_state(self.splitter)

    def _show_other_view(self) -> None:
        """Show in the grid what the list showed, or the other way round."""
        self._search()
        if self.states.currentWidget() is self.splitter:
            view = self.pictures.grid if self.in_grid else self.list
            view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_status(self, status: LibraryStatus) -> None:
        had_none = self._status is None or not self._status.roots
        self._status = status
        self.filters.show_roots(status.roots)
        self.bar.show_pictures(status.n_pictures)
        self.asking.takes_drops = bool(status.roots)
        self.welcome.show_busy(False)
        if not self.bar.query and self.bar.picture is None:
            self._show_nothing_typed()
        if had_none and status.roots and self.isVisible():
            self.bar.field.setFocus()

    def _show_facets(self, facets: Facets) -> None:
        self.filters.show_facets(facets)
        self.bar.conditions.show_facets(facets)
        self.describing.show_facets(facets)

    def _show_settings(self, settings: Settings) -> None:
        self.visits.show_settings(settings)
        begin = (settings.mode, settings.balance, settings.rerank)
        if begin != self._begin:  # another theme is no reason to undo what was chosen here
            self._begin = begin
            self.bar.show_settings(settings)
        if self.bar.query or self.bar.picture is not None:
            self._search()

    def _show_current(self) -> None:
        if self.in_grid and self.current is None and self.pictures.grid.currentIndex().isValid():
            return  # what is known of it is on its way
        answer = self.model.answer
        self.preview.show_result(self.current, answer.mode if answer else "hybrid")
        self._tell_reading()

    @property
    def _answer_in_words(self) -> SearchResults | None:
        """The answer that is shown, where words alone were asked with."""
        return self.model.answer if self._asked_with is None else None

    def _tell_reading(self) -> None:
        """Say what is read now in the preview."""
        result = self.current if self.preview.isVisible() else None
        passage = self.preview.passage
        self.visits.read(result, passage.text if passage else "", self._answer_in_words)

    def _tell_opening(self, result: SearchResult) -> None:
        passage = self.preview.passage
        self.visits.open(result, passage.text if passage else "", self._answer_in_words)

    def _show_label(self, state: LabelState) -> None:
        self.label_given.emit()
        if not state.query:  # captions or tags: what is shown of them is asked for anew
            self.preview.forget()
            self.pictures.forget()
            if self.model.answer is not None:
                self._search()
            return
        if state.evalset == (self.labelling.evalset or ""):
            self.model.show_label(state)
            self.pictures.show_label(state)
            self._show_current()
        elif self.bar.query:  # undone in another set: what is shown here is told anew
            self._search()

    def _tell_trouble(self, error: EngineError) -> None:
        """The engine's end is told by the window; the query is asked again when it is back."""
        if isinstance(error, InvalidInput) and not self._finished:
            self.said.emit(error.message)  # `after:20` is on its way to a year
        elif not isinstance(error, EngineGone):
            self.nothing.tell(error, self.bar.picture)
            self.model.show_answer(None)
            self._show_state(self.nothing)
            self.answer_line.hide()

    def _ignore(self, _: EngineError) -> None:
        """What was asked for in passing is asked for again when the engine is ready."""

    # Judging and opening

    def _judge(self, grade: int | None) -> None:
        result, answer = self.current, self._answer_to_label()
        if result is not None and answer is not None and result.grade != grade:
            self.labelling.judge(answer, result, grade)

    def _answer_to_label(self) -> SearchResults | None:
        """The answer that labels are about: they tell how well words are answered."""
        if self.model.answer is None:
            self.said.emit("Grades and thumbs are for what is searched for: type some words first")
        elif self._asked_with is not None:
            self.said.emit("Grades and thumbs are for words: take the picture away to give them")
            return None
        return self.model.answer

    def _give_thumb(self, result: SearchResult, value: Thumb) -> None:
        answer = self._answer_to_label()
        if answer is not None:
            self.labelling.give_thumb(answer, result, None if result.thumb == value else value)

    def _give_thumb_to_current(self, value: Thumb) -> None:
        if (result := self.current) is not None:
            self._give_thumb(result, value)

    def _open(self) -> None:
        self.handing.open(self.current)

    def _show_in_folder(self) -> None:
        self.handing.show_in_folder(self.current)

    def describe(self) -> None:
        """Write a caption and tags on what is selected."""
        if self.in_grid:
            chosen = self.pictures.grid.selected
        else:
            result = self.current
            chosen = (result.document_id,) if result is not None and result.picture else ()
        if not chosen:
            self.said.emit("Select one or more pictures to describe them")
        elif len(chosen) == 1:
            self.preview.show()
        self.describing.describe(chosen)

    def _go_on(self) -> None:
        """Go to the next result, as somebody who writes captions one after another."""
        if self.in_grid:
            self.pictures.go_on()
        else:
            self.list.select(self.list.currentIndex().row() + 1)

    def _toggle_preview(self) -> None:
        self.preview.setVisible(self.preview.isHidden())
        self._tell_reading()

    def _go_into_results(self) -> None:
        if self.states.currentWidget() is not self.splitter:
            return
        if self.in_grid:
            self.pictures.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.model.rowCount():
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
            self.pictures.forget()
            asks = self.bar.query or self.bar.picture is not None or self.in_grid
            if asks and not self._again.isActive():
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
        self.bar.picture_changed.connect(lambda: self._search(finished=True))
        self.asking.said.connect(self.said)
        self.handing.said.connect(self.said)
        self.handing.opened.connect(self._tell_opening)
        self.bar.rerank_turned_on.connect(self._ask_advice)
        self.bar.down.connect(self._go_into_results)
        self.bar.filters.toggled.connect(self.filters.setVisible)
        self.filters.changed.connect(self._filters_changed)
        for view in (self.list, self.pictures.grid):
            view.current_changed.connect(self._show_current)
            view.graded.connect(self._judge)
            view.thumbed.connect(self._give_thumb)
            view.open_asked.connect(self._open)
            view.folder_asked.connect(self._show_in_folder)
            view.preview_asked.connect(self._toggle_preview)
            view.left.connect(self.focus_query)
        self.list.passage_asked.connect(self.preview.step)
        self.list.place_asked.connect(self.handing.show_place)
        self.bar.grid_toggled.connect(self._show_other_view)
        self.pictures.model.dataChanged.connect(self._show_current)
        self.pictures.grid.like_asked.connect(self._ask_for_more_like_current)
        self.pictures.unfiltered_asked.connect(self.filters.clear)
        self.browsing.listed.connect(self._show_current)
        self.browsing.failed.connect(self._tell_trouble)
        self.browsing.said.connect(self.said)
        self.pictures.grid.describe_asked.connect(self.describe)
        self.preview.describe.next_asked.connect(self._go_on)
        self.describing.said.connect(self.said)
        self.list.more_asked.connect(self._ask_for_more_like_current)
        self.preview.more_asked.connect(self._ask_for_more_like_current)
        self.preview.condition_asked.connect(self._add_condition)
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
        self.nothing.kind_asked.connect(self.bar.choose_kind)
        self.nothing.without_asked.connect(self.bar.take_picture_away)

    def _add_condition(self, condition: str) -> None:
        """Add a condition to what is asked."""
        self.bar.ask(f"{self.bar.query} {condition}".strip())

    def _filters_changed(self) -> None:
        active = self.filters.n_active
        self.bar.filters.setText(f" Filters · {active}" if active else " Filters")
        self._search()

    def _build(self) -> None:
        self.views.addWidget(self.list)
        self.views.addWidget(self.pictures)
        self.splitter.addWidget(self.views)
        self.splitter.addWidget(self.preview)
        self.splitter.setStretchFactor(0, 11)
        self.splitter.setStretchFactor(1, 10)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.views.setMinimumWidth(320)
        self.preview.setMinimumWidth(340)
        for state in (self.welcome, self.invitation, self.nothing, self.splitter):
            self.states.addWidget(state)
        top = QVBoxLayout()
        top.setContentsMargins(Space.L, Space.M, Space.L, Space.S)
        top.setSpacing(Space.S)
        for part in (self.bar, self.filters, self.asking.notice, self.hint, self.answer_line):
            top.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.states, 1)
