"""A table of records: sorted by any column, filtered by words, copied as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.theme import colors

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT = 32


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """How one column shows a record."""

    title: str
    text: Callable[[T], str]
    width: int | None = None
    """In pixels; None takes the room that is left."""
    key: Callable[[T], Any] | None = None
    """What it is sorted by; its text where None."""
    tooltip: Callable[[T], str] | None = None
    """Its text where None."""
    color: Callable[[T], str] | None = None
    """A field of `Colors`."""
    bold: Callable[[T], bool] | None = None
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    right: bool = False
    """Numbers stand at the right."""
    hint: str = ""
    """The heading's tooltip."""


class RecordTable(QTableView, Generic[T]):
    """Shows records, a row each."""

    def __init__(
        self, columns: Sequence[Column[T]], name: str, parent: QWidget | None = None
    ) -> None:
        """`name` is what a screen reader calls the table."""
        super().__init__(parent)
        self._columns = tuple(columns)
        self._records: _Records[T] = _Records(self._columns)
        self._sorted = _Sorted(self._columns)
        self._sorted.setSourceModel(self._records)
        self.setModel(self._sorted)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self._size_columns()
        copy = QShortcut(QKeySequence.StandardKey.Copy, self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_selected)

    def show_records(self, records: Sequence[T]) -> None:
        """Show other records; what was selected stays selected where it is still there."""
        selected = self.selected
        self._records.replace(records)
        kept = [row for row, record in enumerate(records) if record in selected]
        for row in kept:
            index = self._sorted.mapFromSource(self._records.index(row, 0))
            flag = self.selectionModel().SelectionFlag
            self.selectionModel().select(index, flag.Select | flag.Rows)

    def filter_by(self, words: str) -> None:
        """Show only the records that have all of these words somewhere."""
        self._sorted.filter_by(words)

    @property
    def selected(self) -> list[T]:
        """The records of the selected rows, in the order of the table."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._record(row) for row in rows]

    @property
    def visible_records(self) -> list[T]:
        """The records that the filter lets through, in the order of the table."""
        return [self._record(row) for row in range(self._sorted.rowCount())]

    def copy_selected(self) -> None:
        """Put the selected rows on the clipboard, as tab-separated text."""
        QGuiApplication.clipboard().setText(self._tsv(self.selected))

    def copy_all(self) -> None:
        """Put all rows and their headings on the clipboard, as tab-separated text."""
        titles = "\t".join(column.title for column in self._columns)
        QGuiApplication.clipboard().setText(f"{titles}\n{self._tsv(self.visible_records)}")

    def height_of_rows(self, rows: int) -> int:
        """The height at which `rows` rows are seen."""
        return self.horizontalHeader().sizeHint().height() + rows * _ROW_HEIGHT + 6

    def fit(self, rows: tuple[int, int]) -> None:
        """Be as high as its rows, from so many rows to so many; others are scrolled to."""
        least, most = rows
        self.setFixedHeight(self.height_of_rows(min(max(self._sorted.rowCount(), least), most)))

    def _record(self, row: int) -> T:
        source = self._sorted.mapToSource(self._sorted.index(row, 0))
        return self._records.at(source.row())

    def _tsv(self, records: Sequence[T]) -> str:
        return "\n".join(
            "\t".join(" ".join(column.text(record).split()) for column in self._columns)
            for record in records
        )

    def _size_columns(self) -> None:
        header = self.horizontalHeader()
        header.setMinimumSectionSize(40)
        for number, column in enumerate(self._columns):
            self.setItemDelegateForColumn(number, _Cell(column.elide, self))
            if column.width is None:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
            else:
                header.resizeSection(number, column.width)


class _Records(QAbstractTableModel, Generic[T]):
    """The records as Qt asks for them."""

    def __init__(self, columns: tuple[Column[T], ...]) -> None:
        super().__init__()
        self._columns = columns
        self._records: list[T] = []

    def replace(self, records: Sequence[T]) -> None:
        self.beginResetModel()
        self._records = list(records)
        self.endResetModel()

    def at(self, row: int) -> T:
        return self._records[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self._columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.hint or None
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, record = self._columns[index.column()], self._records[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return " ".join(column.text(record).split())
            case Qt.ItemDataRole.ToolTipRole:
                return column.tooltip(record) if column.tooltip else column.text(record)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole if column.color:
                return QColor(getattr(colors(), column.color(record)))
            case Qt.ItemDataRole.FontRole if column.bold and column.bold(record):
                font = QFont()
                font.setWeight(QFont.Weight.Bold)
                return font
        return None


class _Sorted(QSortFilterProxyModel):
    """The records in the order, and as few, as the user wants."""

    def __init__(self, columns: tuple[Column[Any], ...]) -> None:
        super().__init__()
        self._columns = columns
        self._words: tuple[str, ...] = ()

    def filter_by(self, words: str) -> None:
        self.beginFilterChange()
        self._words = tuple(words.casefold().split())
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, _: Index) -> bool:
        if not self._words:
            return True
        record = self._source().at(source_row)
        text = "\n".join(column.text(record) for column in self._columns).casefold()
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        column = self._columns[left.column()]
        key = column.key or (lambda record: column.text(record).casefold())
        source = self._source()
        return bool(key(source.at(left.row())) < key(source.at(right.row())))

    def _source(self) -> _Records[Any]:
        source = self.sourceModel()
        assert isinstance(source, _Records)
        return source


class _Cell(QStyledItemDelegate):
    """Elides a column's text where the column says."""

    def __init__(self, elide: Qt.TextElideMode, parent: QWidget) -> None:
        super().__init__(parent)
        self._elide = elide

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = self._elide


def _alignment(column: Column[Any]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
