"""The reasons why files could not be read, with how many there are of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.records import Failure
from gui.theme import Space, colors
from gui.widgets.record_table import Index
from gui.wording import count

ALL = "All problems"
IGNORED = "Ignored"
_ROW = 34
_COUNT = Qt.ItemDataRole.UserRole


class ReasonList(QListWidget):
    """All, each reason (the most frequent first), and what the user ignores."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Reasons")
        self.setItemDelegate(_Row(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._failures: tuple[Failure, ...] = ()
        self.currentItemChanged.connect(lambda *_: self.chosen.emit())

    @property
    def words(self) -> list[str]:
        """What it says, a line each."""
        items = [self.item(row) for row in range(self.count())]
        return [f"{item.text()} {item.data(_COUNT)}" for item in items]

    @property
    def reason(self) -> str:
        """What is chosen: a reason, or `ALL` or `IGNORED`."""
        item = self.currentItem()
        return item.text() if item is not None else ALL

    @property
    def failures(self) -> list[Failure]:
        """Those of the chosen reason."""
        if self.reason == IGNORED:
            return [failure for failure in self._failures if failure.ignored]
        heard = [failure for failure in self._failures if not failure.ignored]
        return [f for f in heard if self.reason in (ALL, f.reason)]

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Count these; what was chosen stays chosen where there is any of it left."""
        before = self.reason
        self._failures = tuple(failures)
        reasons = Counter(failure.reason for failure in failures if not failure.ignored)
        n_ignored = sum(failure.ignored for failure in failures)
        lines = [(ALL, reasons.total()), *reasons.most_common()]
        lines += [(IGNORED, n_ignored)] if n_ignored else []
        self.blockSignals(True)
        self.clear()
        for words, number in lines:
            item = QListWidgetItem(words, self)
            item.setData(_COUNT, number)
            item.setToolTip(words)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}, {count(number, 'file')}")
        names = [words for words, _ in lines]
        self.setCurrentRow(names.index(before) if before in names else 0)
        self.blockSignals(False)
        self.chosen.emit()


class _Row(QStyledItemDelegate):
    """A reason at the left, its number at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), _ROW)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        now, box = colors(), option.rect.adjusted(Space.M, 0, -Space.M, 0)
        number = count(index.data(_COUNT))
        painter.save()
        painter.setPen(QColor(now.muted))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, number)
        room = box.width() - option.fontMetrics.horizontalAdvance(number) - Space.S
        painter.setPen(QColor(now.muted if index.data() == IGNORED else now.text))
        words = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, room)
        left = QRect(box.left(), box.top(), room, box.height())
        painter.drawText(left, Qt.AlignmentFlag.AlignLeft | middle, words)
        painter.restore()
