"""A grid of pictures with its head: how many, how large, and which month one has scrolled to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QLocale, QPoint, QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction, QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.records import LabelState, SearchResult, SearchResults
from gui.background import Engine
from gui.file_browser import is_file_path
from gui.icons import icon
from gui.theme import Space, set_role
from gui.thumbnails import Thumbnails
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.empty_state import EmptyState
from gui.widgets.picture_grid import SIDES, PictureGrid
from gui.widgets.picture_model import PictureModel, moment
from gui.wording import count

_MONTH_MS = 1200
"""That the month stays after one has stopped scrolling."""


class PictureBrowser(QWidget):
    """Shows the library's pictures, or those that a search found, and what can be done with them.

    What its grid asks for is heard from `grid`; the rest is asked by signals of its own.
    """

    unfiltered_asked = Signal()
    copy_asked = Signal()
    """The current picture is to be copied."""
    copy_path_asked = Signal()

    def __init__(
        self, engine: Engine, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.model = PictureModel(engine, self)
        self.grid = PictureGrid(self.model, thumbnails)
        self._counts = ElidedLabel()
        set_role(self._counts, "small")
        self.describe = QPushButton(icon("caption"), "")
        set_role(self.describe, "quiet")
        self.describe.setToolTip("Write a caption and tags on the selected pictures (Ctrl+D)")
        self.describe.clicked.connect(self.grid.describe_asked)
        self._size = self._build_size()
        self._month = QLabel(self.grid)
        set_role(self._month, "veil")
        self._month.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._month.hide()
        self._month_over = QTimer(self, interval=_MONTH_MS, singleShot=True)
        self._month_over.timeout.connect(self._month.hide)
        self._words, self._note = "", ""
        self._build()
        self.grid.selection_changed.connect(self._show_counts)
        self.grid.scrolled.connect(self._show_month)
        self.grid.zoomed.connect(self._size.setValue)
        self.model.dataChanged.connect(lambda *_: self._show_month(only_if_scrolled=True))
        self._show_counts()

    @property
    def words(self) -> str:
        """What its head says."""
        return self._counts.text()

    @property
    def month(self) -> str:
        """The month that is shown while one scrolls; empty where none is."""
        return "" if self._month.isHidden() else self._month.text()

    def show_library(self, ids: Sequence[int], *, n_filters: int = 0, n_unseen: int = 0) -> None:
        """Show the library's pictures, where the user was; say how many are still to be seen."""
        was_answer = self.model.answer is not None
        self.model.show_library(ids)
        if was_answer or not self.grid.currentIndex().isValid():
            self.grid.start_over()
        self._words = count(len(ids), "picture")
        self._note = f"{count(n_unseen)} still to be looked at" if n_unseen else ""
        self._states.setCurrentIndex(0 if ids else 1 if n_filters else 2)
        self._show_counts()

    def show_answer(self, answer: SearchResults, current: int | None) -> None:
        """Show what was found, with a document as the current one, else the first."""
        self.model.show_answer(answer)
        row = self.model.row_of(current) if current is not None else -1
        if row < 0:
            self.grid.start_over()
        elif row != self.grid.currentIndex().row():
            self.grid.select(row)
        self._words, self._note = "The best first", ""
        self._states.setCurrentIndex(0)
        self._month.hide()
        self._show_counts()

    def show_label(self, state: LabelState) -> None:
        """Show what a picture carries now."""
        self.model.show_label(state)

    def forget(self) -> None:
        """Learn anew what is shown: the library has changed."""
        self.model.forget()
        self.grid.viewport().update()

    def go_on(self) -> None:
        """Go to the next picture."""
        self.grid.select(self.grid.currentIndex().row() + 1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the current picture and with the selected ones."""
        place = self.grid.viewport().mapFrom(self, event.pos())
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        if by_key:
            box = self.grid.visualRect(self.grid.currentIndex())
            self._menu(self.grid.viewport().mapToGlobal(box.center()))
        elif self.grid.indexAt(place).isValid():
            self._menu(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the month in its corner."""
        super().resizeEvent(event)
        self._place_month()

    def _menu(self, place: QPoint) -> None:
        result = self.grid.current
        if result is None:
            return
        menu = self.menu(result)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def menu(self, result: SearchResult) -> QMenu:
        """What can be done with the current picture."""
        menu, grid = QMenu(self), self.grid
        is_file = is_file_path(result.document)

        def add(
            words: str, icon_name: str, signal: SignalInstance, *, enabled: bool = True
        ) -> QAction:
            action = menu.addAction(icon(icon_name), words)
            action.triggered.connect(lambda _=False: signal.emit())
            action.setEnabled(enabled)
            return action

        add("&Open\tEnter", "open-external", grid.open_asked, enabled=is_file)
        add("Show in &folder\tCtrl+Enter", "folder-open", grid.folder_asked, enabled=is_file)
        add("&More like this\tM", "file-image", grid.like_asked)
        menu.addSeparator()
        add("&Copy picture", "copy", self.copy_asked)
        add("Copy &path", "copy", self.copy_path_asked, enabled=is_file)
        menu.addSeparator()
        add(f"&{self.describe.text().strip()}\tCtrl+D", "caption", grid.describe_asked)
        return menu

    def _show_counts(self) -> None:
        n_selected = self.grid.n_selected
        chosen = f"{count(n_selected)} selected" if n_selected > 1 else ""
        self._counts.setText("  ·  ".join(filter(None, (self._words, chosen, self._note))))
        what = f" {count(n_selected, 'picture')}" if n_selected > 1 else ""
        self.describe.setText(f" Describe{what}…")
        self.describe.setEnabled(n_selected > 0)

    def _show_month(self, *, only_if_scrolled: bool = False) -> None:
        """Say from when the first picture in sight is, while the library is looked through."""
        if self.model.answer is not None or (only_if_scrolled and not self._month_over.isActive()):
            return
        first = self.model.result(self.grid.visible_rows().start)
        if first is not None and moment(first):
            day = QDateTime.fromSecsSinceEpoch(int(moment(first))).date()
            english = QLocale(QLocale.Language.English)
            self._month.setText(english.toString(day, "MMMM yyyy"))
        if not only_if_scrolled:
            self._month_over.start()
        if self._month.text():
            self._month.adjustSize()
            self._place_month()
            self._month.show()

    def _place_month(self) -> None:
        right = self.grid.viewport().width() - self._month.width() - Space.L
        self._month.move(right, Space.M)

    def _build_size(self) -> QSlider:
        size = QSlider(Qt.Orientation.Horizontal)
        size.setRange(0, len(SIDES) - 1)
        size.setPageStep(1)
        size.setFixedWidth(110)
        size.setValue(self.grid.zoom)
        size.setToolTip("Size of the pictures (Ctrl+Plus, Ctrl+Minus, Ctrl+wheel)")
        size.setAccessibleName("Size of the pictures")
        size.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        size.valueChanged.connect(self._zoom)
        return size

    def _zoom(self, number: int) -> None:
        self.grid.zoom = number

    def _size_button(self, icon_name: str, words: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name))
        button.setIconSize(QSize(14, 14))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self._zoom(self.grid.zoom + by))
        return button

    def _build(self) -> None:
        unfilter = QPushButton("Remove filters")
        unfilter.clicked.connect(self.unfiltered_asked)
        self._states = QStackedWidget()
        self._states.addWidget(self.grid)
        self._states.addWidget(
            EmptyState(
                "filter",
                "No pictures pass the filters",
                "There are pictures in the library, but none of these folders, types and times.",
                (unfilter,),
            )
        )
        self._states.addWidget(
            EmptyState(
                "file-image",
                "No pictures yet",
                "Photos, drawings and scans in the folders of your library are shown here as soon"
                " as they have been read.",
            )
        )
        head = QHBoxLayout()
        head.setContentsMargins(Space.L, 0, Space.L, Space.XS)
        head.setSpacing(Space.XS)
        head.addWidget(self._counts, 1)
        head.addWidget(self.describe)
        head.addSpacing(Space.S)
        head.addWidget(self._size_button("minus", "Smaller pictures (Ctrl+Minus)", -1))
        head.addWidget(self._size)
        head.addWidget(self._size_button("add", "Larger pictures (Ctrl+Plus)", 1))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._states, 1)
