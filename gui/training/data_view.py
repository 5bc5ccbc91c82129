"""What the model would be trained on, pair by pair."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError, EngineGone
from engine.recipe import Origin
from engine.training_records import TrainingOverview, TrainingPair
from engine.training_requests import ExcludePairs, ExportPairs, GetTrainingOverview
from gui.background import Engine, Pending
from gui.handing_over import HandingOver
from gui.theme import Space, set_role
from gui.training.data_overview import DataOverview
from gui.training.pair_details import PairDetails
from gui.training.pair_filters import PairFilters
from gui.training.pair_model import PairModel
from gui.training.pair_table import PairTable
from gui.training.topic_bars import TopicBars
from gui.widgets.empty_state import EmptyState
from gui.widgets.notice import Notice
from gui.wording import count

_HEIGHT = 460
_WIDTHS, _HEIGHTS = [650, 350], [290, 340]
"""Of table and details, beside each other and one above the other."""
_DETAILS_WIDTH = 320
_DETAILS_BELOW = 760
"""Pixels of width below which the details stand below the table."""


class DataView(QWidget):
    """An overview of the training data, and a table of its pairs."""

    more_wanted = Signal()
    """The user wants to have more pairs made."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._evalset: str | None = None
        self._split = "train"
        self._undo: ExcludePairs | None = None
        self._asking: Pending | None = None
        self.notice = Notice()
        self.overview = DataOverview()
        self.topics = TopicBars()
        self.filters = PairFilters()
        self.model = PairModel(engine)
        self.table = PairTable(self.model)
        self.details = PairDetails()
        self.handing = HandingOver(self)
        self._build()
        self._connect()

    def load(self) -> None:
        """Ask for what is shown."""
        if self._asking is not None:
            self._asking.cancel()
        self.overview.show_busy()
        request = GetTrainingOverview(self._evalset, self._split)
        self._asking = self.engine.ask(request, self._show_overview, self._refuse, owner=self)
        self.model.refresh()

    def show_source(self, evalset: str | None, split: str) -> None:
        """Take another source of training."""
        self._evalset, self._split = evalset, split
        self.notice.hide()
        self._show_undo(False)
        self.overview.forget()
        self.topics.show_topics(())
        self.model.show_source(evalset, split)
        self.filters.clear()
        if self.isVisible():
            self.load()

    def show_origin(self, origin: Origin) -> None:
        """Show pairs of one origin alone."""
        self.filters.clear()
        self.filters.choose_origin(origin)

    def export(self) -> None:
        """Ask where to, then write the pairs that would be trained on."""
        dialog = QFileDialog(self, "Export the training pairs")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("JSON lines (*.jsonl);;All files (*)")
        dialog.setDefaultSuffix("jsonl")
        dialog.selectFile("training-pairs.jsonl")
        dialog.fileSelected.connect(self.write)
        dialog.open()

    def write(self, path: str) -> None:
        """Write the pairs that would be trained on to a file."""
        request = ExportPairs(path, self._evalset, self._split)
        self.engine.ask(
            request,
            lambda written: self._say("Exported", written),
            self._tell,
            owner=self,
        )

    def toggle_excluded(self) -> None:
        """Exclude what is selected, or take it in again where the pair at hand is excluded."""
        pair, rows = self.current, self.table.rows
        if pair is None:
            return
        excluded = not pair.excluded
        if not rows:
            rows = [self.table.currentIndex().row()]
        self.model.give(rows, lambda pairs: self._exclude(pairs, excluded))

    @property
    def current(self) -> TrainingPair | None:
        """The pair at hand."""
        index = self.table.currentIndex()
        return self.model.pair_at(index.row()) if index.isValid() else None

    def event(self, event: QEvent) -> bool:
        """Ctrl+F is the pairs' filter here, not the window's search field."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Find)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """`/` and Ctrl+F lead to the filter."""
        if event.key() == Qt.Key.Key_Slash or event.matches(QKeySequence.StandardKey.Find):
            self.filters.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.filters.text.selectAll()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Details beside the table where there is room, else below it."""
        super().resizeEvent(event)
        beside = self.width() >= _DETAILS_BELOW
        way = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        self._both.setFixedHeight(_HEIGHT if beside else sum(_HEIGHTS))
        if way != self._both.orientation():
            self._both.setOrientation(way)
            self._both.setSizes(_WIDTHS if beside else _HEIGHTS)

    # Hearing

    def _show_overview(self, overview: TrainingOverview) -> None:
        self.overview.show_overview(overview)
        self.topics.show_topics(overview.topics)
        self.filters.show_overview(overview)

    def _count(self, n_found: int, n_total: int) -> None:
        self.empty.setVisible(not n_total)
        for part in (self.overview, self.filters, self._both, self._found):
            part.setVisible(n_total > 0)
        self.topics.setVisible(n_total > 0 and bool(self.topics.rows))
        narrowed = self.filters.narrows
        words = f"{count(n_found)} of {count(n_total, 'pair')}" if narrowed else ""
        self._found_words.setText(words or count(n_total, "pair"))
        self._clear.setVisible(narrowed)
        self._nothing_fits.setVisible(not n_found and n_total > 0)
        self._both.setVisible(n_found > 0)
        if n_found and not self.table.currentIndex().isValid():
            self.table.selectRow(0)

    def _show_current(self) -> None:
        self.details.show_pair(self.current, len(self.table.rows))

    def _filter(self) -> None:
        wanted = self.filters.filter
        self.topics.show_chosen(wanted.topic)
        self.model.filter_by(wanted)

    def _exclude(self, pairs: tuple[TrainingPair, ...], excluded: bool) -> None:
        ids = tuple(pair.id for pair in pairs if pair.excluded != excluded)
        if not ids:
            return

        def done(_: None) -> None:
            self._undo = ExcludePairs(ids, not excluded)
            done_words = "excluded" if excluded else "taken in again"
            self._done_words.setText(f"·  {count(len(ids), 'pair')} {done_words}")
            self._show_undo(True)
            self.notice.hide()
            self.load()

        self.engine.ask(ExcludePairs(ids, excluded), done, self._tell, owner=self)

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        if undo is None:
            return

        def done(_: None) -> None:
            self._show_undo(False)
            self.load()

        self.engine.ask(undo, done, self._tell, owner=self)

    def _show_undo(self, can: bool) -> None:
        """Offer to take the last change back, on the line over the table: it must not move."""
        self._done_words.setVisible(can)
        self.undo_button.setVisible(can)

    def _open(self) -> None:
        if (pair := self.current) is not None and pair.document:
            self.handing.open_document(pair.document)

    def _say(self, title: str, words: str) -> None:
        self.notice.say("good", title, words)

    def _tell(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            self.notice.say_failure(error)

    def _refuse(self, error: EngineError) -> None:
        """There is no overview: neither of it nor of pairs is anything shown."""
        if isinstance(error, EngineGone):
            return
        self._tell(error)
        self._count(0, 0)

    # Building

    def _connect(self) -> None:
        self.overview.origin_chosen.connect(self.show_origin)
        self.overview.problem_chosen.connect(self._show_problem)
        self.overview.excluded_chosen.connect(self._show_excluded)
        self.overview.export_asked.connect(self.export)
        self.topics.chosen.connect(self.filters.choose_topic)
        self.filters.changed.connect(self._filter)
        self.filters.left.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.model.counted.connect(self._count)
        self.model.arrived.connect(self._show_current)
        self.model.failed.connect(self._tell)
        self.table.current_changed.connect(self._show_current)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_current())
        self.table.toggled.connect(self.toggle_excluded)
        self.table.open_asked.connect(self._open)
        self.details.toggled.connect(self.toggle_excluded)
        self.details.open_asked.connect(self._open)
        self.handing.said.connect(lambda words: self.notice.say("warning", words))
        self.undo_button.clicked.connect(self._take_back)
        self._clear.clicked.connect(self.filters.clear)

    def _show_problem(self, problem: str) -> None:
        self.filters.clear()
        self.filters.problem.setCurrentIndex(self.filters.problem.findData(problem))

    def _show_excluded(self) -> None:
        self.filters.clear()
        self.filters.choose_excluded(True)

    def _build(self) -> None:
        more = QPushButton("Make pairs from your documents")
        set_role(more, "primary")
        more.clicked.connect(self.more_wanted)
        self.empty = EmptyState(
            "training",
            "No pairs yet",
            "A pair is a query with a passage that answers it. Search for something and give the "
            "results a grade or a thumb, choose an evaluation set above, or have pairs made.",
            (more,),
        )
        self.empty.hide()
        self._found_words = QLabel()
        set_role(self._found_words, "small")
        self._clear = QPushButton("Show all")
        set_role(self._clear, "link")
        self._done_words = QLabel()
        set_role(self._done_words, "small")
        self.undo_button = QPushButton("Undo")
        self.undo_button.setToolTip("Judgments and thumbs stay as they are in any case")
        set_role(self.undo_button, "link")
        self._show_undo(False)
        keys = QLabel("Space excludes  ·  Enter opens  ·  / filters")
        set_role(keys, "small")
        self._found = QWidget()
        row = QHBoxLayout(self._found)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._found_words)
        row.addWidget(self._clear)
        row.addWidget(self._done_words)
        row.addWidget(self.undo_button)
        row.addStretch()
        row.addWidget(keys)
        self._nothing_fits = QLabel("No pair fits the filter.")
        set_role(self._nothing_fits, "muted")
        self._nothing_fits.hide()
        self._both = QSplitter(Qt.Orientation.Horizontal)
        self._both.addWidget(self.table)
        self._both.addWidget(self.details)
        self._both.setStretchFactor(0, 13)
        self._both.setStretchFactor(1, 7)
        self.details.setMinimumWidth(_DETAILS_WIDTH)
        self._both.setChildrenCollapsible(False)
        self._both.setHandleWidth(Space.M)
        self._both.setFixedHeight(_HEIGHT)
        pairs = QVBoxLayout()
        pairs.setSpacing(Space.S)
        for part in (self.notice, self.filters, self._found, self._nothing_fits, self._both):
            pairs.addWidget(part)
        for part in (self.filters, self._found, self._both):
            part.hide()  # until it is known whether there are pairs
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(Space.L)
        for part in (self.overview, self.topics, self.empty):
            self.body.addWidget(part)
        self.body.addLayout(pairs)
