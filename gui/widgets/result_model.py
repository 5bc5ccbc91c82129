"""The results as a Qt list model that changes in place, so that nothing flickers while typing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from engine.records import LabelState, NearDuplicate, SearchResult, SearchResults
from gui.widgets.picture_row import facts
from gui.wording import count

RESULT = Qt.ItemDataRole.UserRole
UNFOLDED = Qt.ItemDataRole.UserRole + 1
"""Whether the documents that say nearly the same are shown below a result."""
IS_DUPLICATE = Qt.ItemDataRole.UserRole + 2
"""Whether a row is one of them."""
_Index = QModelIndex | QPersistentModelIndex


class ResultModel(QAbstractListModel):
    """One row a document; those nearly the same as one stand below it once it is unfolded."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: SearchResults | None = None
        self._results: list[SearchResult] = []
        self._duplicates: set[int] = set()  # ids of documents that stand below another
        self._unfolded: set[int] = set()  # ids of documents that have them below

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """How many documents were found."""
        return 0 if parent.isValid() else len(self._results)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The result itself, or what a screen reader says of it."""
        if not index.isValid():
            return None
        result = self._results[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return result
            case Qt.ItemDataRole.DisplayRole:
                return result.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(result)
        if role == UNFOLDED:
            return result.document_id in self._unfolded
        if role == IS_DUPLICATE:
            return result.document_id in self._duplicates
        return None

    def result(self, row: int) -> SearchResult | None:
        """The result of a row, if there is such a row."""
        return self._results[row] if 0 <= row < len(self._results) else None

    def row_of(self, document_id: int) -> int:
        """The row of a document, or -1."""
        ids = (result.document_id for result in self._results)
        return next((row for row, id_ in enumerate(ids) if id_ == document_id), -1)

    def unfold(self, row: int) -> None:
        """Show the documents that say nearly the same as a row's below it, or hide them again."""
        result = self.result(row)
        if result is None or not result.near_duplicates:
            return
        at, last = row + 1, row + len(result.near_duplicates)
        if result.document_id in self._unfolded:
            self.beginRemoveRows(QModelIndex(), at, last)
            self._unfolded.remove(result.document_id)
            del self._results[at : last + 1]
            self.endRemoveRows()
        else:
            self.beginInsertRows(QModelIndex(), at, last)
            self._unfolded.add(result.document_id)
            self._results[at:at] = [_alone(result, near) for near in result.near_duplicates]
            self._duplicates |= {near.document_id for near in result.near_duplicates}
            self.endInsertRows()
        self.dataChanged.emit(self.index(row), self.index(row))

    def show_answer(self, answer: SearchResults | None) -> None:
        """Replace what is shown; rows that stay are kept and only drawn anew."""
        if answer is None or self.answer is None or answer.query != self.answer.query:
            self._unfolded.clear()
        self.answer = answer
        self._duplicates = set()
        fresh: list[SearchResult] = []
        for result in answer.results if answer else ():
            fresh.append(result)
            if result.document_id in self._unfolded:
                fresh += [_alone(result, near) for near in result.near_duplicates]
                self._duplicates |= {near.document_id for near in result.near_duplicates}
        old, new = len(self._results), len(fresh)
        if new < old:
            self.beginRemoveRows(QModelIndex(), new, old - 1)
            self._results = self._results[:new]
            self.endRemoveRows()
        if new > old:
            self.beginInsertRows(QModelIndex(), old, new - 1)
            self._results = fresh
            self.endInsertRows()
        self._results = fresh
        if shared := min(old, new):
            self.dataChanged.emit(self.index(0), self.index(shared - 1))

    def show_label(self, state: LabelState) -> None:
        """Show what a pair carries now, where it is among the results."""
        if self.answer is None or state.query != self.answer.query or state.document_id is None:
            return
        for row, result in enumerate(self._results):
            if (shown := _labelled(result, state)) != result:
                self._results[row] = shown
                self.dataChanged.emit(self.index(row), self.index(row))


def _labelled(result: SearchResult, state: LabelState) -> SearchResult:
    """A result with a label that it, or a document below it, carries now."""
    if result.document_id == state.document_id:
        return replace(result, grade=state.grade, thumb=state.thumb)
    below = tuple(
        replace(near, grade=state.grade, thumb=state.thumb)
        if near.document_id == state.document_id
        else near
        for near in result.near_duplicates
    )
    return replace(result, near_duplicates=below)


def _spoken(result: SearchResult) -> str:
    words = f"{result.rank}. {result.title}, {result.document}"
    if result.picture is not None:
        words += f", picture, {', '.join(facts(result.picture))}"
        words += f", {result.picture.caption}" if result.picture.caption else ""
    if result.grade is not None:
        words += f", graded {result.grade}"
    if result.thumb is not None:
        words += ", thumb up" if result.thumb > 0 else ", thumb down"
    if result.also_at:
        words += f", also in {count(len(result.also_at), 'other place')}"
    if result.near_duplicates:
        words += f", {count(len(result.near_duplicates))} nearly the same"
    return words


def _alone(result: SearchResult, near: NearDuplicate) -> SearchResult:
    """A document that says nearly the same, as a result of its own: what is known of it."""
    return replace(
        result,
        document_id=near.document_id,
        document=near.document,
        title=near.title,
        media_type="",
        modified_at=0.0,
        score=near.score,
        scores=near.scores,
        passages=near.passages,
        grade=near.grade,
        thumb=near.thumb,
        also_at=(),
        near_duplicates=(),
        author="",
        language="",
        picture=near.picture,
    )
