"""Completes a condition at the end of a query: `type:` offers the types that the library holds."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit

from engine.records import Facet, Facets
from gui.widgets.completer_popup import dress_popup
from gui.wording import count, language_name

CONDITIONS = (
    ("-winter", "without a word"),
    ("type:pdf", "of a type"),
    ("lang:de", "in a language"),
    ("author:keller", "by an author"),
    ("title:minutes", "with a word in the title"),
    ("in:projects", "in a folder"),
    ("after:2024", "written since"),
    ("before:2024-06", "written before"),
    ("camera:leica", "taken with a camera"),
    ("tag:holiday", "with a tag"),
    ("near:48.1,11.6,5", "taken within 5 km of a place"),
    ("page:3", "on a page; also slide:2, row:7"),
    ("sheet:Costs", "on a sheet"),
)
"""What may stand in a query besides words, by example, and what it means."""

_OPEN = re.compile(
    r"(?:^|.*\s)((type|ext|lang|language|author|by|camera|tag):(?:\"([^\"]*)|([^\s\"]*)))$", re.I
)
"""A query that ends in a condition which may go on."""
_KINDS = {
    **dict.fromkeys(("type", "ext"), "types"),
    **dict.fromkeys(("lang", "language"), "languages"),
    **dict.fromkeys(("author", "by"), "authors"),
    "camera": "cameras",
    "tag": "tags",
}
_MOST = 8
_QUERY = Qt.ItemDataRole.UserRole
"""The whole query once an offer is taken."""


class ConditionCompleter(QCompleter):
    """Hangs on a query field; offers nothing but where a condition is being typed."""

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._facets = Facets((), (), ())
        self._offers = QStandardItemModel(self)
        self.setModel(self._offers)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.setMaxVisibleItems(_MOST)
        field.setCompleter(self)
        dress_popup(self)
        field.textEdited.connect(self._offer)

    def show_facets(self, facets: Facets) -> None:
        """Offer what the library holds now."""
        self._facets = facets

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """What the field says once an offer is taken."""
        return str(index.data(_QUERY) or "")

    @property
    def offers(self) -> list[str]:
        """What is offered."""
        return [self._offers.item(row).text() for row in range(self._offers.rowCount())]

    def _offer(self, query: str) -> None:
        self._offers.clear()
        if (match := _OPEN.match(query)) is None:
            return
        condition, name, quoted, bare = match.groups()
        typed = (quoted or bare or "").casefold()
        kind = _KINDS[name.lower()]
        before = query[: len(query) - len(condition)]
        for facet in _beginning(getattr(self._facets, kind), typed, kind):
            value = f'"{facet.value}"' if " " in facet.value else facet.value
            item = QStandardItem(f"{_words(facet, kind)}   {count(facet.n_documents)}")
            item.setData(f"{before}{name}:{value} ", _QUERY)
            self._offers.appendRow(item)


def _beginning(facets: Iterable[Facet], typed: str, kind: str) -> list[Facet]:
    """Those with a word that begins so, the most frequent first; none that is typed in full."""
    found = []
    for facet in facets:
        value = _words(facet, kind).casefold()
        begins = value.startswith(typed) or f" {typed}" in value
        if facet.value.casefold() != typed and begins and '"' not in value:
            found.append(facet)
        if len(found) == _MOST:
            break
    return found


def _words(facet: Facet, kind: str) -> str:
    """A value for people: a language is told by its code and its name."""
    if kind != "languages":
        return facet.value
    return f"{facet.value}  {language_name(facet.value)}"
