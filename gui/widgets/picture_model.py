"""Pictures as a Qt list model: it holds ids alone, and learns the rest of what is in sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)

from engine.errors import EngineError
from engine.records import LabelState, SearchResult, SearchResults
from engine.requests import GetResults
from gui.background import Engine, Pending
from gui.file_browser import is_file_path
from gui.wording import count, date, file_name, lies_in

RESULT = Qt.ItemDataRole.UserRole
"""What is known of a picture: a SearchResult, or None so far."""
DOCUMENT_ID = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_KEPT = 8000
"""Pictures of which what is known is remembered."""
_SETTLE_MS = 30
"""Between two questions, so that who drags the scroll bar asks for little that flies past."""


class PictureModel(QAbstractListModel):
    """One row a picture: the whole library's in the order given, or those that a search found."""

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self.answer: SearchResults | None = None
        """What was found; None while the library is looked through."""
        self._ids: Sequence[int] = ()
        self._rows: dict[int, int] | None = None
        self._known: dict[int, SearchResult] = {}
        self._stale: set[int] = set()
        self._gone: set[int] = set()
        self._wanted: Sequence[int] = ()
        self._pending: Pending | None = None
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._ask)

    @property
    def ids(self) -> Sequence[int]:
        """The documents, in the order of the rows."""
        return self._ids

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """How many pictures there are."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is known of a picture, and what is said of it."""
        if not index.isValid():
            return None
        id_ = self._ids[index.row()]
        if role == DOCUMENT_ID:
            return id_
        known = self._known.get(id_)
        if role == RESULT or known is None:
            return known
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title(known)
            case Qt.ItemDataRole.ToolTipRole:
                return _told(known)
            case Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(known)
        return None

    def result(self, row: int) -> SearchResult | None:
        """What is known of the picture of a row; None where that is nothing yet."""
        return self._known.get(self._ids[row]) if 0 <= row < len(self._ids) else None

    def row_of(self, document_id: int) -> int:
        """The row of a document, or -1."""
        if self._rows is None:
            self._rows = {id_: row for row, id_ in enumerate(self._ids)}
        return self._rows.get(document_id, -1)

    def show_library(self, ids: Sequence[int]) -> None:
        """Show pictures of which nothing but the ids need be known."""
        self._forget_answer()
        self._replace(ids)

    def show_answer(self, answer: SearchResults) -> None:
        """Show what a search found, in the order of the ranks."""
        self._forget_answer()
        self.answer = answer
        self._known.update({result.document_id: result for result in answer.results})
        self._stale.difference_update(result.document_id for result in answer.results)
        self._replace(tuple(result.document_id for result in answer.results))

    def want(self, rows: Iterable[int]) -> None:
        """Learn of these rows what is not known, and of no others that were wanted before."""
        ids = (self._ids[row] for row in rows)
        self._wanted = [
            id_
            for id_ in ids
            if (id_ not in self._known or id_ in self._stale) and id_ not in self._gone
        ]
        if self._wanted and not self._soon.isActive():
            self._soon.start()

    def forget(self) -> None:
        """Learn anew what is known, once it is wanted; until then it is shown as it was."""
        self._stale = set(self._known)
        self._gone.clear()

    def show_label(self, state: LabelState) -> None:
        """Show what a pair carries now, where it is among what was found."""
        if self.answer is None or state.query != self.answer.query or state.document_id is None:
            return
        known = self._known.get(state.document_id)
        row = self.row_of(state.document_id)
        if known is not None and row >= 0:
            self._known[known.document_id] = replace(known, grade=state.grade, thumb=state.thumb)
            self.dataChanged.emit(self.index(row), self.index(row))

    def _forget_answer(self) -> None:
        """Keep of what was found what is true without the query, too."""
        for found in self.answer.results if self.answer is not None else ():
            if (known := self._known.get(found.document_id)) is not None:
                self._known[found.document_id] = replace(
                    known, rank=0, score=0.0, scores={}, passages=(), grade=None, thumb=None
                )
        self.answer = None

    def _replace(self, ids: Sequence[int]) -> None:
        if self._ids == ids:
            if ids:
                self.dataChanged.emit(self.index(0), self.index(len(ids) - 1))
            return
        self.beginResetModel()
        self._ids, self._rows = ids, None
        self._wanted = ()
        self.endResetModel()

    def _ask(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if not self._wanted:
            return
        ids = tuple(self._wanted)

        def learn(results: tuple[SearchResult, ...]) -> None:
            self._learn(ids, results)

        self._pending = self._engine.ask(GetResults(ids), learn, self._do_without, owner=self)

    def _learn(self, ids: tuple[int, ...], results: tuple[SearchResult, ...]) -> None:
        for result in results:
            told = self._labelled(result)
            self._known.pop(result.document_id, None)  # so that the oldest come first
            self._known[result.document_id] = told
        self._stale.difference_update(ids)
        self._gone.update(set(ids) - {result.document_id for result in results})
        while len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        rows = [row for id_ in ids if (row := self.row_of(id_)) >= 0]
        if rows:
            self.dataChanged.emit(self.index(min(rows)), self.index(max(rows)))

    def _labelled(self, result: SearchResult) -> SearchResult:
        """A result of no query, with the rank and the labels that it has for the query."""
        known = self._known.get(result.document_id)
        if known is None or self.answer is None:
            return result
        return replace(known, title=result.title, document=result.document, picture=result.picture)

    def _do_without(self, _: EngineError) -> None:
        """It is asked for again when it is painted anew."""


def title(result: SearchResult) -> str:
    """What a picture is called: its title, else the name of its file."""
    return result.title or file_name(result.document)


def moment(result: SearchResult) -> float:
    """When a picture was taken, else when its file was changed."""
    taken = result.picture.taken_at if result.picture is not None else None
    return result.modified_at if taken is None else taken


def _told(result: SearchResult) -> str:
    """What a tooltip says: name, caption, tags, size, camera, day and folder, a line each."""
    picture = result.picture
    lines = [title(result)]
    if picture is not None:
        lines += [picture.caption, ", ".join(picture.tags)]
        size = f"{picture.width:,} × {picture.height:,} pixels"
        lines.append("  ·  ".join(filter(None, (size, picture.camera))))
    if moment(result):
        lines.append(date(moment(result)))
    if is_file_path(result.document):
        lines.append(lies_in(result.document))
    return "\n".join(filter(None, lines))


def _spoken(result: SearchResult) -> str:
    words = [title(result)]
    if result.picture is not None and result.picture.caption:
        words.append(result.picture.caption)
    if result.picture is not None and result.picture.tags:
        words.append(f"{count(len(result.picture.tags), 'tag')}: {', '.join(result.picture.tags)}")
    if result.grade is not None:
        words.append(f"graded {result.grade}")
    if result.thumb is not None:
        words.append("thumb up" if result.thumb > 0 else "thumb down")
    return ", ".join(words)
