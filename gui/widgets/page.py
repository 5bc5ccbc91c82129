"""What the pages besides search have in common: a heading, a scrolled column, loading when seen."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.client import EngineState
from engine.errors import EngineError
from engine.events import Changed, Event
from gui.background import Engine
from gui.theme import Space, set_role
from gui.widgets.scrolled_column import scrolled_column

_MAX_WIDTH = 1120
_SETTLE_MS = 150


class Page(QWidget):
    """A page that loads what it shows when it is seen, and again when that has changed.

    A page that is hidden asks nothing; it loads when it is shown next.
    """

    def __init__(
        self,
        engine: Engine,
        title: str,
        words: str,
        shows: Collection[str],
        parent: QWidget | None = None,
    ) -> None:
        """`shows` names the kinds of `Changed` that make the page out of date."""
        super().__init__(parent)
        self.engine = engine
        self._shows = shows
        self._stale = True
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._load_if_seen)
        self.words = QLabel(words)
        self.body = QVBoxLayout()
        self.buttons = QHBoxLayout()
        self._build(title)
        engine.event_heard.connect(self._hear)
        engine.state_changed.connect(self._hear_state)

    def load(self) -> None:
        """Ask for what the page shows."""
        raise NotImplementedError

    def load_soon(self) -> None:
        """Load once things have settled, or when the page is seen next."""
        self._stale = True
        if not self._soon.isActive():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Load what is out of date."""
        super().showEvent(event)
        if self._stale:
            self._load_if_seen()

    def _load_if_seen(self) -> None:
        if self.isVisible():
            self._stale = False
            self.load()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Changed) and event.what in self._shows:
            self.load_soon()

    def _hear_state(self, state: EngineState, _: EngineError | None) -> None:
        if state == "ready":
            self.load_soon()

    def _build(self, title: str) -> None:
        heading = QLabel(title)
        set_role(heading, "display")
        set_role(self.words, "muted")
        self.words.setWordWrap(True)
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(heading)
        titles.addWidget(self.words)
        self.buttons.setSpacing(Space.S)
        top = QHBoxLayout()
        top.addLayout(titles, 1)
        top.addLayout(self.buttons)
        column = QWidget()
        self.body.setContentsMargins(Space.XL, Space.L, Space.XL, Space.XL)
        self.body.setSpacing(Space.L)
        self.body.addLayout(top)
        column.setLayout(self.body)
        self.area = scrolled_column(column, _MAX_WIDTH)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
