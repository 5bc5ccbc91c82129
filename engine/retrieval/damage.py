"""What a derived index says when it cannot go on: it is damaged, or the disk is full."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import EngineError, JobCancelled, StorageFull, WorkspaceUnusable

_FULL = ("no space left", "os error 28", "os error 112", "disk is full", "disk full")

_NOT_ITS_OWN = (
    EngineError,
    JobCancelled,
    sqlite3.DatabaseError,
    KeyboardInterrupt,
    SystemExit,
    GeneratorExit,
)


class IndexDamaged(WorkspaceUnusable):
    """A derived index cannot be read or written; it can be rebuilt from the library."""


@contextmanager
def translated(index: str) -> Iterator[None]:
    """Turn whatever an index's library raises within into StorageFull or IndexDamaged.

    `index` names it in words. Rust libraries panic with a `BaseException`, so that is what is
    caught; what is not the library's own, as trouble with library.db, passes through.
    """
    try:
        yield
    except _NOT_ITS_OWN:
        raise
    except BaseException as error:
        if any(sign in str(error).lower() for sign in _FULL):
            raise StorageFull(
                "Disk full",
                f"There is no room on the disk for {index}.",
                "Free some space; indexing then goes on where it stopped.",
            ) from error
        raise IndexDamaged(
            "Index damaged",
            f"{index[:1].upper()}{index[1:]} cannot be used: {error}",
            "It is rebuilt from the library; nothing of yours is lost.",
        ) from error
