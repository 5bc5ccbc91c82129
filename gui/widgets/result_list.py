"""The list of results, and what its keys and clicks mean."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from engine.records import SearchResult, Thumb
from gui.icons import icon
from gui.thumbnails import Thumbnails
from gui.widgets.result_delegate import ResultDelegate
from gui.widgets.result_model import ResultModel
from gui.wording import inside

_Index = QModelIndex | QPersistentModelIndex
_LONGEST_PLACE = 90
_GRADES: dict[int, int | None] = {
    Qt.Key.Key_0: 0,
    Qt.Key.Key_1: 1,
    Qt.Key.Key_2: 2,
    Qt.Key.Key_3: 3,
    Qt.Key.Key_Delete: None,
    Qt.Key.Key_Backspace: None,
}
_THUMBS: dict[int, Thumb] = {
    Qt.Key.Key_Plus: 1,
    Qt.Key.Key_U: 1,
    Qt.Key.Key_Minus: -1,
    Qt.Key.Key_D: -1,
}


class ResultList(QListView):
    """Shows a ResultModel. What is asked for concerns the current result, unless it says which."""

    current_changed = Signal()
    graded = Signal(object)
    """A grade 0–3, or None to take it away."""
    thumbed = Signal(object, object)
    """A SearchResult and a thumb, 1 or -1; the same thumb again takes it away."""
    open_asked = Signal()
    folder_asked = Signal()
    preview_asked = Signal()
    passage_asked = Signal(int)
    """1 for the next passage, -1 for the previous."""
    place_asked = Signal(str)
    """Another place of a result: the user wants to see it in its folder."""
    more_asked = Signal()
    """More pictures like the current one."""
    left = Signal()
    """The user went up beyond the first result."""

    def __init__(
        self, model: ResultModel, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._results = model
        self._delegate = ResultDelegate(self.viewport(), thumbnails)
        thumbnails.arrived.connect(lambda _: self.viewport().update())
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setAccessibleName("Search results")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(24)
        self.doubleClicked.connect(lambda _: self.open_asked.emit())

    @property
    def current(self) -> SearchResult | None:
        """The selected result."""
        return self._results.result(self.currentIndex().row())

    def select(self, row: int) -> None:
        """Make a row the current one."""
        if 0 <= row < self._results.rowCount():
            self.setCurrentIndex(self._results.index(row))

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Tell of it."""
        super().currentChanged(current, previous)
        self.current_changed.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select something, so that keys have something to act on."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.select(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Heights depend on the width."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Judge, open, move; letters do not jump to titles here."""
        key = event.key()
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        row = self.currentIndex().row()
        if enter and held == Qt.KeyboardModifier.ControlModifier:
            self.folder_asked.emit()
        elif enter and held == Qt.KeyboardModifier.NoModifier:
            self.open_asked.emit()
        elif held & ~Qt.KeyboardModifier.ShiftModifier != Qt.KeyboardModifier.NoModifier:
            event.ignore()
        elif key in _GRADES:
            self.graded.emit(_GRADES[key])
        elif key in _THUMBS and self.current is not None:
            self.thumbed.emit(self.current, _THUMBS[key])
        elif key == Qt.Key.Key_Space:
            self.preview_asked.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.passage_asked.emit(1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_N:
            self._results.unfold(row)
        elif key == Qt.Key.Key_P:
            self.show_places()
        elif key == Qt.Key.Key_M:
            self.more_asked.emit()
        elif key == Qt.Key.Key_J:
            self.select(row + 1)
        elif key == Qt.Key.Key_K and row > 0:
            self.select(row - 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_K) and row <= 0:
            self.left.emit()
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _: str) -> None:
        """Letters mean something else here."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a thumb gives it, on a link follows it; any other selects."""
        index = self.indexAt(event.position().toPoint())
        part = self._part_at(event, index)
        if part is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.select(index.row())
        match part:
            case "places":
                self.show_places(event.globalPosition().toPoint())
            case "similar":
                self._results.unfold(index.row())
            case _:
                self.thumbed.emit(self._results.result(index.row()), 1 if part == "up" else -1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with a result."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        result = self._results.result(index.row())
        if result is None:
            return
        self.select(index.row())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("open-external"), "Open\tReturn").triggered.connect(self.open_asked)
        in_folder = menu.addAction(icon("folder-open"), "Show in folder\tCtrl+Return")
        in_folder.triggered.connect(self.folder_asked)
        if result.picture is not None:
            more = menu.addAction(icon("file-image"), "More like this\tM")
            more.triggered.connect(self.more_asked)
        row = self.visualRect(index)
        menu.popup(event.globalPos() if by_mouse else self.viewport().mapToGlobal(row.center()))

    def show_places(self, at: QPoint | None = None) -> None:
        """Offer the other places of the current result in a menu."""
        if (result := self.current) is None or not result.also_at:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for path in result.also_at:
            action = menu.addAction(icon("folder-open"), _shortened(inside(path)))
            action.setToolTip(path)
            action.triggered.connect(lambda _=False, path=path: self.place_asked.emit(path))
        row = self.visualRect(self.currentIndex())
        menu.popup(at or self.viewport().mapToGlobal(row.bottomLeft()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks on a thumb are two clicks, and open nothing."""
        if self._part_at(event, self.indexAt(event.position().toPoint())) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what can be clicked."""
        super().mouseMoveEvent(event)
        part = self._part_at(event, self.indexAt(event.position().toPoint()))
        hand = Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor if part is None else hand)

    def _part_at(self, event: QMouseEvent, index: QModelIndex) -> str | None:
        if not index.isValid():
            return None
        return self._delegate.part_at(self.visualRect(index), event.position().toPoint(), index)


def _shortened(path: str) -> str:
    """A path for a menu, without its middle where it is long."""
    path = path.replace("&", "&&")  # else the next letter becomes a key
    if len(path) <= _LONGEST_PLACE:
        return path
    half = _LONGEST_PLACE // 2
    return f"{path[:half]}…{path[-half:]}"
