"""Filters that are wanted now and then, behind one chip: author, language, camera, tag."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QWidget,
    QWidgetAction,
)

from engine.records import Facet, Facets
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.completer_popup import dress_popup
from gui.wording import count, language_name

_TYPING_MS = 250
_FIELD_WIDTH = 190
_NAME_LENGTH = 28
_MOST_CHOICES = 16


class _Choices(QObject):
    """A line of a menu for each value that documents have in common; any number is chosen."""

    changed = Signal()

    def __init__(self, menu: QMenu, words: Callable[[str], str] = str) -> None:
        super().__init__(menu)
        self.menu = menu
        self._words = words
        self.actions: dict[str, QAction] = {}

    @property
    def chosen(self) -> tuple[str, ...]:
        """Values."""
        return tuple(value for value, action in self.actions.items() if action.isChecked())

    @property
    def words(self) -> list[str]:
        """What is chosen, for people."""
        return [self._words(value) for value in self.chosen]

    def show(self, facets: tuple[Facet, ...]) -> None:
        """Offer what most documents have; what is chosen stays, whether any has it or not."""
        chosen = self.chosen
        offered = facets[:_MOST_CHOICES]
        held = [facet.value for facet in offered]
        offered += tuple(
            next((f for f in facets if f.value == value), Facet(value, 0))
            for value in chosen
            if value not in held
        )
        for action in self.actions.values():
            self.menu.removeAction(action)
            action.deleteLater()
        self.actions.clear()
        for facet in offered:
            words = f"{self._words(facet.value)} ({count(facet.n_documents)})"
            action = self.menu.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(facet.value in chosen)
            action.toggled.connect(lambda _: self.changed.emit())
            self.actions[facet.value] = action

    def clear(self) -> None:
        """Choose none; says nothing of it."""
        for action in self.actions.values():
            with QSignalBlocker(action):
                action.setChecked(False)


class MoreFilters(QPushButton):
    """A chip with a menu: a field for the author, lines for languages, cameras and tags."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(icon("filter"), "", parent)
        self.setCheckable(True)
        set_role(self, "chip")
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._change)
        self.field = QLineEdit()
        self._authors = QStringListModel(self)
        menu = self._build_menu()
        self.setMenu(menu)
        self._camera = _Choices(self._build_part(menu, "Camera"))
        self._tag = _Choices(self._build_part(menu, "Tag"))
        menu.addSeparator()
        self._language = _Choices(menu, language_name)
        for choices in self._choices:
            choices.changed.connect(self._change)
        self.clicked.connect(lambda: self._show_words())
        self._show_words()

    @property
    def author(self) -> str | None:
        """Part of a name, or None."""
        return self.field.text().strip() or None

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes; empty is any language."""
        return self._language.chosen

    @property
    def cameras(self) -> tuple[str, ...]:
        """Empty is any, and none."""
        return self._camera.chosen

    @property
    def tags(self) -> tuple[str, ...]:
        """Empty is any, and none."""
        return self._tag.chosen

    @property
    def n_active(self) -> int:
        """How many of the filters limit anything."""
        return (self.author is not None) + sum(bool(each.chosen) for each in self._choices)

    @property
    def _choices(self) -> tuple[_Choices, ...]:
        return self._language, self._camera, self._tag

    def show_facets(self, facets: Facets) -> None:
        """Offer what the library holds."""
        self._authors.setStringList([facet.value for facet in facets.authors])
        self._language.show(facets.languages)
        for choices, held in ((self._camera, facets.cameras), (self._tag, facets.tags)):
            choices.show(held)
            choices.menu.menuAction().setVisible(bool(choices.actions))

    def choose_language(self, code: str) -> None:
        """Search one more language, or no longer."""
        self._language.actions[code].trigger()

    def choose_camera(self, name: str) -> None:
        """Search the pictures of one more camera, or no longer."""
        self._camera.actions[name].trigger()

    def choose_tag(self, tag: str) -> None:
        """Search only what has one more tag, or no longer."""
        self._tag.actions[tag].trigger()

    def clear(self) -> None:
        """Anything; says nothing of it."""
        with QSignalBlocker(self.field):
            self.field.clear()
        for choices in self._choices:
            choices.clear()
        self._show_words()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The menus stay while lines are chosen, and take no key from the field."""
        if isinstance(watched, QMenu) and event.type() == QEvent.Type.MouseButtonRelease:
            action = watched.activeAction()
            if action is not None and action.isCheckable():
                action.trigger()
                return True
        if watched is self.field and isinstance(event, QKeyEvent):
            enter = event.text() in ("\r", "\n")
            if enter and event.type() == QEvent.Type.KeyPress:
                self.menu().close()
                return True
        return super().eventFilter(watched, event)

    def _change(self) -> None:
        self._typing.stop()
        self._show_words()
        self.changed.emit()

    def _show_words(self) -> None:
        parts = [f"by {self.author}"] if self.author else []
        parts += [words for choices in self._choices for words in choices.words]
        words = ", ".join(parts) or "More filters"
        if len(words) > _NAME_LENGTH:
            words = words[: _NAME_LENGTH - 1] + "…"
        self.setText(f" {words}  ▾".replace("&", "&&"))
        self.setChecked(bool(parts))
        self.setToolTip(", ".join(parts) or "By author, language, camera and tag")

    def _build_part(self, menu: QMenu, words: str) -> QMenu:
        """A menu in the menu; hidden until there is something to choose."""
        part = menu.addMenu(words)
        part.installEventFilter(self)
        part.menuAction().setVisible(False)
        return part

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.installEventFilter(self)
        self.field.setPlaceholderText("Part of a name")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Author")
        self.field.setMinimumWidth(_FIELD_WIDTH)
        self.field.installEventFilter(self)
        names = QCompleter(self._authors, self.field)
        names.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        names.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(names)
        dress_popup(names)
        self.field.textChanged.connect(lambda _: self._typing.start())
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        row.addWidget(QLabel("Author"))
        row.addWidget(self.field, 1)
        author = QWidgetAction(menu)
        author.setDefaultWidget(line)
        menu.addAction(author)
        menu.aboutToShow.connect(self.field.setFocus)
        return menu
