"""Grades, thumbs, captions and tags go to the engine, and can be undone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError, NotFound
from engine.records import LabelState, SearchResult, SearchResults, Thumb
from engine.request import Request
from engine.requests import DescribePictures, GiveThumb, Judge, Redo, Undo
from gui.background import Engine
from gui.error_dialog import show_error


class Labelling(QObject):
    """Gives and takes back labels; says what has changed and what could be undone."""

    changed = Signal(object)
    """A `LabelState`: what the pair carries now."""
    said = Signal(str)
    """A short sentence for the status bar."""

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self.evalset: str | None = None
        """The set that grades go into; None is the user's own judgments."""
        self.undo_words = ""
        """What undo would take back; empty where that is nothing, or not known yet."""
        self.redo_words = ""

    def judge(self, results: SearchResults, result: SearchResult, grade: int | None) -> None:
        """Give a result a grade for its query, or take it away."""
        self._ask(
            Judge(
                query=results.query,
                document_id=result.document_id,
                grade=grade,
                text=shown_text(result),
                rank=result.rank,
                scores=_scores(result),
                model=results.model,
                evalset=self.evalset,
            ),
            "Grade removed" if grade is None else f"Graded {grade}",
        )

    def give_thumb(self, results: SearchResults, result: SearchResult, thumb: Thumb | None) -> None:
        """Give a result a thumb for its query, or take it away."""
        words = {None: "Thumb removed", 1: "Thumb up given", -1: "Thumb down given"}
        self._ask(
            GiveThumb(
                query=results.query,
                document_id=result.document_id,
                thumb=thumb,
                text=shown_text(result),
                rank=result.rank,
                scores=_scores(result),
                model=results.model,
            ),
            words[thumb],
        )

    def describe(
        self,
        document_ids: tuple[int, ...],
        caption: str | None,
        more: tuple[str, ...],
        less: tuple[str, ...],
        words: str,
    ) -> None:
        """Write on pictures, as one step to undo; a caption of None leaves each as it is."""
        self._ask(DescribePictures(document_ids, caption, more, less), words)

    def undo(self) -> None:
        """Take back the last label."""
        self._ask(Undo(), f"Undone: {self.undo_words}" if self.undo_words else "Undone")

    def redo(self) -> None:
        """Give again what was taken back last."""
        self._ask(Redo(), f"Redone: {self.redo_words}" if self.redo_words else "Redone")

    def _ask(self, request: Request[LabelState], words: str) -> None:
        def done(state: LabelState) -> None:
            self.undo_words, self.redo_words = state.undo, state.redo
            self.changed.emit(state)
            self.said.emit(words)

        def failed(error: EngineError) -> None:
            if isinstance(error, NotFound):  # nothing to undo is no reason for a dialog
                self.said.emit(error.title)
            else:
                show_error(error)

        self._engine.ask(request, done, failed, owner=self)


def shown_text(result: SearchResult) -> str:
    """The passage that a label is about: the best one."""
    return result.passages[0].text if result.passages else ""


def _scores(result: SearchResult) -> dict[str, float]:
    return {name: line.score for name, line in result.scores.items()} | {"fused": result.score}
