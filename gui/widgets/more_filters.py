"""Filters that are wanted now and then, behind one chip: who wrote it, in which language."""

from __future__ import annotations

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
_MOST_LANGUAGES = 16


class MoreFilters(QPushButton):
    """A chip with a menu: a field for the author, a line for each language."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(icon("filter"), "", parent)
        self.setCheckable(True)
        set_role(self, "chip")
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._change)
        self.field = QLineEdit()
        self._languages: dict[str, QAction] = {}
        self._authors = QStringListModel(self)
        self.setMenu(self._build_menu())
        self.clicked.connect(lambda: self._show_words())
        self._show_words()

    @property
    def author(self) -> str | None:
        """Part of a name, or None."""
        return self.field.text().strip() or None

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes; empty is any language."""
        return tuple(code for code, action in self._languages.items() if action.isChecked())

    @property
    def n_active(self) -> int:
        """How many of the two limit anything."""
        return (self.author is not None) + bool(self.languages)

    def show_facets(self, facets: Facets) -> None:
        """Offer the languages and authors of the library; a language that is chosen stays."""
        self._authors.setStringList([facet.value for facet in facets.authors])
        chosen = self.languages
        held = [facet.value for facet in facets.languages[:_MOST_LANGUAGES]]
        gone = tuple(Facet(code, 0) for code in chosen if code not in held)
        for action in self._languages.values():
            self.menu().removeAction(action)
            action.deleteLater()
        self._languages.clear()
        for facet in facets.languages[:_MOST_LANGUAGES] + gone:
            words = f"{language_name(facet.value)} ({count(facet.n_documents)})"
            action = self.menu().addAction(words)
            action.setCheckable(True)
            action.setChecked(facet.value in chosen)
            action.toggled.connect(lambda _: self._change())
            self._languages[facet.value] = action

    def choose_language(self, code: str) -> None:
        """Search one more language, or no longer."""
        self._languages[code].trigger()

    def clear(self) -> None:
        """Any author and language; says nothing of it."""
        with QSignalBlocker(self.field):
            self.field.clear()
        for action in self._languages.values():
            with QSignalBlocker(action):
                action.setChecked(False)
        self._show_words()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The menu stays while languages are chosen, and takes no key from the field."""
        menu = self.menu()
        if watched is menu and event.type() == QEvent.Type.MouseButtonRelease:
            action = menu.activeAction()
            if action is not None and action.isCheckable():
                action.trigger()
                return True
        if watched is self.field and isinstance(event, QKeyEvent):
            enter = event.text() in ("\r", "\n")
            if enter and event.type() == QEvent.Type.KeyPress:
                menu.close()
                return True
        return super().eventFilter(watched, event)

    def _change(self) -> None:
        self._typing.stop()
        self._show_words()
        self.changed.emit()

    def _show_words(self) -> None:
        parts = [f"by {self.author}"] if self.author else []
        parts += [language_name(code) for code in self.languages]
        words = ", ".join(parts) or "More filters"
        if len(words) > _NAME_LENGTH:
            words = words[: _NAME_LENGTH - 1] + "…"
        self.setText(f" {words}  ▾".replace("&", "&&"))
        self.setChecked(bool(parts))
        self.setToolTip(", ".join(parts) or "By author and by language")

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
        menu.addSeparator()
        menu.aboutToShow.connect(self.field.setFocus)
        return menu
