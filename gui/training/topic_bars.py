"""What the library is about, and how many training pairs there are of each topic."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.training_records import Topic
from gui.theme import Space, colors, font, set_role
from gui.widgets.card import Card
from gui.wording import count

_SHOWN = 8
"""Until all are wanted."""
_HEIGHT = 34
_WIDE = 620
"""Pixels from which topics stand in two columns."""


class TopicBars(Card):
    """A bar for each topic, as long as it is large; a click shows its pairs alone."""

    chosen = Signal(object)
    """The number of a topic, or None for all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Topics",
            "The model learns best where pairs come from all that you search in.",
            parent,
        )
        self._topics: tuple[Topic, ...] = ()
        self._chosen: int | None = None
        self._all = False
        self.rows: list[TopicRow] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(2)
        self.more_button = QPushButton()
        set_role(self.more_button, "link")
        self.more_button.clicked.connect(self._toggle)
        below = QVBoxLayout()
        below.setSpacing(Space.XS)
        below.addLayout(self._grid)
        below.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(below)
        self.hide()

    def show_topics(self, topics: tuple[Topic, ...]) -> None:
        """Show these, the largest first."""
        self.setVisible(bool(topics))
        if topics == self._topics:
            return
        self._topics = topics
        for row in self.rows:
            row.hide()
            row.deleteLater()
        largest = max((topic.n_passages for topic in topics), default=1)
        self.rows = [TopicRow(topic, largest) for topic in topics]
        for number, row in enumerate(self.rows):
            row.clicked.connect(lambda _=False, n=number: self._choose(n))
        self.show_chosen(self._chosen)
        self._arrange()

    def show_chosen(self, topic: int | None) -> None:
        """Mark the topic whose pairs are shown."""
        self._chosen = topic
        for number, row in enumerate(self.rows):
            row.setChecked(number == topic)

    def resizeEvent(self, event: object) -> None:
        """Two columns where there is room for them."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._arrange()

    def _choose(self, number: int) -> None:
        chosen = None if number == self._chosen else number
        self.show_chosen(chosen)
        self.chosen.emit(chosen)

    def _toggle(self) -> None:
        self._all = not self._all
        self._arrange()

    def _arrange(self) -> None:
        n_shown = len(self.rows) if self._all else min(_SHOWN, len(self.rows))
        n_columns = 2 if self.width() >= _WIDE else 1
        n_lines = -(-n_shown // n_columns)
        for number, row in enumerate(self.rows):
            row.setVisible(number < n_shown)
            self._grid.addWidget(row, number % max(n_lines, 1), number // max(n_lines, 1))
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < n_columns else 0)
        self.more_button.setVisible(len(self.rows) > _SHOWN)
        self.more_button.setText(
            "Show fewer" if self._all else f"Show all {count(len(self.rows), 'topic')}"
        )


class TopicRow(QAbstractButton):
    """A topic's words over a bar, and its pairs at the right."""

    def __init__(self, topic: Topic, largest: int) -> None:
        super().__init__()
        self.topic = topic
        self._share = topic.n_passages / max(largest, 1)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.words = count(topic.n_pairs, "pair") if topic.n_pairs else "no pairs"
        said = f"{topic.words}: {count(topic.n_passages, 'passage')}, {self.words}"
        self.setToolTip(said)
        self.setAccessibleName(said)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, _HEIGHT)

    def enterEvent(self, event: object) -> None:
        """Show that it can be clicked."""
        super().enterEvent(event)  # type: ignore[arg-type]
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Show it as it was."""
        super().leaveEvent(event)  # type: ignore[arg-type]
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw name, number and bar."""
        now = colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        ground = now.accent_soft if self.isChecked() else now.hover if self.underMouse() else None
        if ground is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setPen(QColor(now.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        inner = box.adjusted(Space.S, 3, -Space.S, -9)
        painter.setFont(font("small"))
        painter.setPen(QColor(now.muted if self.topic.n_pairs else now.warning))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | middle, self.words)
        room = inner.width() - painter.fontMetrics().horizontalAdvance(self.words) - Space.M
        painter.setPen(QColor(now.text))
        name = painter.fontMetrics().elidedText(
            self.topic.words, Qt.TextElideMode.ElideRight, int(room)
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, name)
        painter.setPen(Qt.PenStyle.NoPen)
        width = max(4.0, (box.width() - 2 * Space.S) * self._share)
        bar = QRectF(Space.S, box.bottom() - 8, width, 4)
        painter.setBrush(QColor(now.accent if self.topic.n_pairs else now.outline))
        painter.drawRoundedRect(bar, 2, 2)
