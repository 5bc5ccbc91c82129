"""The extractor worker: reads untrusted files, one after the other, in a process of its own.

`python -m engine.ingest.extractor_worker`; `engine.ingest.extract` is its parent. Answers come in
the order of the questions. For each file that lies inside the one asked for, the worker says what
it found and waits to hear whether to read it, so that the parent knows what was at hand when a
worker crashes, and that no more than one member at a time is on its way. A crash here costs one
file. Documents are cut here too: that keeps the engine free for searching.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
from collections import deque
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec

from engine.encoders.image_encoder import Preprocessing
from engine.errors import EngineError, InvalidInput
from engine.ingest.archives import HOLDS_TOO_MUCH, Budget, Packed
from engine.ingest.chunk import Chunker
from engine.ingest.cut import cut
from engine.ingest.media_types import ARCHIVE_TYPES, MAIL_TYPES, media_type
from engine.ingest.members import attached_to, packed_in
from engine.ingest.pictures_inside import pictures_inside
from engine.ingest.reading import Content, Effort, read_content
from engine.ingest.rights import give_up_rights
from engine.jobs.worker import Parent, WorkerError
from engine.records import INSIDE, Extracted, OcrLevel, Sight
from engine.storage.documents import Cut

_MAX_BYTES = 1 << 30
"""Of a file that is read."""
_OPEN_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class ReadFile(msgspec.Struct, frozen=True, tag=True):
    """The parent's question."""

    path: bytes
    """As the file system spells it."""
    ocr: OcrLevel = "off"
    password: str = ""
    preprocessing: Preprocessing | None = None
    """Of the image encoder."""
    itself: bool = True
    """Whether its own content is wanted, or only what lies inside it."""
    holders: tuple[str, ...] = ()
    """Documents in it whose pictures are wanted, by their path in it; empty for the file itself."""


class GoOn(msgspec.Struct, frozen=True, tag=True):
    """The parent's answer to `MemberFound`."""

    read: bool
    """Or leave it."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Said once, when the worker has started."""


class MemberFound(msgspec.Struct, frozen=True, tag=True):
    """Within the file that was asked for lies another."""

    inside: str
    """Its path there."""
    size: int
    """Bytes."""
    content_hash: str
    """SHA-256, hex."""


class StillReading(msgspec.Struct, frozen=True, tag=True):
    """A part of what takes long is done; the time allowed begins anew."""


class FileRead(msgspec.Struct, frozen=True, tag=True):
    """A file's or a member's content; the last answer to `ReadFile`."""

    extracted: Extracted
    cut: Cut
    unread_pictures: bool = False
    """There is text in pictures in it that was not asked for."""
    sight: Sight | None = None
    """Of a picture."""


class ContainerRead(msgspec.Struct, frozen=True, tag=True):
    """The file held others and no text of its own; the last answer to `ReadFile`."""


Question = ReadFile | GoOn
Answer = Ready | MemberFound | StillReading | FileRead | ContainerRead | WorkerError


class _Reading:
    """The reading of one file with all inside it."""

    def __init__(self, parent: Parent[Question], asked: ReadFile, later: deque[ReadFile]) -> None:
        """`later` takes the questions that come before this one is answered."""
        self._parent = parent
        self._later = later
        self._password = asked.password
        self._itself, self._holders = asked.itself, frozenset(asked.holders)
        self._effort = Effort(
            asked.ocr,
            asked.password,
            lambda: parent.send(StillReading()),
            asked.preprocessing,
        )
        self._budget = Budget()
        self._names: set[str] = set()

    def read(self, path: Path) -> FileRead | ContainerRead:
        """Read the file, telling of its members by the way; raises InvalidInput."""
        kind = media_type(path)
        if kind is None:
            raise InvalidInput("Not a supported type", "Files of this type are not read yet.")
        with _opened(path) as file:
            if kind in ARCHIVE_TYPES:
                self._members(kind, file, path.name, "", 1)
                return ContainerRead()
            data = file.read()
        if "" in self._holders:
            self._pictures(data, "", 1)
        return self._content(PurePosixPath(path.name), kind, data)

    def _content(self, name: PurePosixPath, kind: str, data: bytes) -> FileRead | ContainerRead:
        """Read a file that is no archive; its attachments are members."""
        if kind in MAIL_TYPES:
            try:
                self._attachments(kind, data, "", 1)
            except InvalidInput as error:
                self._tell("attachments", b"", error)
        if not self._itself:
            return ContainerRead()
        return _file_read(read_content(name, kind, data, self._effort))

    def _attachments(self, kind: str, data: bytes, place: str, depth: int) -> None:
        if depth > self._budget.limits.depth:
            return
        for packed in attached_to(kind, data, self._budget):
            self._member(packed, place, depth)

    def _pictures(self, data: bytes, place: str, depth: int) -> None:
        """Read the pictures in a document, as far as its limits go."""
        with contextlib.suppress(InvalidInput):
            for packed in pictures_inside(data, self._budget, self._effort.still_reading):
                self._member(packed, place, depth)

    def _members(self, kind: str, file: BinaryIO, name: str, place: str, depth: int) -> None:
        """Read what an archive holds; raises InvalidInput where it cannot be read to its end."""
        if depth > self._budget.limits.depth:
            raise InvalidInput(
                "Packed too deep",
                f"It lies in more than {self._budget.limits.depth - 1} archives.",
                "Unpack them to a folder to have it searched.",
            )
        for packed in packed_in(kind, file, name, self._password, self._budget):
            self._member(packed, place, depth)

    def _member(self, packed: Packed, place: str, depth: int) -> None:
        """Read one member and all in it, and tell the parent."""
        inside = self._unique(f"{place}{packed.name}")
        if isinstance(packed.content, InvalidInput):
            self._tell(inside, b"", packed.content)
            return
        data = packed.content
        name = PurePosixPath(packed.name)
        kind = media_type(name)
        assert kind is not None
        if kind in ARCHIVE_TYPES:
            try:
                self._members(kind, io.BytesIO(data), name.name, f"{inside}{INSIDE}", depth + 1)
            except InvalidInput as error:
                self._tell(inside, data, error)
                if error.title == HOLDS_TOO_MUCH:
                    raise
            return
        if not data:
            return
        if self._is_wanted(inside, data):
            self._send_content(name, kind, data)
        if kind in MAIL_TYPES:
            self._attachments(kind, data, f"{inside}{INSIDE}", depth + 1)
        if inside in self._holders:
            self._pictures(data, f"{inside}{INSIDE}", depth + 1)

    def _send_content(self, name: PurePosixPath, kind: str, data: bytes) -> None:
        answer = _survived(lambda: _file_read(read_content(name, kind, data, self._effort)))
        self._parent.send(answer)
        if isinstance(answer, FileRead):
            self._budget.take_characters(len(answer.extracted.text))

    def _tell(self, inside: str, data: bytes, error: EngineError) -> None:
        """Tell of a member that cannot be read."""
        if self._is_wanted(inside, data):
            self._parent.send(WorkerError.of(error))

    def _is_wanted(self, inside: str, data: bytes) -> bool:
        content_hash = hashlib.sha256(data).hexdigest() if data else ""
        self._parent.send(MemberFound(inside, len(data), content_hash))
        while True:
            match self._parent.receive():
                case GoOn(read):
                    return read
                case ReadFile() as question:
                    self._later.append(question)

    def _unique(self, inside: str) -> str:
        """An archive may hold one name twice; the second is told apart by a number."""
        n, name = 1, inside
        while name in self._names:
            n += 1
            name = f"{inside} ({n})"
        self._names.add(name)
        return name


def _opened(path: Path) -> BinaryIO:
    """Open a regular file; raises InvalidInput, and never waits as for a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _OPEN_FLAGS)
        status = os.fstat(descriptor)
    except FileNotFoundError as error:
        raise InvalidInput("Gone", "It was moved or deleted while it was being read.") from error
    except OSError as error:
        raise InvalidInput(
            "Cannot be opened",
            f"The system refused to open it ({error.strerror}).",
            "Check that you are allowed to read it and that no other program keeps it locked.",
        ) from error
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(status.st_mode):
        file.close()
        raise InvalidInput("Not a file", "It is a device or a pipe of the system.")
    if status.st_size > _MAX_BYTES:
        file.close()
        raise InvalidInput("Too large", "It is larger than 1 GB.", "Split it into smaller files.")
    return file


def _file_read(content: Content) -> FileRead:
    passages = cut(_chunker(), content.extracted)
    return FileRead(content.extracted, passages, content.unread_pictures, content.sight)


@cache
def _chunker() -> Chunker:
    return Chunker()


def _survived(
    read: Callable[[], FileRead | ContainerRead],
) -> FileRead | ContainerRead | WorkerError:
    """Read, and survive whatever a file does to a parser."""
    try:
        return read()
    except InvalidInput as error:
        return WorkerError.of(error)
    except MemoryError:
        return WorkerError("Out of memory", "It needed more memory than it is allowed.")
    except (KeyboardInterrupt, SystemExit):
        raise
    # A panic of a Rust parser is no Exception.
    except BaseException:  # noqa: BLE001
        return WorkerError(
            "Damaged",
            "Its content could not be understood.",
            "Open it with the program that made it, and save it again.",
        )


def main() -> None:
    """Answer until the parent is gone."""
    give_up_rights()
    parent: Parent[Question] = Parent(Question)
    parent.send(Ready())
    later: deque[ReadFile] = deque()
    while True:
        asked = later.popleft() if later else parent.receive()
        if isinstance(asked, ReadFile):
            reading = _Reading(parent, asked, later)
            path = Path(os.fsdecode(asked.path))
            parent.send(_survived(partial(reading.read, path)))


if __name__ == "__main__":
    main()
