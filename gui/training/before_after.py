"""What two models find for one query, beside each other, with what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.errors import EngineError, EngineGone
from engine.records import SearchResult, SearchResults
from engine.training_requests import SearchWith
from gui.background import Engine, Pending
from gui.theme import Space, set_role
from gui.widgets.card import explanation
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.record_table import Column, RecordTable
from gui.wording import file_name

_ROWS = (10, 10)


@dataclass(frozen=True, slots=True)
class Moved:
    """A result, and where the other model has it."""

    result: SearchResult
    words: str
    """`▲ 3`, `▼ 2`, `new`, `gone`; empty where it stayed."""
    tone: str
    """A field of `Colors`."""


def moves(before: Sequence[SearchResult], after: Sequence[SearchResult]) -> list[list[Moved]]:
    """Both lists with what became of each result: those before, then those after."""
    first = {result.document_id: result.rank for result in before}
    second = {result.document_id: result.rank for result in after}
    left = [
        Moved(result, "", "muted")
        if result.document_id in second
        else Moved(result, "gone", "danger")
        for result in before
    ]
    right = [_moved(result, first.get(result.document_id)) for result in after]
    return [left, right]


def _moved(result: SearchResult, rank: int | None) -> Moved:
    if rank is None:
        return Moved(result, "new", "good")
    if rank == result.rank:
        return Moved(result, "", "muted")
    if rank > result.rank:
        return Moved(result, f"▲ {rank - result.rank}", "good")
    return Moved(result, f"▼ {result.rank - rank}", "danger")


def _passage(moved: Moved) -> str:
    title = moved.result.title or file_name(moved.result.document)
    passages = moved.result.passages
    return f"{title}\n\n{passages[0].text}" if passages else title


_COLUMNS: tuple[Column[Moved], ...] = (
    Column("#", lambda m: str(m.result.rank), 44, key=lambda m: m.result.rank, right=True),
    Column("Document", lambda m: m.result.title or file_name(m.result.document), tooltip=_passage),
    Column("Moved", lambda m: m.words, 80, color=lambda m: m.tone, right=True),
)


class BeforeAfter(QWidget):
    """The first ten of each model; hidden until a query is chosen."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._models = "", ""
        self._query = ""
        self._pending: list[Pending] = []
        self._answers: dict[str, SearchResults] = {}
        self._heading = ElidedLabel()
        set_role(self._heading, "heading")
        self.said = explanation("")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.tables: tuple[RecordTable[Moved], ...] = tuple(
            RecordTable(_COLUMNS, name) for name in ("Before tuning", "After tuning")
        )
        pair = QHBoxLayout()
        pair.setSpacing(Space.L)
        for table, name in zip(self.tables, ("Before", "After"), strict=True):
            half = QVBoxLayout()
            half.setSpacing(Space.XS)
            label = QLabel(name)
            set_role(label, "muted")
            half.addWidget(label)
            half.addWidget(table)
            pair.addLayout(half, 1)
            table.setSortingEnabled(False)  # a ranking has its order
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.S, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._heading)
        column.addLayout(pair)
        column.addWidget(self.said)
        self.hide()

    def show_models(self, base: str, tuned: str) -> None:
        """Compare these models, by their ids."""
        if (base, tuned) != self._models:
            self._models = base, tuned
            self.show_query("")

    def show_query(self, query: str) -> None:
        """Ask both models; an empty query hides everything."""
        if query == self._query:
            return
        for pending in self._pending:
            pending.cancel()
        self._query, self._pending, self._answers = query, [], {}
        self.setVisible(bool(query) and all(self._models))
        if self.isHidden():
            return
        self._heading.setText(query)
        self._say("Searching with both models…")
        for table in self.tables:
            table.show_records([])
            table.fit(_ROWS)
        for model in self._models:
            self._pending.append(
                self._engine.ask(
                    SearchWith(model, query),
                    partial(self._take, model),
                    self._fail,
                    owner=self,
                )
            )

    def _take(self, model: str, found: SearchResults) -> None:
        self._answers[model] = found
        if any(model not in self._answers for model in self._models):
            return
        answers = [self._answers[model] for model in self._models]
        both = moves(answers[0].results, answers[1].results)
        for table, moved in zip(self.tables, both, strict=True):
            table.show_records(moved)
        notices = dict.fromkeys(answer.notice for answer in answers if answer.notice)
        self._say(" ".join(notices))

    def _fail(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):
            self._say(f"{error.title}. {error.message} {error.hint}".strip())

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
