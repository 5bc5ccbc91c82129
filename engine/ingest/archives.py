"""What archives hold: zip, tar, 7z and single packed files, member by member, in memory.

Nothing is ever written to disk, so that a member's name is only a name. What a file may unpack to
is limited (`Budget`), for a few kilobytes can stand for terabytes.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from engine.errors import InvalidInput
from engine.ingest.decoding import clean
from engine.ingest.exclude import Exclusions
from engine.ingest.locked import needs_password
from engine.ingest.media_types import BZIP2, GZIP, SEVEN_ZIP, TAR, XZ, ZIP, media_type

_MIB = 1 << 20
_TAR_MARK = slice(257, 262)
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(ValueError, IndexError, KeyError, NotImplementedError),
)
"""What the standard library raises at an archive that is broken or of a kind it does not know."""
HOLDS_TOO_MUCH = "Holds too much"
"""The reason where a file's limits are spent: nothing more of it is read."""
_LONGEST_NAME = 1000
_DEFAULTS = Exclusions.of(())


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file on disk may unpack to, with all archives in it."""

    members: int = 20_000
    member_bytes: int = 200 * _MIB
    unpacked_bytes: int = 2048 * _MIB
    ratio: int = 200
    """Bytes unpacked for each packed; for members that are not small."""
    small_bytes: int = 16 * _MIB
    depth: int = 4
    """Archives within archives; a file that lies in the outermost has depth 1."""
    characters: int = 200_000_000
    """Of text, all members together."""


@dataclass(slots=True)
class Budget:
    """What is left of a file's limits."""

    limits: Limits = field(default_factory=Limits)
    members: int = 0
    unpacked: int = 0
    characters: int = 0

    def take_member(self) -> None:
        """Count a member; raises InvalidInput where there are too many."""
        self.members += 1
        if self.members > self.limits.members:
            raise _cut_short(f"It holds more than {self.limits.members:,} files.")

    def take_bytes(self, size: int) -> None:
        """Count unpacked bytes; raises InvalidInput where there are too many."""
        self.unpacked += size
        if self.unpacked > self.limits.unpacked_bytes:
            limit = self.limits.unpacked_bytes // _MIB
            raise _cut_short(f"It unpacks to more than {limit:,} MB.")

    def take_characters(self, count: int) -> None:
        """Count text; raises InvalidInput where there is too much."""
        self.characters += count
        if self.characters > self.limits.characters:
            limit = self.limits.characters // 1_000_000
            raise _cut_short(f"The files in it hold more than {limit:,} million characters.")

    def refusal(self, size: int, packed: int) -> InvalidInput | None:
        """Why a member is not unpacked, if it is too large or suspiciously well packed."""
        if size > self.limits.member_bytes:
            limit = self.limits.member_bytes // _MIB
            return InvalidInput(
                "Too large", f"It is larger than {limit:,} MB.", "Unpack the archive to read it."
            )
        if size > self.limits.small_bytes and size > packed * self.limits.ratio:
            return InvalidInput(
                "Unpacks to far too much",
                f"It unpacks to more than {self.limits.ratio} times its packed size.",
                "Such files are made to do harm. If you trust it, unpack it to a folder.",
            )
        return None


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside an archive."""

    name: str
    """Its path within the archive, fit to be stored and shown."""
    content: bytes | InvalidInput
    """Or why it cannot be had."""


def unpacked(
    kind: str, file: BinaryIO, name: str, password: str, budget: Budget
) -> Iterator[Packed]:
    """Files of an archive that are worth reading, in its order.

    Args:
        kind: media type of the archive.
        file: its bytes; can be sought in.
        name: its own; a single packed file goes by it.
        password: tried on what is locked; may be empty.
        budget: what may be unpacked.

    Raises InvalidInput, after what could be read before, where the archive is damaged, unpacks to
    too much or needs a password.
    """
    try:
        if kind == ZIP:
            yield from _zip(file, password, budget)
        elif kind == TAR:
            yield from _tar(file, budget)
        elif kind == SEVEN_ZIP:
            from engine.ingest import seven_zip

            yield from seven_zip.members(file, password, budget)
        else:
            yield from _single(kind, file, name, budget)
    except _DAMAGE as error:
        raise InvalidInput(
            "Damaged", "The archive is broken.", "What could be read of it is in the library."
        ) from error


def is_worth_reading(name: str) -> bool:
    """Whether a member is read: a type that is known, not left out by default as in a folder."""
    parts = PurePosixPath(name).parts
    if not parts or media_type(parts[-1]) is None:
        return False
    return not any(
        _DEFAULTS.leaves_out(part, part, is_folder=n < len(parts), in_project=False)
        for n, part in enumerate(parts, start=1)
        if part not in ("..", "/")
    )


def safe_name(name: str) -> str:
    """A member's name as it is stored and shown."""
    shown = clean(name.replace("\\", "/")).replace("\n", " ").strip()
    return re.sub(r"/{2,}", "/", shown).removeprefix("./")[-_LONGEST_NAME:] or "?"


def _zip(file: BinaryIO, password: str, budget: Budget) -> Iterator[Packed]:
    locked = False
    with _opened_zip(file, password) as archive:
        for info in archive.infolist():
            name = safe_name(_zip_name(info))
            if info.is_dir() or not is_worth_reading(name):
                continue
            budget.take_member()
            if info.flag_bits & _ENCRYPTED and not password:
                locked = True
                continue
            refused = budget.refusal(info.file_size, info.compress_size)
            if refused:
                yield Packed(name, refused)
                continue
            try:
                content = archive.read(info)
            except RuntimeError:  # Also what a wrong password is told by.
                locked = True
                continue
            except _DAMAGE:
                if info.flag_bits & _ENCRYPTED:
                    # One wrong password in 256 passes the first check of old zip files.
                    locked = True
                else:
                    yield Packed(name, damaged())
                continue
            budget.take_bytes(len(content))
            yield Packed(name, content)
    if locked:
        raise needs_password(password)


def _opened_zip(file: BinaryIO, password: str) -> zipfile.ZipFile:
    """The archive; with a password, through a library that knows the newer way of locking too."""
    if not password:
        return zipfile.ZipFile(file)
    import pyzipper

    archive: zipfile.ZipFile = pyzipper.AESZipFile(file)
    archive.setpassword(password.encode())
    return archive


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 without saying so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except ValueError:
        return info.filename


def _tar(file: IO[bytes], budget: Budget) -> Iterator[Packed]:
    packed = _size(file)
    with tarfile.open(fileobj=file, mode="r|*", errors="replace") as archive:
        for info in archive:
            name = safe_name(info.name)
            budget.take_bytes(info.size)
            if not info.isreg() or not is_worth_reading(name):
                continue
            budget.take_member()
            # Its members are packed together, so that only the whole can be compared.
            refused = budget.refusal(info.size, packed)
            if refused:
                yield Packed(name, refused)
                continue
            content = archive.extractfile(info)
            yield Packed(name, content.read() if content else b"")


def _single(kind: str, file: BinaryIO, name: str, budget: Budget) -> Iterator[Packed]:
    """A file that is packed alone, or a tar archive in it."""
    with _stream(kind, file) as stream:
        beginning = stream.read(512)
    file.seek(0)
    if beginning[_TAR_MARK] == b"ustar":
        yield from _tar(file, budget)
        return
    inner = safe_name(PurePosixPath(name).stem)
    if not is_worth_reading(inner):
        return
    budget.take_member()
    limit = min(
        budget.limits.member_bytes,
        max(budget.limits.small_bytes, _size(file) * budget.limits.ratio),
    )
    with _stream(kind, file) as stream:
        content = stream.read(limit + 1)
    refused = budget.refusal(len(content), _size(file))
    budget.take_bytes(len(content))
    yield Packed(inner, refused or content)


def _stream(kind: str, file: BinaryIO) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    if kind == GZIP:
        return gzip.GzipFile(fileobj=file)
    if kind == BZIP2:
        return bz2.BZ2File(file)
    assert kind == XZ
    return lzma.LZMAFile(file)


def _size(file: IO[bytes]) -> int:
    at = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(at)
    return size


def damaged() -> InvalidInput:
    """The reason of a member that cannot be unpacked."""
    return InvalidInput(
        "Damaged", "It cannot be unpacked.", "The archive is broken, or packed in an unknown way."
    )


def _cut_short(what: str) -> InvalidInput:
    return InvalidInput(
        HOLDS_TOO_MUCH,
        f"{what} The rest of it was not read.",
        "Unpack it to a folder to have all of it searched.",
    )
