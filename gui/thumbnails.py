"""Thumbnails of documents for whatever paints them, decoded off the GUI thread.

A painter asks `pixmap()` and draws what it gets, or a placeholder; `arrived` says when to paint
again. What a document's thumbnail shows never changes, since an id stands for one content and is
never used twice; only that a document has none may become untrue.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from engine.client import EngineState
from engine.errors import EngineError
from engine.events import Changed, Event
from engine.requests import GetThumbnails
from gui.background import Engine

_BATCH = 16
"""Thumbnails in a question: few enough that what scrolls into sight soon has its turn."""
_AT_ONCE = 2
"""Questions that wait for their answer."""
_DECODED_AT_ONCE = 8
"""Thumbnails that a thread decodes before it hands them over."""
_WANTED = 1000
"""Thumbnails that may wait to be asked for, beyond what any screen shows; the oldest give way."""
_Key = tuple[int, int]
"""Id of a document, and a side in device pixels."""


class Thumbnails(QObject):
    """Thumbnails by document, the least lately painted of which give way to new ones."""

    arrived = Signal(object)
    """A frozenset of ids of documents of which more is known now: paint them again."""

    _decoded = Signal(int, object)

    def __init__(
        self, engine: Engine, parent: QObject | None = None, *, capacity: int = 96_000_000
    ) -> None:
        """Keep at most `capacity` bytes of decoded thumbnails."""
        super().__init__(parent)
        self._engine = engine
        self._capacity = capacity
        self._kept: OrderedDict[_Key, QPixmap] = OrderedDict()
        self._n_bytes = 0
        self._sides: set[int] = set()
        self._none: set[int] = set()
        self._fresh: dict[_Key, None] = {}  # wanted by the painting that goes on
        self._wanted: dict[_Key, None] = {}  # in the order in which they will be asked for
        self._on_the_way: set[_Key] = set()
        self._n_asked = 0
        self._age = 0  # what was asked of an engine before it began anew is not kept
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="thumbnails")
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._take_in)
        self._decoded.connect(self._keep, Qt.ConnectionType.QueuedConnection)
        engine.event_heard.connect(self._hear)
        engine.state_changed.connect(self._hear_state)

    @property
    def n_bytes(self) -> int:
        """Memory that the decoded thumbnails take."""
        return self._n_bytes

    @property
    def waiting(self) -> frozenset[int]:
        """Documents whose thumbnails are wanted, and not asked for yet."""
        return frozenset(document for document, _ in (*self._wanted, *self._fresh))

    def pixmap(self, document_id: int, side: int) -> QPixmap | None:
        """A thumbnail whose longer side has `side` device pixels, or as many as there are.

        None where there is none, or none yet: then it is asked for, and `arrived` tells of it.
        Until then one of another size stands in for it, where there is one.
        """
        key = (document_id, side)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        if document_id in self._none:
            return None
        if key not in self._on_the_way:
            self._wanted.pop(key, None)
            self._fresh[key] = None
            if not self._soon.isActive():
                self._soon.start()
        others = (self._kept.get((document_id, other)) for other in self._sides)
        return max(filter(None, others), key=lambda other: other.width(), default=None)

    def has_none(self, document_id: int) -> bool:
        """Whether it is known that a document has no thumbnail."""
        return document_id in self._none

    def want_only(self, document_ids: Collection[int], side: int) -> None:
        """Of what is wanted in a size, drop all but these: the rest has scrolled out of sight."""
        for wanted in (self._fresh, self._wanted):
            for key in [key for key in wanted if key[1] == side and key[0] not in document_ids]:
                del wanted[key]

    def _take_in(self) -> None:
        """Put what was painted last before what was painted earlier."""
        self._wanted = self._fresh | self._wanted
        self._fresh = {}
        for key in list(self._wanted)[_WANTED:]:
            del self._wanted[key]
        self._ask()

    def _ask(self) -> None:
        while self._wanted and self._n_asked < _AT_ONCE:
            keys = tuple(self._wanted)[:_BATCH]
            for key in keys:
                del self._wanted[key]
            self._on_the_way.update(keys)
            self._n_asked += 1
            self._engine.ask(
                GetThumbnails(tuple(document for document, _ in keys)),
                partial(self._decode, self._age, keys),
                partial(self._do_without, self._age, keys),
                owner=self,
            )

    def _decode(self, age: int, keys: tuple[_Key, ...], answer: tuple[bytes, ...]) -> None:
        if age != self._age:
            return
        self._n_asked -= 1
        self._ask()
        work = list(zip(keys, answer, strict=True))
        for start in range(0, len(work), _DECODED_AT_ONCE):
            part = work[start : start + _DECODED_AT_ONCE]
            self._threads.submit(self._decode_all, age, part)

    def _decode_all(self, age: int, work: list[tuple[_Key, bytes]]) -> None:
        """On a thread of its own."""
        self._decoded.emit(age, [(key, decoded(content, key[1])) for key, content in work])

    def _keep(self, age: int, images: list[tuple[_Key, QImage]]) -> None:
        if age != self._age:
            return
        for key, image in images:
            self._on_the_way.discard(key)
            if image.isNull():
                self._none.add(key[0])
                continue
            self._sides.add(key[1])
            self._n_bytes += image.sizeInBytes()
            self._kept[key] = QPixmap.fromImage(image)
        while self._n_bytes > self._capacity and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._n_bytes -= _bytes_of(dropped)
        self.arrived.emit(frozenset(document for (document, _), _ in images))

    def _do_without(self, age: int, keys: tuple[_Key, ...], _: EngineError) -> None:
        """An engine that is gone says no more; they are asked for when they are painted again."""
        if age == self._age:
            self._n_asked -= 1
            self._on_the_way.difference_update(keys)
            self._ask()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Changed) and event.what == "library" and self._none:
            had_none, self._none = frozenset(self._none), set()
            self.arrived.emit(had_none)  # who shows one of them asks anew

    def _hear_state(self, state: EngineState, _: EngineError | None) -> None:
        """Another engine may have another library, with other documents under the same ids."""
        if state != "ready":
            return
        shown = frozenset(document for document, _ in self._kept) | self._none
        shown |= frozenset(document for document, _ in self._on_the_way)
        self._age += 1
        self._n_asked = self._n_bytes = 0
        self._on_the_way, self._none = set(), set()
        self._kept.clear()
        self.arrived.emit(shown)


def decoded(content: bytes, side: int) -> QImage:
    """A picture made small enough for a square of `side` pixels; a null image where it is none."""
    if not content:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side:
        fitted = size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(fitted.expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        return image
    kind = QImage.Format.Format_ARGB32_Premultiplied if image.hasAlphaChannel() else None
    return image.convertToFormat(kind or QImage.Format.Format_RGB32)  # what screens are painted in


def _bytes_of(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
