"""Describing pictures: what is written of them goes to the engine, and can be undone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.errors import EngineError
from engine.records import Facets, SearchResult
from engine.requests import GetResults
from gui.background import Engine
from gui.labelling import Labelling
from gui.widgets.describe_dialog import DescribeDialog
from gui.widgets.describe_panel import DescribePanel
from gui.wording import count

_LOOKED_AT = 2000
"""Pictures whose tags the dialog shows."""


class Describing(QObject):
    """Hears a DescribePanel, and asks with a dialog what is to be said of many."""

    said = Signal(str)
    """A short sentence for the status bar."""

    def __init__(
        self, engine: Engine, panel: DescribePanel, labelling: Labelling, page: QWidget
    ) -> None:
        super().__init__(page)
        self._engine = engine
        self._panel = panel
        self._labelling = labelling
        self._page = page
        self._facets = Facets((), (), ())
        self.dialog: DescribeDialog | None = None
        """The one that is open."""
        panel.caption_given.connect(lambda id_, words: self._give((id_,), words))
        panel.tag_added.connect(lambda id_, tag: self._give((id_,), None, (tag,)))
        panel.tag_removed.connect(lambda id_, tag: self._give((id_,), None, (), (tag,)))

    def show_facets(self, facets: Facets) -> None:
        """Complete tags to those that there are."""
        self._facets = facets
        self._panel.show_facets(facets)

    def describe(self, document_ids: tuple[int, ...]) -> None:
        """Describe pictures: a single one beside it, many in a dialog."""
        if len(document_ids) == 1:
            self._panel.begin()
        elif document_ids:
            self._ask_for_many(document_ids)

    def _ask_for_many(self, document_ids: tuple[int, ...]) -> None:
        dialog = DescribeDialog(len(document_ids), self._facets.tags, self._page)
        self.dialog = dialog

        def show(results: tuple[SearchResult, ...]) -> None:
            dialog.show_pictures(results, len(document_ids))

        def do_without(error: EngineError) -> None:
            self.said.emit(f"{error.title}: {error.message}")

        self._engine.ask(GetResults(document_ids[:_LOOKED_AT]), show, do_without, owner=dialog)
        dialog.given.connect(
            lambda caption, more, less: self._give(document_ids, caption, more, less)
        )
        dialog.finished.connect(self._forget_dialog)
        dialog.open()
        dialog.caption.setFocus()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _give(
        self,
        document_ids: tuple[int, ...],
        caption: str | None,
        more: tuple[str, ...] = (),
        less: tuple[str, ...] = (),
    ) -> None:
        words = _said(len(document_ids), caption, more, less)
        self._labelling.describe(document_ids, caption, more, less, words)


def _said(
    n_pictures: int, caption: str | None, more: tuple[str, ...], less: tuple[str, ...]
) -> str:
    """`Caption and 2 tags on 14 pictures · Ctrl+Z takes it back`."""
    parts = []
    if caption is not None:
        parts.append("caption" if caption else "no caption")
    if more:
        parts.append(f"tag “{more[0]}”" if len(more) == 1 else count(len(more), "tag"))
    if less:
        gone = f"tag “{less[0]}”" if len(less) == 1 else count(len(less), "tag")
        parts.append(f"no longer {gone}")
    where = "" if n_pictures == 1 else f" on {count(n_pictures, 'picture')}"
    words = " and ".join(parts)
    return f"{words[:1].upper()}{words[1:]}{where}  ·  Ctrl+Z takes it back"
