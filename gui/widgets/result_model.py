"""The results as a Qt list model that changes in place, so that nothing flickers while typing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from engine.records import LabelState, SearchResult, SearchResults

RESULT = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class ResultModel(QAbstractListModel):
    """One row a document."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: SearchResults | None = None
        self._results: list[SearchResult] = []

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
        return None

    def result(self, row: int) -> SearchResult | None:
        """The result of a row, if there is such a row."""
        return self._results[row] if 0 <= row < len(self._results) else None

    def row_of(self, document_id: int) -> int:
        """The row of a document, or -1."""
        ids = (result.document_id for result in self._results)
        return next((row for row, id_ in enumerate(ids) if id_ == document_id), -1)

    def show_answer(self, answer: SearchResults | None) -> None:
        """Replace what is shown; rows that stay are kept and only drawn anew."""
        self.answer = answer
        fresh = list(answer.results) if answer else []
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
        row = self.row_of(state.document_id)
        if row >= 0:
            self._results[row] = replace(self._results[row], grade=state.grade, thumb=state.thumb)
            self.dataChanged.emit(self.index(row), self.index(row))


def _spoken(result: SearchResult) -> str:
    words = f"{result.rank}. {result.title}, {result.document}"
    if result.grade is not None:
        words += f", graded {result.grade}"
    if result.thumb is not None:
        words += ", thumb up" if result.thumb > 0 else ", thumb down"
    return words
