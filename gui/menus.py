"""The menu bar: all that the window can do, with its keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from engine.records import Kind
from gui.icons import icon
from gui.theme import Choice
from gui.widgets.query_bar import KINDS, MODES

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_THEMES: tuple[tuple[Choice, str], ...] = (
    ("system", "Like the system"),
    ("light", "Light"),
    ("dark", "Dark"),
)

_FOR: dict[Kind, str] = {"both": "everything", "text": "texts", "image": "pictures"}


class Menus(QObject):
    """Fills a window's menu bar."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._of_library: list[QAction] = []
        self._themes: dict[Choice, QAction] = {}
        self._fill_file()
        self._fill_edit()
        self._fill_view()
        self._fill_search()
        self._fill_help()

    def show_undo(self, undo: str, redo: str) -> None:
        """Say what can be undone and redone; empty means nothing."""
        self.undo.setText(f"&Undo {undo}" if undo else "&Undo")
        self.undo.setEnabled(bool(undo))
        self.redo.setText(f"&Redo {redo}" if redo else "&Redo")
        self.redo.setEnabled(bool(redo))

    def enable(self, enabled: bool) -> None:
        """Offer what needs an open library, or only what does not."""
        for action in self._of_library:
            action.setEnabled(enabled)
        for action, words in ((self.undo, "&Undo"), (self.redo, "&Redo")):
            action.setText(words)  # another library has other labels to undo

    def show_theme(self, choice: Choice) -> None:
        """Mark the theme that was chosen."""
        self._themes[choice].setChecked(True)

    def _fill_file(self) -> None:
        window, menu = self._window, self._menu("&File")
        self._add(menu, "&Add folder…", window.add_folder, "Ctrl+O", "add")
        self._add(menu, "Add the &sample library", window.add_sample, "", "sparkle")
        self._add(menu, "Sync &now", window.sync, "F5", "refresh")
        self._of_library += menu.actions()
        menu.addSeparator()
        leave = self._add(menu, "&Quit", window.close, QKeySequence.StandardKey.Quit)
        if leave.shortcut().isEmpty():  # Windows has no standard key for it
            leave.setShortcut("Ctrl+Q")
        leave.setMenuRole(QAction.MenuRole.QuitRole)

    def _fill_edit(self) -> None:
        window, menu = self._window, self._menu("&Edit")
        # Enabled until it is known: labels of earlier days can be undone too.
        labelling = window.search.labelling
        self.undo = self._add(menu, "&Undo", labelling.undo, QKeySequence.StandardKey.Undo, "undo")
        self.redo = self._add(menu, "&Redo", labelling.redo, "Ctrl+Shift+Z", "redo")
        menu.addSeparator()
        self._add(menu, "&Describe pictures…", window.search.describe, "Ctrl+D", "caption")
        self._add(menu, "&Copy passage", window.search.copy_passage, "Ctrl+Shift+C", "copy")
        self._of_library += menu.actions()

    def _fill_view(self) -> None:
        from gui.main_window import PAGES

        window, menu = self._window, self._menu("&View")
        for number, (title, icon_name) in enumerate(PAGES):
            self._add(
                menu,
                title,
                partial(window.go_to, number),
                f"Ctrl+{number + 1}",
                icon_name,
            )
        menu.addSeparator()
        themes = menu.addMenu("&Theme")
        group = QActionGroup(self)
        for choice, words in _THEMES:
            action = self._add(themes, words, partial(window.choose_theme, choice))
            action.setCheckable(True)
            group.addAction(action)
            self._themes[choice] = action
        self._of_library += [*menu.actions(), *self._themes.values()]

    def _fill_search(self) -> None:
        window, menu = self._window, self._menu("&Search")
        find = self._add(menu, "&Go to the search field", window.focus_search, "", "search")
        find.setShortcuts([QKeySequence("Ctrl+L"), QKeySequence("Ctrl+F")])
        menu.addSeparator()
        for number, (mode, words, _) in enumerate(MODES):
            self._add(
                menu, f"By {words.lower()}", partial(window.search_by, mode), f"Alt+{number + 1}"
            )
        menu.addSeparator()
        for number, (kind, _, _) in enumerate(KINDS, start=len(MODES) + 1):
            self._add(menu, f"For {_FOR[kind]}", partial(window.search_for, kind), f"Alt+{number}")
        self._add(
            menu, "With a &picture…", window.search_with_picture, "Ctrl+Shift+P", "file-image"
        )
        menu.addSeparator()
        self._add(menu, "Pictures in a &grid", window.search_in_grid, "Ctrl+G", "grid")
        self._add(menu, "&Filters", window.toggle_filters, "Ctrl+Shift+F", "filter")
        self._of_library += menu.actions()

    def _fill_help(self) -> None:
        window, menu = self._window, self._menu("&Help")
        self._add(menu, "&Keyboard shortcuts", window.show_shortcuts, "F1", "keyboard")
        about = self._add(menu, "&About Attune", window.show_about, "", "info")
        about.setMenuRole(QAction.MenuRole.AboutRole)

    def _menu(self, title: str) -> QMenu:
        return self._window.menuBar().addMenu(title)

    def _add(
        self,
        menu: QMenu,
        words: str,
        do: Callable[[], object],
        key: QKeySequence.StandardKey | str = "",
        icon_name: str = "",
    ) -> QAction:
        action = QAction(words, self._window)
        if icon_name:
            action.setIcon(icon(icon_name))
        if isinstance(key, str):
            action.setShortcut(QKeySequence(key))
        else:
            action.setShortcuts(key)
        action.triggered.connect(lambda _=False: do())
        menu.addAction(action)
        return action
