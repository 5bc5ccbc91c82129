"""Checksums of a closed folder's files: what changed since was not its owner's doing.

A library that maps its files into memory may be ended by the system where they are damaged, so they
are checked before it sees them. A folder whose owner was killed has no seal.
"""

from __future__ import annotations

import contextlib
import zlib
from pathlib import Path

import msgspec

from engine.retrieval.damage import IndexDamaged

_SEAL = "seal.json"
_OPENINGS = "openings"
"""A byte for each opening since the folder was sealed."""
_BLOCK = 1 << 20


def seal(folder: Path) -> None:
    """Write down the checksums of all files in a folder that nobody writes any more.

    Where there is no room for them the folder is left unsealed.
    """
    try:
        (folder / _OPENINGS).unlink(missing_ok=True)
        (folder / _SEAL).write_bytes(msgspec.json.encode(_checksums(folder)))
    except OSError:
        with contextlib.suppress(OSError):
            (folder / _SEAL).unlink(missing_ok=True)


def check(folder: Path) -> bool:
    """Whether the folder is sealed; raises IndexDamaged where a file is not what was sealed."""
    try:
        sealed = msgspec.json.decode((folder / _SEAL).read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError):
        return False
    found = _checksums(folder)
    for name in sealed.keys() | found.keys():
        if sealed.get(name) != found.get(name):
            raise IndexDamaged(
                "Index damaged",
                f"{name} in {folder} is not what was written there.",
                "It is rebuilt from the library; nothing of yours is lost.",
            )
    return True


def unseal(folder: Path) -> int:
    """Take the seal away, before writing; returns how often that was done since it was sealed."""
    (folder / _SEAL).unlink(missing_ok=True)
    openings = folder / _OPENINGS
    times = (openings.stat().st_size if openings.exists() else 0) + 1
    with contextlib.suppress(OSError), openings.open("ab") as file:
        file.write(b".")
    return times


def _checksums(folder: Path) -> dict[str, int]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in (_SEAL, _OPENINGS):
            checksum = 0
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    checksum = zlib.crc32(block, checksum)
            found[path.relative_to(folder).as_posix()] = checksum
    return found
