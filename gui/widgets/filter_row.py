"""Which documents are searched at all: by folder, type, time, author, language and the like."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from engine.records import Facets, Root
from gui.icons import icon
from gui.picture_query import PICTURE_TYPES
from gui.theme import Space, set_role
from gui.widgets.more_filters import MoreFilters
from gui.wording import count, file_name

TYPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("PDF", ("pdf",)),
    ("Word processing", ("doc", "docx", "odt", "rtf", "pages", "tex")),
    ("Text and Markdown", ("txt", "md", "markdown", "rst", "org")),
    ("Presentations", ("ppt", "pptx", "odp", "key")),
    ("Tables", ("xls", "xlsx", "ods", "csv", "tsv")),
    ("Web pages", ("html", "htm", "xhtml", "mhtml")),
    ("Mail", ("eml", "msg", "mbox")),
    ("Books", ("epub", "fb2", "mobi")),
    ("Pictures", PICTURE_TYPES),
)
OTHERS = len(TYPES)
"""The number of what is of none of these types."""
_OTHERS_WORDS = "Other types"
_GROUPED = frozenset(extension for _, extensions in TYPES for extension in extensions)
_DAY_S = 86_400
_TIMES: tuple[tuple[str, int, int], ...] = (  # words, days since: at most, at least
    ("Past week", 7, 0),
    ("Past month", 31, 0),
    ("Past year", 366, 0),
    ("Older than a year", 0, 366),
)
_NAME_LENGTH = 28


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to; as in `engine.requests.Search`."""

    under: str | None = None
    types: tuple[str, ...] = ()
    modified_after: float | None = None
    modified_before: float | None = None
    author: str | None = None
    languages: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def conditions(self) -> str:
        """Author, languages, cameras and tags as they are typed: `lang:de tag:"my garden"`."""
        given = [("author", self.author or "")]
        given += [("lang", code) for code in self.languages]
        given += [("camera", name) for name in self.cameras]
        given += [("tag", tag) for tag in self.tags]
        pairs = ((name, value.replace('"', "")) for name, value in given)
        return " ".join(f'{name}:"{value}"' for name, value in pairs if value)


class FilterRow(QWidget):
    """A chip with a menu for each filter."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._under: str | None = None
        self._types: list[int] = []
        self._time: int | None = None
        self._roots: tuple[Root, ...] = ()
        self._others: tuple[str, ...] = ()
        self._folder = self._chip("folder")
        self._type = self._chip("file")
        self._when = self._chip("calendar")
        self.more = MoreFilters()
        self.more.changed.connect(self._change)
        self._clear = QPushButton("Remove filters")
        set_role(self._clear, "link")
        self._clear.clicked.connect(self.clear)
        self._folder_menu = QMenu(self)
        self._folder.setMenu(self._folder_menu)
        self._folder_menu.aboutToShow.connect(self._fill_folders)
        self._type_actions = self._build_types()
        self._time_actions = self._build_times()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        for chip in (self._folder, self._type, self._when, self.more, self._clear):
            row.addWidget(chip)
        row.addStretch()
        self._show_chips()

    @property
    def filters(self) -> Filters:
        """What is chosen."""
        after = before = None
        if self._time is not None:
            _, at_most, at_least = _TIMES[self._time]
            now = time.time()
            after = now - at_most * _DAY_S if at_most else None
            before = now - at_least * _DAY_S if at_least else None
        types = tuple(e for number in sorted(self._types) for e in self._type_at(number)[1])
        return Filters(
            self._under,
            types,
            after,
            before,
            self.more.author,
            self.more.languages,
            self.more.cameras,
            self.more.tags,
        )

    @property
    def n_active(self) -> int:
        """How many of the filters limit anything."""
        own = (self._under is not None) + bool(self._types) + (self._time is not None)
        return own + self.more.n_active

    @property
    def words(self) -> str:
        """What the chips say."""
        return ", ".join(chip.text().strip() for chip in self._chips)

    @property
    def _chips(self) -> tuple[QPushButton, ...]:
        return self._folder, self._type, self._when, self.more

    def show_roots(self, roots: tuple[Root, ...]) -> None:
        """Offer these folders."""
        self._roots = tuple(root for root in roots if root.kind == "folder")

    def show_facets(self, facets: Facets) -> None:
        """Offer the types, languages and authors of the library, with how many documents of each.

        What is chosen stays, whether the library still has it or not.
        """
        self.more.show_facets(facets)
        counts = {facet.value: facet.n_documents for facet in facets.types}
        if OTHERS not in self._types or counts.keys() - _GROUPED:
            self._others = tuple(kind for kind in counts if kind not in _GROUPED)
        for number, action in enumerate(self._type_actions):
            words, extensions = self._type_at(number)
            n_documents = sum(counts.get(extension, 0) for extension in extensions)
            action.setText(f"{words} ({count(n_documents)})")
            action.setToolTip(", ".join(extensions))
            action.setVisible(n_documents > 0 or number in self._types)

    def _type_at(self, number: int) -> tuple[str, tuple[str, ...]]:
        """A type's name and extensions."""
        return (_OTHERS_WORDS, self._others) if number == OTHERS else TYPES[number]

    def choose_folder(self, path: str | None) -> None:
        """Search below one folder only, or everywhere."""
        self._under = path
        self._change()

    def toggle_type(self, number: int) -> None:
        """Search one more of the types, or no longer."""
        self._type_actions[number].trigger()

    def choose_time(self, number: int | None) -> None:
        """Search a span of time only, or any."""
        self._time_actions[len(_TIMES) if number is None else number].setChecked(True)
        self._time = number
        self._change()

    def clear(self) -> None:
        """Search everything."""
        if not self.n_active:
            return
        self._under, self._types, self._time = None, [], None
        for action in self._type_actions:
            with QSignalBlocker(action):
                action.setChecked(False)
        self._time_actions[len(_TIMES)].setChecked(True)
        self.more.clear()
        self._change()

    def _change(self) -> None:
        self._show_chips()
        self.changed.emit()

    def _show_chips(self) -> None:
        under = self._under
        types = [self._type_at(number)[0] for number in sorted(self._types)]
        folder = "Any folder" if under is None else _short(file_name(under))
        self._folder.setToolTip(under or "Search below one folder only")
        self._show_chip(self._folder, folder, under is not None)
        self._show_chip(self._type, _short(", ".join(types)) if types else "Any type", bool(types))
        when = "Any time" if self._time is None else _TIMES[self._time][0]
        self._show_chip(self._when, when, self._time is not None)
        self._clear.setVisible(self.n_active > 0)

    @staticmethod
    def _show_chip(chip: QPushButton, words: str, active: bool) -> None:
        chip.setText(f" {words}  ▾")
        chip.setChecked(active)

    def _chip(self, icon_name: str) -> QPushButton:
        chip = QPushButton(icon(icon_name), "")
        chip.setCheckable(True)
        set_role(chip, "chip")
        chip.clicked.connect(lambda: self._show_chips())
        return chip

    def _fill_folders(self) -> None:
        menu = self._folder_menu
        menu.clear()
        choices: list[tuple[str, str | None]] = [("Any folder", None)]
        choices += [(_short(file_name(root.path)), root.path) for root in self._roots]
        for words, path in choices:
            action = menu.addAction(words)
            action.setToolTip(path or "")
            action.setCheckable(True)
            action.setChecked(path == self._under)
            action.triggered.connect(lambda _=False, chosen=path: self.choose_folder(chosen))
        menu.addSeparator()
        menu.addAction("Another folder…").triggered.connect(self._ask_folder)

    def _ask_folder(self) -> None:
        start = self._under or (self._roots[0].path if self._roots else "")
        dialog = QFileDialog(self, "Search below a folder", start)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.choose_folder)
        dialog.open()

    def _build_types(self) -> list[QAction]:
        menu = QMenu(self)
        self._type.setMenu(menu)
        actions = []
        for number in range(OTHERS + 1):
            action = menu.addAction(self._type_at(number)[0])
            action.setCheckable(True)
            action.setVisible(number != OTHERS)  # until it is known which they are
            action.toggled.connect(lambda on, chosen=number: self._type_toggled(chosen, on))
            actions.append(action)
        return actions

    def _type_toggled(self, number: int, on: bool) -> None:
        if on:
            self._types.append(number)
        else:
            self._types.remove(number)
        self._change()

    def _build_times(self) -> list[QAction]:
        """Actions in the order of the spans, and last the one for any time."""
        menu = QMenu(self)
        self._when.setMenu(menu)
        group = QActionGroup(self)
        anytime = menu.addAction("Any time")
        anytime.triggered.connect(lambda: self.choose_time(None))
        actions = []
        for number, (words, _, _) in enumerate(_TIMES):
            action = menu.addAction(words)
            action.triggered.connect(lambda _=False, chosen=number: self.choose_time(chosen))
            actions.append(action)
        actions.append(anytime)
        for action in actions:
            action.setCheckable(True)
            group.addAction(action)
        anytime.setChecked(True)
        return actions


def _short(words: str) -> str:
    return words if len(words) <= _NAME_LENGTH else words[: _NAME_LENGTH - 1] + "…"
