"""The training pairs as rows of a table: a page of them is asked for once it comes into sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QColor

from engine.errors import EngineError
from engine.training_records import PairFilter, PairPage, TrainingPair
from engine.training_requests import ListPairs
from gui.background import Engine, Pending
from gui.theme import colors
from gui.training.pair_words import (
    origin_in_short,
    origin_in_words,
    problem_in_words,
    weight_in_words,
)
from gui.widgets.record_table import Index
from gui.wording import date

PAGE = 100
"""Pairs that are asked for at once."""
_KEPT = 40
"""Pages that are remembered."""
_IN_SIGHT = 2
"""Pages that a screen can show parts of."""
_SETTLE_MS = 20
"""Waited before a page is asked for: who drags the scroll bar passes most of them by."""
_LONGEST = 400
"""Characters of a text that are given to a cell; no screen shows more on a line."""

_COLUMNS: tuple[tuple[str, Callable[[TrainingPair], str]], ...] = (
    ("Query", lambda pair: pair.query),
    ("Passage", lambda pair: f"{pair.title}: {pair.positive}" if pair.title else pair.positive),
    ("Origin", lambda pair: origin_in_short(pair.origin)),
    ("Weight", lambda pair: weight_in_words(pair.weight)),
    ("Date", lambda pair: date(pair.at) if pair.at else ""),
    ("Problem", problem_in_words),
)
QUERY, PASSAGE, ORIGIN, WEIGHT, DATE, PROBLEM = range(len(_COLUMNS))


class PairModel(QAbstractTableModel):
    """The pairs that fit a filter; a row that is not known yet is blank."""

    counted = Signal(int, int)
    """How many fit the filter, and how many there are."""
    arrived = Signal()
    """Pairs came; what is shown of one may be out of date."""
    failed = Signal(object)
    """An EngineError."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._request = ListPairs(limit=PAGE)
        self._pages: dict[int, tuple[TrainingPair, ...]] = {}
        self._fresh: set[int] = set()
        self._asked: dict[int, Pending] = {}
        self._wanted: list[int] = []
        self._n_found = 0
        self._begins_anew = True
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._fetch)

    @property
    def filter(self) -> PairFilter:
        """Which pairs are shown."""
        return self._request.filter

    def show_source(self, evalset: str | None, split: str) -> None:
        """Show another source's pairs, once it is refreshed."""
        self._request = msgspec.structs.replace(self._request, evalset=evalset, split=split)
        self._begins_anew = True

    def filter_by(self, wanted: PairFilter) -> None:
        """Show other pairs; those of before stay until they are there."""
        if wanted != self.filter:
            self._request = msgspec.structs.replace(self._request, filter=wanted)
            self._begins_anew = True
            self.refresh()

    def refresh(self) -> None:
        """Ask anew for what is in sight; the rest follows when it is looked at."""
        for pending in self._asked.values():
            pending.cancel()
        self._asked.clear()
        self._fresh.clear()
        self._wanted = [0] if self._begins_anew or not self._wanted else self._wanted[-_IN_SIGHT:]
        self._fetch()

    def pair_at(self, row: int) -> TrainingPair | None:
        """The pair of a row, as far as it is known."""
        page = self._pages.get(row // PAGE, ())
        place = row % PAGE
        return page[place] if place < len(page) else None

    def give(self, rows: Sequence[int], then: Callable[[tuple[TrainingPair, ...]], None]) -> None:
        """Hand on the pairs of rows, asked for where some of them are not known."""
        known = [pair for row in rows if (pair := self.pair_at(row)) is not None]
        if len(known) == len(rows):
            then(tuple(known))
            return
        first, wanted = min(rows), set(rows)

        def pick(page: PairPage) -> None:
            then(tuple(p for row, p in enumerate(page.pairs, first) if row in wanted))

        request = msgspec.structs.replace(self._request, offset=first, limit=max(rows) - first + 1)
        self._engine.ask(request, pick, self.failed.emit, owner=self)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """Pairs that fit the filter."""
        return 0 if parent.isValid() else self._n_found

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """What is told of each."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """A column's name."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows; looking at a row asks for it."""
        row, column = index.row(), index.column()
        if row // PAGE not in self._fresh:
            self._want(row // PAGE)
        pair = self.pair_at(row)
        if pair is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return " ".join(_COLUMNS[column][1](pair)[:_LONGEST].split())
            case Qt.ItemDataRole.ToolTipRole:
                if column == PROBLEM and pair.problem:
                    return pair.problem
                if column == ORIGIN:
                    return origin_in_words(pair.origin)
                return _COLUMNS[column][1](pair)[: _LONGEST * 2]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                return _color(pair, column)
        return None

    def _want(self, page: int) -> None:
        if page not in self._asked and page not in self._wanted[-_IN_SIGHT:]:
            self._wanted = [*self._wanted[-_IN_SIGHT:], page]
        if page not in self._asked and not self._soon.isActive():
            self._soon.start()

    def _fetch(self) -> None:
        for page in self._wanted[-_IN_SIGHT:]:
            if page not in self._fresh and page not in self._asked:
                self._ask(page)

    def _ask(self, page: int) -> None:
        def show(answer: PairPage) -> None:
            self._asked.pop(page, None)
            self._show(page, answer)

        def fail(error: EngineError) -> None:
            self._asked.pop(page, None)
            self._fresh.add(page)  # it would be asked for at every drawing else
            self.failed.emit(error)

        request = msgspec.structs.replace(self._request, offset=page * PAGE)
        self._asked[page] = self._engine.ask(request, show, fail, owner=self)

    def _show(self, page: int, answer: PairPage) -> None:
        if self._begins_anew:
            self._begins_anew = False
            self.beginResetModel()
            self._pages = {page: answer.pairs}
            self._fresh = {page}
            self._n_found = answer.n_found
            self.endResetModel()
        else:
            self._resize(answer.n_found)
            self._pages.pop(page, None)
            self._pages[page] = answer.pairs
            self._fresh.add(page)
            while len(self._pages) > _KEPT:
                oldest = next(iter(self._pages))
                del self._pages[oldest]
                self._fresh.discard(oldest)
            if self._n_found:
                last = min((page + 1) * PAGE, self._n_found) - 1
                self.dataChanged.emit(
                    self.index(min(page * PAGE, last), 0), self.index(last, PROBLEM)
                )
        self.counted.emit(answer.n_found, answer.n_total)
        self.arrived.emit()

    def _resize(self, n_found: int) -> None:
        """Have more rows or fewer, at the end: what is selected stays."""
        if n_found > self._n_found:
            self.beginInsertRows(QModelIndex(), self._n_found, n_found - 1)
            self._n_found = n_found
            self.endInsertRows()
        elif n_found < self._n_found:
            self.beginRemoveRows(QModelIndex(), n_found, self._n_found - 1)
            self._n_found = n_found
            self.endRemoveRows()


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == WEIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _color(pair: TrainingPair, column: int) -> QColor | None:
    now = colors()
    if pair.excluded:
        return QColor(now.faint)
    if column == PROBLEM and pair.problems:
        return QColor(now.muted if pair.problems == ("gone",) else now.warning)
    return QColor(now.muted) if column in (PASSAGE, ORIGIN, DATE) else None
