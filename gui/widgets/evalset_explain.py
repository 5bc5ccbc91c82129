"""Why systems answer a query as they do: their answers side by side, and what they missed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.evaluation_records import Miss, MissKind, QueryAnswer, QueryExplained, System
from engine.evaluation_requests import ExplainQuery
from gui.background import Engine, Pending
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.record_table import Column, RecordTable

_ANSWER_ROWS, _MISS_ROWS = (2, 10), (1, 8)
_KINDS: dict[MissKind, str] = {
    "not retrieved": "Not retrieved",
    "low": "Too far down",
    "wrong sense": "Wrong sense",
    "duplicate": "Duplicate",
    "found": "Found",
}


def ranks_in_words(ranks: dict[str, int]) -> str:
    """Where each system has a document: `Keywords 3 · Hybrid 1`."""
    return " · ".join(f"{name} {rank}" for name, rank in ranks.items()) or "Nowhere"


_MISSES: tuple[Column[Miss], ...] = (
    Column(
        "Relevant document",
        lambda m: m.title or m.document,
        240,
        elide=Qt.TextElideMode.ElideMiddle,
    ),
    Column("Grade", lambda m: str(m.grade), 70, key=lambda m: m.grade, right=True),
    Column(
        "Outcome",
        lambda m: _KINDS[m.kind],
        130,
        color=lambda m: "good" if m.kind == "found" else "warning",
    ),
    Column("Ranks", lambda m: ranks_in_words(m.ranks), 170),
    Column("Why", lambda m: m.text),
)


class ExplainCard(Card):
    """The first ten of two systems beside each other; hidden until a query is chosen."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._engine = engine
        self._pending: Pending | None = None
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self._title, "heading")
        self._state = QLabel()
        self._state.setWordWrap(True)
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self._state, "muted")
        self._sides = [_Side(), _Side()]
        answers = QHBoxLayout()
        answers.setSpacing(Space.M)
        for side in self._sides:
            answers.addWidget(side, 1)
        self.misses: RecordTable[Miss] = RecordTable(_MISSES, "Relevant documents")
        self.misses.selectionModel().selectionChanged.connect(self._show_reason)
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self._title)
        self.body.addWidget(self._state)
        self.body.addLayout(answers)
        self.body.addWidget(self.misses)
        self.body.addWidget(self.reason)
        self.hide()

    def explain(self, name: str, query_id: str, query: str, systems: Sequence[System]) -> None:
        """Ask for the answers of one or two systems to a query of a set."""
        if self._pending is not None:
            self._pending.cancel()
        self.show()
        self._title.setText(query)
        self._state.setText("Searching…")
        self._state.show()
        for part in (*self._sides, self.misses, self.reason):
            part.hide()
        request = ExplainQuery(name, query_id, tuple(dict.fromkeys(systems)))
        self._pending = self._engine.ask(request, self._show, self._refuse, owner=self)

    @property
    def words(self) -> str:
        """The query and what is said of it."""
        return "" if self.isHidden() else f"{self._title.text()}\n{self._state.text()}"

    def answers(self, side: int) -> list[QueryAnswer]:
        """What the left (0) or right (1) system answers."""
        return self._sides[side].table.visible_records

    def _show(self, explained: QueryExplained) -> None:
        self._state.setText("" if explained.misses else "Nothing relevant is known for this query.")
        self._state.setVisible(not explained.misses)
        for part in self._sides:
            part.hide()
        for part, (name, answers) in zip(self._sides, explained.answers.items(), strict=False):
            part.show_answers(name, answers)
        self.misses.setVisible(bool(explained.misses))
        self.misses.show_records(explained.misses)
        self.misses.fit(_MISS_ROWS)
        if explained.misses:
            self.misses.selectRow(0)

    def _show_reason(self) -> None:
        """Spell out why, which is too long for a row."""
        selected = self.misses.selected
        self.reason.setVisible(bool(selected))
        if selected:
            miss = selected[0]
            ranks = ranks_in_words(miss.ranks)
            self.reason.setText(f"{miss.title or miss.document} ({ranks}): {miss.text}")

    def _refuse(self, error: EngineError) -> None:
        self._state.setText(f"{error.title}. {error.message} {error.hint}".strip())
        self._state.show()


class _Side(QWidget):
    """What one system answers."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ElidedLabel()
        set_role(self._name, "muted")
        self.table: RecordTable[QueryAnswer] = RecordTable(
            (
                Column("", lambda a: str(a.rank), 40, key=lambda a: a.rank, right=True),
                Column("Document", lambda a: a.title or a.document),
                Column(
                    "Grade",
                    lambda a: "–" if a.grade is None else str(a.grade),
                    74,
                    key=lambda a: -1 if a.grade is None else a.grade,
                    color=lambda a: "muted" if a.grade is None else "good" if a.grade else "danger",
                    bold=lambda a: bool(a.grade),
                    right=True,
                    tooltip=lambda a: "Not judged" if a.grade is None else f"Grade {a.grade}",
                ),
            ),
            "Answers",
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._name)
        column.addWidget(self.table)

    def show_answers(self, name: str, answers: Sequence[QueryAnswer]) -> None:
        self._name.setText(name)
        self.table.setAccessibleName(f"Answers of {name}")
        self.table.show_records(answers)
        self.table.fit(_ANSWER_ROWS)
        self.show()
