"""What 7z archives hold, member by member, in memory.

py7zr reads the headers. Its way of unpacking hands over a whole archive at once, and some of its
decompressors give out all that a block of the archive stands for; so the streams are driven here,
in steps small enough that a few kilobytes that stand for terabytes end at the limits.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.errors import InvalidInput
from engine.ingest.archives import Budget, Packed, damaged, is_worth_reading, safe_name
from engine.ingest.locked import needs_password

if TYPE_CHECKING:
    from py7zr import SevenZipFile

_STEP = 1 << 20
"""Bytes unpacked at a time, where the method of packing lets that be chosen."""
_BLOCK = 1 << 16
"""Bytes read at a time."""
_SMALL_BLOCK = 1 << 10
"""The same where a method gives out at once all that a block stands for: for zstd up to 32 MB."""


@dataclass(frozen=True, slots=True)
class _Stream:
    """Members that are packed together, one after the other."""

    folder: Any
    """py7zr's name for it."""
    at: int
    """Where it begins in the file."""
    size: int
    """Bytes, packed."""
    members: list[Any]
    """Those that are worth reading and all before them."""

    @property
    def is_locked(self) -> bool:
        """Whether it takes a password."""
        from py7zr.compressor import SupportedMethods

        return bool(SupportedMethods.needs_password(self.folder.coders))


def members(file: BinaryIO, password: str, budget: Budget) -> Iterator[Packed]:
    """Files of an archive that are worth reading; raises as `archives.unpacked` does."""
    locked = False
    for stream in _listed(file, password):
        if stream.is_locked and not password:
            locked = True
            continue
        for packed in _unpacked(file, stream, password, budget):
            if packed is None:
                locked = True
                break
            yield packed
    if locked:
        raise needs_password(password)


def _listed(file: BinaryIO, password: str) -> list[_Stream]:
    """The streams with members that are worth reading; raises InvalidInput."""
    from py7zr import PasswordRequired, SevenZipFile

    try:
        return list(_streams(SevenZipFile(file, password=password or None)))
    except PasswordRequired as error:
        raise needs_password() from error
    except Exception as error:  # What a parser of untrusted bytes raises has no bounds.
        # The list may be locked as well, and what a wrong password makes of it is any nonsense.
        if password and _lists_by_password(file):
            raise needs_password(password) from error
        raise InvalidInput(
            "Damaged",
            "The archive is broken.",
            "What it holds is listed at its end: where that is lost, nothing of it can be read.",
        ) from error


def _lists_by_password(file: BinaryIO) -> bool:
    from py7zr import PasswordRequired, SevenZipFile

    file.seek(0)
    try:
        SevenZipFile(file)
    except PasswordRequired:
        return True
    except Exception:  # noqa: BLE001  # As above.
        return False
    return False


def _streams(archive: SevenZipFile) -> Iterator[_Stream]:
    header = getattr(archive, "header", None)  # An empty archive has none.
    streams = getattr(header, "main_streams", None)
    if streams is None:
        return
    places = streams.packinfo.packpositions
    first = 0
    for folder in streams.unpackinfo.folders:
        members = list(folder.files or ())
        wanted = [n for n, member in enumerate(members) if _is_wanted(member)]
        if wanted:
            start, end = places[first], places[first + 1]
            place = archive.afterheader + start
            yield _Stream(folder, place, end - start, members[: wanted[-1] + 1])
        first += len(folder.packed_indices)


def _is_wanted(member: Any) -> bool:
    is_file = not (member.is_directory or member.is_symlink or member.is_junction)
    return is_file and not member.is_socket and is_worth_reading(safe_name(member.filename))


def _unpacked(
    file: BinaryIO, stream: _Stream, password: str, budget: Budget
) -> Iterator[Packed | None]:
    """Members of one stream, those not wanted passed over; None ends it at a wrong password."""
    unpacker: _Unpacker | None = None
    broken = False
    for member in stream.members:
        name = safe_name(member.filename)
        is_wanted = _is_wanted(member)
        refused = None
        if is_wanted:
            budget.take_member()
            # Its members are packed together, so that only the whole can be compared.
            refused = budget.refusal(member.uncompressed, stream.size)
        content: bytes | None = None
        if not broken:
            try:
                unpacker = unpacker or _Unpacker(file, stream, password)
                content = unpacker.next(member, budget, keep=is_wanted and not refused)
            except InvalidInput:
                raise
            except Exception:  # noqa: BLE001  # As above, and of seven libraries.
                broken = True
        if content is None and stream.is_locked:
            yield None
            return
        if is_wanted:
            yield Packed(name, refused or (damaged() if content is None else content))


class _Unpacker:
    """Unpacks the members of a stream in their order."""

    def __init__(self, file: BinaryIO, stream: _Stream, password: str) -> None:
        from py7zr.compressor import SevenZipDecompressor, SupportedMethods
        from py7zr.properties import FILTER_DEFLATE, FILTER_DEFLATE64, FILTER_ZSTD

        folder = stream.folder
        known: Any = SupportedMethods
        methods = [known.get_filter_id(coder) for coder in folder.coders]
        if sum(map(known.is_compressor_id, methods)) > 1:
            # Packed twice, a block could stand for any amount.
            raise ValueError
        unbounded = {FILTER_DEFLATE, FILTER_DEFLATE64, FILTER_ZSTD}
        block = _SMALL_BLOCK if unbounded.intersection(methods) else _BLOCK
        self._file = file
        self._decompressor = SevenZipDecompressor(
            folder.coders, stream.size, folder.unpacksizes, folder.crc, password or None, block
        )
        self._at = stream.at
        self._end = stream.at + stream.size

    def next(self, member: Any, budget: Budget, *, keep: bool) -> bytes | None:
        """The next member's content, empty where it is not kept; None where it is not intact.

        Raises InvalidInput where the budget is spent, and anything where the stream is broken.
        """
        content = bytearray()
        check = 0
        left: int = member.uncompressed
        # Between two members others may have been read from the same file.
        self._file.seek(self._at)
        while left:
            before = self._file.tell()
            part = self._decompressor.decompress(self._file, min(left, _STEP))
            if not part and self._file.tell() == before:
                raise EOFError
            budget.take_bytes(len(part))
            left -= len(part)
            check = zlib.crc32(part, check)
            if keep:
                content += part
        self._at = self._file.tell()
        return bytes(content) if member.crc32 in (None, check) else None
