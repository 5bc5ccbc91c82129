"""Sends what a rater says to the engine, one after the other, while the rater goes on.

Nothing counts as saved before the engine has answered. What it refused is kept until it was sent
again or the rater has said something else of the pair.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from engine.errors import EngineError
from engine.evaluation_records import GivenJudgment, JudgingProgress
from engine.evaluation_requests import GiveJudgment, RedoJudgment, UndoJudgment
from gui.background import Engine

Write = GiveJudgment | UndoJudgment | RedoJudgment
_PATIENCE_MS = 3000


@dataclass(frozen=True, slots=True)
class Refused:
    """A judgment that was not saved."""

    said: GivenJudgment
    before: GivenJudgment | None
    """What this rater's word on the pair is, since that was not saved."""


class JudgingSaves(QObject):
    """A queue of writes, each sent when the one before it was answered."""

    saved = Signal(object, object)
    """A `Write` and the `JudgingProgress` after it."""
    refused = Signal(object, object)
    """A `Refused`, or None where undo or redo was refused; and the EngineError."""
    changed = Signal()
    """How many wait, or were refused, is another number."""

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._waiting: deque[tuple[Write, GivenJudgment | None]] = deque()
        self._sent = False
        self._refused: dict[tuple[str, str], Refused] = {}

    @property
    def n_waiting(self) -> int:
        """Writes that are not answered."""
        return len(self._waiting)

    @property
    def settling(self) -> frozenset[tuple[str, str]]:
        """Query id and document of the pairs whose grade, or skipping, is on its way."""
        given = (write.judgment for write, _ in self._waiting if isinstance(write, GiveJudgment))
        return frozenset(_pair(each) for each in given if each.grade is not None or each.skipped)

    @property
    def not_saved(self) -> tuple[Refused, ...]:
        """Judgments that the engine refused, in the order in which they were given."""
        return tuple(self._refused.values())

    def give(self, name: str, said: GivenJudgment, before: GivenJudgment | None) -> None:
        """Save a judgment; `before` is what was said of the pair until now."""
        self._refused.pop(_pair(said), None)
        self.put(GiveJudgment(name, said), before)

    def put(self, write: Write, before: GivenJudgment | None = None) -> None:
        """Send a write when its turn has come."""
        self._waiting.append((write, before))
        self.changed.emit()
        self._send()

    def settle(self) -> None:
        """Wait until every write was answered, or for some seconds: the window is closing."""
        if not self._waiting:
            return
        loop = QEventLoop()
        self.changed.connect(lambda: None if self._waiting else loop.quit())
        QTimer.singleShot(_PATIENCE_MS, loop.quit)
        loop.exec()

    def _send(self) -> None:
        if self._sent or not self._waiting:
            return
        self._sent = True
        write, before = self._waiting[0]

        def done(progress: JudgingProgress) -> None:
            self._next()
            self.saved.emit(write, progress)

        def failed(error: EngineError) -> None:
            told: Refused | None = None
            if isinstance(write, GiveJudgment):
                told = Refused(write.judgment, before)
                if self._is_outdated(told):
                    self._next()
                    return
                self._refused[_pair(write.judgment)] = told
            self._next()
            self.refused.emit(told, error)

        self._engine.ask(write, done, failed, owner=self)

    def _is_outdated(self, refused: Refused) -> bool:
        """Whether something later was said of the pair, and waits: it follows what was before."""
        for number, (write, _) in enumerate(self._waiting):
            if not number or not isinstance(write, GiveJudgment):
                continue
            if _pair(write.judgment) == _pair(refused.said):
                self._waiting[number] = (write, refused.before)
                return True
        return False

    def _next(self) -> None:
        self._sent = False
        self._waiting.popleft()
        self.changed.emit()
        self._send()


def _pair(said: GivenJudgment) -> tuple[str, str]:
    return said.query_id, said.document
