"""Pictures side by side, a hundred thousand as smoothly as ten: nothing is laid out beforehand.

All cells are of one size, so where a picture stands follows from its row alone; QListView would
lay all of them out anew whenever its width or its model changes.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyleOptionViewItem, QWidget

from engine.records import SearchResult, Thumb
from gui.theme import Space, colors
from gui.thumbnails import Thumbnails
from gui.widgets.cell_layout import CellLayout
from gui.widgets.picture_delegate import PictureDelegate
from gui.widgets.picture_model import PictureModel

SIDES = (96, 128, 160, 192, 256)
"""Of the squares that pictures are fitted into, in pixels that do not depend on the screen."""
_BEGIN = 2
_Index = QModelIndex | QPersistentModelIndex
_MARGIN = Space.S
_GRADES: dict[int, int | None] = {
    Qt.Key.Key_0: 0,
    Qt.Key.Key_1: 1,
    Qt.Key.Key_2: 2,
    Qt.Key.Key_3: 3,
    Qt.Key.Key_Delete: None,
    Qt.Key.Key_Backspace: None,
}
_THUMBS: dict[int, Thumb] = {Qt.Key.Key_U: 1, Qt.Key.Key_D: -1}
_Flag = QItemSelectionModel.SelectionFlag
_Move = QAbstractItemView.CursorAction


class PictureGrid(QAbstractItemView):
    """Shows a PictureModel. What is asked for concerns the current picture, unless it says which.

    When the model shows other pictures, those that stay are still selected, and what was seen at
    the top still is; `start_over` goes to the first.
    """

    current_changed = Signal()
    selection_changed = Signal()
    graded = Signal(object)
    """A grade 0–3, or None to take it away."""
    thumbed = Signal(object, object)
    """A SearchResult and a thumb, 1 or -1; the same thumb again takes it away."""
    open_asked = Signal()
    folder_asked = Signal()
    preview_asked = Signal()
    like_asked = Signal()
    """More pictures like the current one."""
    describe_asked = Signal()
    """The selected pictures are to be given words."""
    left = Signal()
    """The user went up beyond the first row."""
    scrolled = Signal()
    zoomed = Signal(int)
    """Another of the sizes was chosen, by its number."""

    def __init__(
        self, model: PictureModel, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pictures = model
        self._thumbnails = thumbnails
        self._zoom = _BEGIN
        self._delegate = PictureDelegate(self.viewport(), thumbnails, SIDES[_BEGIN])
        self._hovered = -1
        self._pressed: QPoint | None = None  # where a rubber band began, in the whole grid
        self._pulled = QPoint()
        self._kept: tuple[int, int, int, list[int]] | None = None
        self._cells = CellLayout(0, 1, 1, 1, _MARGIN)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: with a scroll bar that comes and goes the columns would, too.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        self.setAccessibleName("Pictures")
        model.modelAboutToBeReset.connect(self._keep_place)
        model.modelReset.connect(self._find_place)
        thumbnails.arrived.connect(self._paint_arrived)
        self.doubleClicked.connect(lambda _: self.open_asked.emit())

    # What is shown, and what is selected

    @property
    def current(self) -> SearchResult | None:
        """The current picture, as far as it is known."""
        return self._pictures.result(self.currentIndex().row())

    @property
    def selected_rows(self) -> list[int]:
        """The rows of the selected pictures, in order."""
        return sorted(row for span in self._spans() for row in span)

    @property
    def n_selected(self) -> int:
        """How many pictures are selected."""
        return sum(len(span) for span in self._spans())

    @property
    def selected(self) -> tuple[int, ...]:
        """The documents that are selected, in the order of the rows."""
        return tuple(self._pictures.ids[row] for row in self.selected_rows)

    @property
    def zoom(self) -> int:
        """The number of the size that pictures are shown in."""
        return self._zoom

    @zoom.setter
    def zoom(self, number: int) -> None:
        number = max(0, min(number, len(SIDES) - 1))
        if number == self._zoom:
            return
        row, shift = self._top()
        self._zoom = number
        self._delegate.side = SIDES[number]
        self._lay_out(row, shift)
        self.zoomed.emit(number)

    def select(self, row: int) -> None:
        """Make a row the current one, and the only one that is selected."""
        if 0 <= row < len(self._pictures.ids):
            self.setCurrentIndex(self._pictures.index(row, 0))

    def start_over(self) -> None:
        """Select the first picture and show the first row."""
        self.select(0)
        self.verticalScrollBar().setValue(0)

    def visible_rows(self) -> range:
        """The rows of which something can be seen."""
        top = self.verticalOffset()
        return self._cells.between(top, top + self.viewport().height())

    # Where things are

    def _laid_out(self) -> CellLayout:
        least, width = self._delegate.cell(), self.viewport().width()
        return CellLayout(len(self._pictures.ids), width, least.width(), least.height(), _MARGIN)

    def _box(self, row: int) -> QRect:
        """Where a row is drawn, in the viewport."""
        return self._cells.box(row).translated(0, -self.verticalOffset())

    def _row_at(self, place: QPoint) -> int:
        """The row at a place of the viewport, or -1."""
        return self._cells.cell_at(place + QPoint(0, self.verticalOffset()))

    def visualRect(self, index: _Index) -> QRect:
        """Where a picture is drawn, in the viewport."""
        return self._box(index.row()) if index.isValid() else QRect()

    def indexAt(self, place: QPoint) -> QModelIndex:
        """The picture at a place of the viewport."""
        row = self._row_at(place)
        return self._pictures.index(row, 0) if row >= 0 else QModelIndex()

    def scrollTo(
        self,
        index: _Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a picture into sight, by no more than is needed unless another hint is given."""
        if not index.isValid():
            return
        box, bar, height = (
            self._box(index.row()),
            self.verticalScrollBar(),
            self.viewport().height(),
        )
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + box.center().y() - height // 2)
        elif box.top() < 0 or hint == QAbstractItemView.ScrollHint.PositionAtTop:
            bar.setValue(bar.value() + box.top() - _MARGIN)
        elif box.bottom() > height or hint == QAbstractItemView.ScrollHint.PositionAtBottom:
            bar.setValue(bar.value() + box.bottom() - height + _MARGIN)

    def horizontalOffset(self) -> int:
        """Nothing is scrolled sideways."""
        return 0

    def verticalOffset(self) -> int:
        """How far down the grid is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _: _Index) -> bool:
        """No picture is hidden."""
        return False

    def updateGeometries(self) -> None:
        """Let the scroll bar span all rows."""
        super().updateGeometries()
        self._cells = self._laid_out()
        height, bar = self.viewport().height(), self.verticalScrollBar()
        bar.setRange(0, max(0, self._cells.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(1, self._cells.cell_height // 3))  # a line a notch of the wheel

    # Staying where one was

    def _top(self) -> tuple[int, int]:
        """The first row in sight, and by how much of it one has scrolled."""
        row = self.visible_rows().start
        return row, -self._box(row).top()

    def _lay_out(self, row: int, shift: int) -> None:
        """Take new sizes into account with a row at the top, where there is enough below it."""
        self.updateGeometries()
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self._box(row).top() + shift if row else shift)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns, but the same picture at the top."""
        before, (row, shift) = self._cells.columns, self._top()
        super().resizeEvent(event)
        self.updateGeometries()
        if before != self._cells.columns:
            self._lay_out(row, shift)

    def _keep_place(self) -> None:
        ids = self._pictures.ids
        if not ids:
            self._kept = None
            return
        row, shift = self._top()
        current = self.currentIndex().row()
        self._kept = (ids[row], shift, ids[current] if current >= 0 else -1, list(self.selected))

    def _find_place(self) -> None:
        self._hovered = -1
        self.updateGeometries()
        kept, self._kept = self._kept, None
        if kept is None:
            return
        top, shift, current, selected = kept
        rows = self._pictures.row_of
        index = self._pictures.index(rows(current), 0)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
        self._select_rows(rows(id_) for id_ in selected)
        if self.verticalOffset() and rows(top) >= 0:
            self._lay_out(rows(top), shift)
        self.viewport().update()

    def _spans(self) -> list[range]:
        """The selected rows, stretch by stretch."""
        chosen = self.selectionModel().selection()
        spans = (chosen.at(number) for number in range(chosen.count()))
        return [range(span.top(), span.bottom() + 1) for span in spans]

    def _select_rows(self, rows: Iterable[int], flags: _Flag = _Flag.ClearAndSelect) -> None:
        selection = QItemSelection()
        for first, last in _spans(sorted(row for row in rows if row >= 0)):
            selection.select(self._pictures.index(first, 0), self._pictures.index(last, 0))
        self.selectionModel().select(selection, flags)

    # Moving and selecting

    def moveCursor(self, action: _Move, _: Qt.KeyboardModifier) -> QModelIndex:
        """Where a key leads to."""
        n_rows, columns = len(self._pictures.ids), self._cells.columns
        row = self.currentIndex().row()
        if row < 0 or not n_rows:
            return self._pictures.index(0, 0)
        page = max(1, self.viewport().height() // self._cells.cell_height) * columns
        match action:
            case _Move.MoveLeft | _Move.MovePrevious:
                row -= 1
            case _Move.MoveRight | _Move.MoveNext:
                row += 1
            case _Move.MoveUp:
                row = row - columns if row >= columns else row
            case _Move.MoveDown:
                is_last_line = row // columns == (n_rows - 1) // columns
                row = row if is_last_line else row + columns
            case _Move.MovePageUp:
                row = row - page if row >= page else row % columns
            case _Move.MovePageDown:
                row += page
            case _Move.MoveHome:
                row = 0
            case _Move.MoveEnd:
                row = n_rows - 1
        return self._pictures.index(max(0, min(row, n_rows - 1)), 0)

    def setSelection(self, rect: QRect, command: _Flag) -> None:
        """Select what a rubber band touches; with keys and clicks, all between two pictures."""
        if self.state() == QAbstractItemView.State.DragSelectingState:
            band = rect.normalized().translated(0, self.verticalOffset())
            self._select_rows(self._cells.touched(band), command)
            return
        first, last = self._row_at(rect.topLeft()), self._row_at(rect.bottomRight())
        found = [row for row in (first, last) if row >= 0]
        self._select_rows(range(min(found), max(found) + 1) if found else (), command)

    def visualRegionForSelection(self, _: QItemSelection) -> QRegion:
        """What is to be painted anew when a selection changes."""
        return QRegion(self.viewport().rect())

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Tell of it."""
        super().currentChanged(current, previous)
        self.current_changed.emit()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell of it."""
        super().selectionChanged(selected, deselected)
        self.selection_changed.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select something, so that keys have something to act on."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.select(0)

    # Keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Judge, open, describe, zoom, move."""
        key = event.key()
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control = held & Qt.KeyboardModifier.ControlModifier
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if control and key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom += 1
        elif control and key == Qt.Key.Key_Minus:
            self.zoom -= 1
        elif enter and held == Qt.KeyboardModifier.ControlModifier:
            self.folder_asked.emit()
        elif enter and held == Qt.KeyboardModifier.NoModifier:
            self.open_asked.emit()
        elif key == Qt.Key.Key_F2:
            self.describe_asked.emit()
        elif key == Qt.Key.Key_Up and not held and self.currentIndex().row() < self._cells.columns:
            self.left.emit()
        elif not held and self._act(key):
            return
        elif not control and event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _act(self, key: int) -> bool:
        """Do what a key alone means; False where it means nothing."""
        if key in _GRADES:
            self.graded.emit(_GRADES[key])
        elif key in _THUMBS and self.current is not None:
            self.thumbed.emit(self.current, _THUMBS[key])
        elif key == Qt.Key.Key_Space:
            self.preview_asked.emit()
        elif key == Qt.Key.Key_M:
            self.like_asked.emit()
        else:
            return False
        return True

    def keyboardSearch(self, _: str) -> None:
        """Letters mean something else here."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or with Ctrl make the pictures larger or smaller."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = event.angleDelta().y()
            self.zoom += (turned > 0) - (turned < 0)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A rubber band may begin."""
        self._pressed = None
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint() + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the rubber band, or show what the mouse is over."""
        super().mouseMoveEvent(event)
        self._pulled = event.position().toPoint()
        hovered = self._row_at(self._pulled)
        if hovered != self._hovered or self._is_pulling():
            self._hovered = hovered
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The rubber band is gone."""
        super().mouseReleaseEvent(event)
        self._pressed = None
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        """Keep the keys that make pictures larger or smaller from making the preview so."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            sizes = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus)
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in sizes:
                event.accept()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget what the mouse was over once it has left."""
        if event.type() == QEvent.Type.Leave:
            self._hovered = -1
            self.viewport().update()
        return super().viewportEvent(event)

    def _is_pulling(self) -> bool:
        pulling = self.state() == QAbstractItemView.State.DragSelectingState
        return pulling and self._pressed is not None

    # Painting

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is in sight, and paint what has come into it."""
        self.viewport().scroll(dx, dy)
        self.scrolled.emit()

    def dataChanged(self, first: _Index, last: _Index, _: object = ()) -> None:
        """Paint anew, of what has changed, what is in sight."""
        for row in self.visible_rows():
            if first.row() <= row <= last.row():
                self.viewport().update(self._box(row))

    def _paint_arrived(self, document_ids: frozenset[int]) -> None:
        for row in self.visible_rows():
            if self._pictures.ids[row] in document_ids:
                self.viewport().update(self._box(row))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures in sight; what has left it is wanted no longer."""
        rows = self.visible_rows()
        in_sight = {self._pictures.ids[row] for row in rows}
        self._thumbnails.want_only(in_sight, self._delegate.device_side())
        below = range(rows.start, min(len(self._pictures.ids), rows.stop + self._cells.columns))
        self._pictures.want(below)  # with a line more, for who goes on to the next picture
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(colors().surface))
        current, chosen = self.currentIndex().row(), self.selectionModel()
        region, has_focus = event.region(), self.hasFocus()
        self._delegate.prepare()
        for row in rows:
            box = self._box(row)
            if not region.intersects(box):
                continue
            index = self._pictures.index(row, 0)
            option = QStyleOptionViewItem()
            option.rect = box
            option.state = QStyle.StateFlag.State_Enabled
            if chosen.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if row == self._hovered:
                option.state |= QStyle.StateFlag.State_MouseOver
            if row == current and has_focus:
                option.state |= QStyle.StateFlag.State_HasFocus
            self._delegate.paint(painter, option, index)
        if self._is_pulling():
            self._paint_band(painter)

    def _paint_band(self, painter: QPainter) -> None:
        assert self._pressed is not None
        begun = self._pressed - QPoint(0, self.verticalOffset())
        accent = QColor(colors().accent)
        painter.setPen(QPen(accent, 1))
        accent.setAlpha(40)
        painter.setBrush(accent)
        painter.drawRect(QRectF(QPointF(begun), QPointF(self._pulled)).normalized())


def _spans(rows: list[int]) -> list[tuple[int, int]]:
    """Sorted rows as first and last of each stretch without a gap."""
    spans: list[tuple[int, int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    return spans
