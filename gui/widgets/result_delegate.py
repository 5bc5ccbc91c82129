"""Draws one result: title, place, best passages, the user's labels, and how many are like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.records import Passage, Picture, SearchResult
from gui.file_browser import is_file_path
from gui.icons import icon_of_file, paint_icon
from gui.snippet import Snippet, snippet
from gui.text_direction import direction_of
from gui.theme import Colors, Radius, Space, colors, font
from gui.thumbnails import Thumbnails
from gui.utf16 import spans_in_units
from gui.widgets.picture_row import THUMBNAIL, facts, paint_thumbnail, shown_passages
from gui.widgets.result_model import IS_DUPLICATE, RESULT, UNFOLDED
from gui.wording import count, date, lies_in

_Index = QModelIndex | QPersistentModelIndex
_ICON = 20
_HIT = 28
"""Side of what can be clicked."""
_THUMB = 17
_GAP = 3
_SNIPPET_CHARS = 320
_BEST_LINES = 2
_INDENT = Space.XL
"""Of what is nearly the same as the result above it."""

Part = Literal["up", "down", "places", "similar"]


class ResultDelegate(QStyledItemDelegate):
    """A result of two to five lines; its height depends on the width of its list alone."""

    def __init__(self, view: QWidget, thumbnails: Thumbnails) -> None:
        super().__init__(view)
        self._view = view
        self._thumbnails = thumbnails

    def sizeHint(self, _: QStyleOptionViewItem, index: _Index) -> QSize:
        """As high as its lines are."""
        result: SearchResult = index.data(RESULT)
        width = self._view.width()
        indent = _INDENT if index.data(IS_DUPLICATE) else 0
        lines = self._lines(result, width - indent - _text_left(result) - Space.L)
        small, body = QFontMetrics(font("small")), QFontMetrics(font())
        height = QFontMetrics(font("heading", bold=True)).height() + _GAP + small.height()
        picture = result.picture
        if picture is not None:
            height += _GAP + small.height()
            height += _GAP + body.height() if picture.caption else 0
        if lines:
            height += _GAP + lines * _line_height(body)
        if len(shown_passages(result)) > 1:
            height += _GAP + _line_height(small)
        if _links(result, False):
            height += _GAP + _line_height(small)
        least = _HIT if index.data(IS_DUPLICATE) else 2 * _HIT
        if picture is not None:
            least = THUMBNAIL.height()
        return QSize(width, max(height, least) + 2 * Space.M)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw it."""
        result: SearchResult = index.data(RESULT)
        now, rect = colors(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(IS_DUPLICATE):
            painter.fillRect(rect, QColor(now.window))
        self._paint_ground(painter, rect, option.state, now)
        if index.data(IS_DUPLICATE):
            rect = rect.adjusted(_INDENT, 0, 0, 0)
        self._paint_sign(painter, rect, result, now)
        left = rect.left() + _text_left(result)
        labels_left = self._paint_labels(painter, rect, result, now)
        top = rect.top() + Space.M
        top = _paint_line(
            painter,
            QRect(left, top, labels_left - left - Space.S, 0),
            result.title or result.document,
            font("heading", bold=True),
            now.text,
        )
        top = _paint_place(painter, QRect(left, top + _GAP, labels_left - left, 0), result, now)
        width = rect.right() - Space.L - left
        if result.picture is not None:
            top = _paint_facts(painter, QRect(left, top + _GAP, width, 0), result.picture, now)
        for number, passage in enumerate(shown_passages(result)[:2]):
            box = QRect(left, top + _GAP, width, 0)
            top = _paint_passage(painter, box, passage, now, best=number == 0)
        self._paint_links(painter, rect, index, now)
        painter.restore()

    def part_at(self, rect: QRect, place: QPoint, index: _Index) -> Part | None:
        """Which part of a row, that can be clicked, lies at a place."""
        up, down = _thumb_boxes(rect)
        if up.contains(place):
            return "up"
        if down.contains(place):
            return "down"
        links = _links(index.data(RESULT), index.data(UNFOLDED))
        left = rect.left() + _text_left(index.data(RESULT))
        boxes = _link_boxes(rect, left, [words for _, words in links])
        return next(
            (
                part
                for (part, _), box in zip(links, boxes, strict=True)
                if box.adjusted(0, -_GAP, 0, _GAP).contains(place)
            ),
            None,
        )

    def _paint_links(self, painter: QPainter, rect: QRect, index: _Index, now: Colors) -> None:
        links = [words for _, words in _links(index.data(RESULT), index.data(UNFOLDED))]
        painter.setFont(font("small"))
        painter.setPen(QColor(now.accent))
        left = rect.left() + _text_left(index.data(RESULT))
        for words, box in zip(links, _link_boxes(rect, left, links), strict=True):
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _lines(self, result: SearchResult, width: int) -> int:
        passages = shown_passages(result)
        if not passages:
            return 0
        text = snippet(passages[0], _SNIPPET_CHARS).text
        return 1 if QFontMetrics(font()).horizontalAdvance(text) < width else _BEST_LINES

    def _paint_sign(
        self, painter: QPainter, rect: QRect, result: SearchResult, now: Colors
    ) -> None:
        """Draw what stands at the left: the icon of a file's type, or how a picture looks."""
        place = QPoint(rect.left() + Space.L, rect.top() + Space.M)
        if result.picture is None:
            box = QRectF(place, QSize(_ICON, _ICON))
            paint_icon(painter, icon_of_file(result.document), now.muted, box)
            return
        side = round(THUMBNAIL.width() * self._view.devicePixelRatioF())
        pixmap = self._thumbnails.pixmap(result.document_id, side)
        paint_thumbnail(painter, QRect(place, THUMBNAIL), pixmap, now)

    def _paint_ground(
        self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, now: Colors
    ) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, QColor(now.accent_soft))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(now.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(now.hover))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(now.border))
        if selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(now.accent), 1))
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -1.5))

    def _paint_labels(
        self, painter: QPainter, rect: QRect, result: SearchResult, now: Colors
    ) -> int:
        """Draw thumbs and grade at the right; returns where they begin."""
        up, down = _thumb_boxes(rect)
        for box, name, value, color in (
            (up, "thumb-up", 1, now.good),
            (down, "thumb-down", -1, now.danger),
        ):
            given = result.thumb == value
            if given:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(now.good_soft if value > 0 else now.danger_soft))
                painter.drawRoundedRect(box, Radius.M, Radius.M)
            square = QRectF(0, 0, _THUMB, _THUMB)
            square.moveCenter(QRectF(box).center())
            paint_icon(painter, name, color if given else now.faint, square)
        if result.grade is None:
            return up.left()
        words = f"Grade {result.grade}"
        small = font("small", bold=True)
        width = QFontMetrics(small).horizontalAdvance(words) + 2 * Space.S
        pill = QRect(up.left() - width - Space.XS, up.top() + 3, width, _HIT - 6)
        painter.setPen(QPen(QColor(now.accent), 1))
        painter.setBrush(QColor(now.accent_soft))
        painter.drawRoundedRect(QRectF(pill).adjusted(0.5, 0.5, -0.5, -0.5), 11, 11)
        painter.setPen(QColor(now.accent))
        painter.setFont(small)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
        return pill.left()


def _text_left(result: SearchResult) -> int:
    """Where a result's lines begin, from the left edge of its row."""
    sign = _ICON if result.picture is None else THUMBNAIL.width()
    return Space.L + sign + Space.M


def _line_height(metrics: QFontMetrics) -> int:
    return round(metrics.lineSpacing() * 1.15)


def _thumb_boxes(rect: QRect) -> tuple[QRect, QRect]:
    down = QRect(rect.right() - Space.M - _HIT, rect.top() + Space.S, _HIT, _HIT)
    return down.translated(-_HIT - 2, 0), down


def _links(result: SearchResult, unfolded: bool) -> list[tuple[Part, str]]:
    """What leads to documents like a result, and its words."""
    links: list[tuple[Part, str]] = []
    if result.also_at:
        links.append(("places", f"Also in {count(len(result.also_at), 'other place')}"))
    if result.near_duplicates:
        words = f"{count(len(result.near_duplicates))} nearly the same"
        links.append(("similar", f"{words} {'▴' if unfolded else '▾'}"))
    return links


def _link_boxes(rect: QRect, left: int, links: Sequence[str]) -> list[QRect]:
    """Where the links of a row stand: side by side, at its bottom."""
    metrics = QFontMetrics(font("small"))
    height = _line_height(metrics)
    boxes = []
    for words in links:
        width = metrics.horizontalAdvance(words) + 2
        boxes.append(QRect(left, rect.bottom() - Space.M - height + 2, width, height))
        left += width + Space.L
    return boxes


def _paint_line(painter: QPainter, box: QRect, text: str, style: QFont, color: str) -> int:
    """Draw one line that ends with an ellipsis where it is too long; returns its bottom."""
    metrics = QFontMetrics(style)
    box.setHeight(metrics.height())
    painter.setFont(style)
    painter.setPen(QColor(color))
    shown = metrics.elidedText(
        " ".join(text.split()), Qt.TextElideMode.ElideRight, max(0, box.width())
    )
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
    return box.top() + box.height()


def _paint_place(painter: QPainter, box: QRect, result: SearchResult, now: Colors) -> int:
    """Draw folder and date: the folder loses its middle where there is too little room."""
    style = font("small")
    metrics = QFontMetrics(style)
    is_file, picture = is_file_path(result.document), result.picture
    place = lies_in(result.document) if is_file else f"Dataset document {result.document}"
    is_dated = is_file and result.modified_at and (picture is None or picture.taken_at is None)
    when = f"  ·  {date(result.modified_at)}" if is_dated else ""
    room = box.width() - metrics.horizontalAdvance(when) - Space.S
    shown = metrics.elidedText(place, Qt.TextElideMode.ElideMiddle, max(0, room))
    isolated = (
        f"\u2068{shown}\u2069{when}"  # so that a right-to-left name does not take the date in
    )
    return _paint_line(painter, box, isolated, style, now.muted)


def _paint_facts(painter: QPainter, box: QRect, picture: Picture, now: Colors) -> int:
    """Draw what a picture's file says, and what the user wrote of it; returns their bottom."""
    words = "  ·  ".join(facts(picture))
    bottom = _paint_line(painter, box, words, font("small"), now.muted)
    if picture.caption:
        below = QRect(box.left(), bottom + _GAP, box.width(), 0)
        bottom = _paint_line(painter, below, picture.caption, font(), now.text)
    return bottom


def _paint_passage(
    painter: QPainter, box: QRect, passage: Passage, now: Colors, *, best: bool
) -> int:
    """Draw a passage with its marked words; returns its bottom."""
    style = font() if best else font("small")
    shown = snippet(passage, _SNIPPET_CHARS)
    if passage.place or passage.page is not None:
        shown = _with_place(shown, passage.place or f"p. {passage.page}")
    layout = passage_layout(shown, style, box.width(), _BEST_LINES if best else 1, now)
    painter.setPen(QColor(now.text if best else now.muted))
    layout.draw(painter, QPointF(box.left(), box.top()))
    return box.top() + layout.lineCount() * _line_height(QFontMetrics(style))


def _with_place(shown: Snippet, place: str) -> Snippet:
    before = f"{place}  "
    moved = tuple((start + len(before), end + len(before)) for start, end in shown.highlights)
    return Snippet(before + shown.text, moved)


def passage_layout(
    shown: Snippet, style: QFont, width: int, max_lines: int, now: Colors
) -> QTextLayout:
    """A text in at most so many lines, with its highlights; the last line is elided."""
    lines = _broken(shown.text, style, width)
    text = shown.text
    if len(lines) > max_lines:
        kept = "".join(lines[: max_lines - 1])
        rest = text[len(kept) :]
        room = max(0, width - 2)
        text = kept + QFontMetrics(style).elidedText(rest, Qt.TextElideMode.ElideRight, room)
    spans = [(start, min(end, len(text))) for start, end in shown.highlights if start < len(text)]
    layout = _laid_out(text, style, width)
    mark = QTextCharFormat()
    mark.setBackground(QColor(now.highlight))
    mark.setForeground(QColor(now.on_highlight))
    formats = []
    for start, length in spans_in_units(text, spans):
        span = QTextLayout.FormatRange()
        span.start, span.length, span.format = start, length, mark
        formats.append(span)
    layout.setFormats(formats)
    _place_lines(layout, style, width)
    return layout


def _broken(text: str, style: QFont, width: int) -> Sequence[str]:
    """The text cut as it is broken into lines."""
    layout = _laid_out(text, style, width)
    encoded = text.encode("utf-16-le", "surrogatepass")
    lines = []
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        start, end = line.textStart() * 2, (line.textStart() + line.textLength()) * 2
        lines.append(encoded[start:end].decode("utf-16-le", "surrogatepass"))
    return lines


def _laid_out(text: str, style: QFont, width: int) -> QTextLayout:
    layout = QTextLayout(text, style)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    if direction_of(text) == Qt.LayoutDirection.RightToLeft:
        option.setAlignment(Qt.AlignmentFlag.AlignRight)
    layout.setTextOption(option)
    _place_lines(layout, style, width)
    return layout


def _place_lines(layout: QTextLayout, style: QFont, width: int) -> None:
    spacing = _line_height(QFontMetrics(style))
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        line.setPosition(QPointF(0, (layout.lineCount() - 1) * spacing))
    layout.endLayout()
