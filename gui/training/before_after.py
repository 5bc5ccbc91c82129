"""What two models find for one query, beside each other, with what moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
_STAYED, _GONE = ("", "muted"), ("gone", "danger")
_RELEVANT = 2
"""The column that says what was judged relevant."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A result, and where the other model has it."""

    result: SearchResult
    words: str
    """`▲ 3`, `▼ 2`, `new`, `gone`; empty where it stayed."""
    tone: str
    """A field of `Colors`."""
    relevant: bool
    """As the user, or the evaluation set, judged it."""


def moves(
    before: Sequence[SearchResult], after: Sequence[SearchResult], relevant: Collection[int]
) -> list[list[Moved]]:
    """Both lists with what became of each result: those before, then those after."""
    first = {result.document_id: result.rank for result in before}
    second = {result.document_id: result.rank for result in after}

    def told(result: SearchResult, words: tuple[str, str]) -> Moved:
        return Moved(result, *words, relevant=result.document_id in relevant)

    left = [told(one, _STAYED if one.document_id in second else _GONE) for one in before]
    right = [told(one, _moved(one.rank, first.get(one.document_id))) for one in after]
    return [left, right]


def _moved(rank: int, before: int | None) -> tuple[str, str]:
    """What became of a result, in words, and their colour."""
    if before is None:
        return "new", "good"
    if before == rank:
        return _STAYED
    if before > rank:
        return f"▲ {before - rank}", "good"
    return f"▼ {rank - before}", "danger"


def _passage(moved: Moved) -> str:
    title = moved.result.title or file_name(moved.result.document)
    passages = moved.result.passages
    return f"{title}\n\n{passages[0].text}" if passages else title


_COLUMNS: tuple[Column[Moved], ...] = (
    Column("#", lambda m: str(m.result.rank), 44, key=lambda m: m.result.rank, right=True),
    Column("Document", lambda m: m.result.title or file_name(m.result.document), tooltip=_passage),
    Column(
        "Judged",
        lambda m: "✓ relevant" if m.relevant else "",
        100,
        color=lambda _: "good",
        hint="What was judged relevant to this query",
    ),
    Column("Moved", lambda m: m.words, 80, color=lambda m: m.tone, right=True),
)


class BeforeAfter(QWidget):
    """The first ten of each model; hidden until a query is chosen."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._models = "", ""
        self._query = ""
        self._relevant: tuple[int, ...] = ()
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

    def show_query(self, query: str, relevant: tuple[int, ...] = ()) -> None:
        """Ask both models, and mark the documents that are relevant; no query hides everything."""
        if query == self._query:
            return
        for pending in self._pending:
            pending.cancel()
        self._query, self._relevant = query, relevant
        self._pending, self._answers = [], {}
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
        both = moves(answers[0].results, answers[1].results, self._relevant)
        for table, moved in zip(self.tables, both, strict=True):
            table.show_records(moved)
            table.setColumnHidden(_RELEVANT, not self._relevant)
        notices = dict.fromkeys(answer.notice for answer in answers if answer.notice)
        self._say(" ".join(notices))

    def _fail(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):
            self._say(f"{error.title}. {error.message} {error.hint}".strip())

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
