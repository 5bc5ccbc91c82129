"""A folder that the user asked to be written: aside first, and given its name once it is whole."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from engine.errors import InvalidInput, StorageFull
from engine.flush import flush_file, flush_folder

_PART = ".part"


@contextlib.contextmanager
def new_folder(target: Path, free_bytes: int, notes: Path) -> Iterator[Path]:
    """An empty folder that becomes `target` when what fills it ends well, else goes.

    What is being written is noted in the folder `notes`, so that `sweep` finds it if the program is
    killed. Raises InvalidInput where there is something at `target` or it cannot be written there,
    StorageFull.
    """
    _check(target, free_bytes)
    building = target.parent / f".{target.name}.{uuid.uuid4().hex[:8]}{_PART}"
    note = notes / f"{uuid.uuid4().hex}.txt"
    try:
        notes.mkdir(parents=True, exist_ok=True)
        note.write_text(str(building), encoding="utf-8")
        building.mkdir()
        yield building
        _flush(building)
        if target.is_dir():
            target.rmdir()
        os.replace(building, target)
    except OSError as error:
        raise _not_written(target, error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
        note.unlink(missing_ok=True)


def sweep(notes: Path) -> None:
    """Remove what was being written when the program was killed."""
    for note in notes.glob("*.txt"):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            building = Path(note.read_text(encoding="utf-8"))
            if building.name.startswith(".") and building.name.endswith(_PART):
                shutil.rmtree(building, ignore_errors=True)
            note.unlink()


def _check(target: Path, free_bytes: int) -> None:
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise InvalidInput(
            "There is something already",
            f"{target} is not empty.",
            "Choose a new or empty folder.",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(target.parent).free
    except OSError as error:
        raise _not_written(target, error) from error
    if free < free_bytes:
        raise StorageFull(
            "Disk is full",
            f"{target.parent} has {free // 1_000_000} MB left; {free_bytes // 1_000_000} are"
            " needed.",
            "Free some space, or choose another folder.",
        )


def _not_written(target: Path, error: OSError) -> InvalidInput | StorageFull:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            "Disk is full",
            f"{target} could not be written; nothing is left of it.",
            "Free some space, or choose another folder.",
        )
    return InvalidInput(
        "Cannot be written there",
        f"{target}: {error.strerror or error}.",
        "Choose another folder.",
    )


def _flush(folder: Path) -> None:
    """Have all below a folder on the disk before it gets its name."""
    for entry in folder.iterdir():
        if entry.is_dir():
            _flush(entry)
        else:
            flush_file(entry)
    flush_folder(folder)
