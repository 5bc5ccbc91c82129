"""Puts a copy in the place of library.db; a kill at any moment leaves the old or the new one.

The copy is first laid ready beside library.db under a name that only a complete one has; whoever
opens the workspace next puts it in place before anything else. Indexes follow: the copy is laid
ready without its generations, so they are built anew from the cached vectors.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from engine.errors import StorageFull, WorkspaceUnusable
from engine.records import BackupInfo
from engine.storage import backup

_READY = "library.db.restoring"
_UNFINISHED = "library.db.restoring.unfinished"
_SIDE_FILES = ("-wal", "-shm", "-journal")


def candidates(workspace: Path, newest_version: int) -> tuple[BackupInfo, ...]:
    """The copies that can be put back, the newest first.

    The first has passed its check: damaged ones that are newer are left out. The others are
    checked when they are laid ready.
    """
    found: list[BackupInfo] = []
    for copy in backup.copies(workspace / "backups"):
        with contextlib.suppress(sqlite3.DatabaseError, OSError):
            known = _version(copy.path) <= newest_version
            if known and (found or backup.trouble(copy.path) == ""):
                found.append(backup.info(copy))
    return tuple(found)


def lay_ready(workspace: Path, name: str, newest_version: int) -> None:
    """Verify a copy and lay it ready to be put in place; `library.db` is not touched.

    Raises NotFound, WorkspaceUnusable where the copy is damaged or of a newer version, StorageFull.
    """
    copy = backup.find(workspace / "backups", name)
    if wrong := backup.trouble(copy.path):
        raise WorkspaceUnusable(
            "The backup is damaged",
            f"{copy.path} cannot be put back: {wrong}.",
            "Choose another backup.",
        )
    if (version := _version(copy.path)) > newest_version:
        raise WorkspaceUnusable(
            "Made by a newer Attune",
            f"{name} has version {version}; this program knows {newest_version}.",
            "Install the newest version of Attune to put it back.",
        )
    present = workspace / "library.db"
    needed = copy.path.stat().st_size + (present.stat().st_size if present.exists() else 0)
    if shutil.disk_usage(workspace).free < needed:
        raise _no_room(f"It needs {needed / 1e6:,.0f} MB.")
    unfinished = workspace / _UNFINISHED
    unfinished.unlink(missing_ok=True)
    try:
        backup.write_copy(copy.path, unfinished, _without_generations)
        os.replace(unfinished, workspace / _READY)
    except (sqlite3.DatabaseError, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise _no_room(f"The copy could not be written ({error}).") from error
    backup.flush_folder(workspace)


def put_in_place(workspace: Path) -> bool:
    """Put the copy that lies ready in the place of library.db; whether there was one.

    The present library is backed up before, or set aside where it is damaged. Only who holds the
    workspace's lock may call this, before it opens library.db. Raises StorageFull, and then
    nothing lies ready any more.
    """
    ready, present = workspace / _READY, workspace / "library.db"
    (workspace / _UNFINISHED).unlink(missing_ok=True)
    if not ready.exists():
        return False
    if _sound(present):
        try:
            backup.make(present, workspace / "backups", "restore")
        except StorageFull:
            ready.unlink()
            raise
        _fold_in_log(present)
    else:
        _set_aside(present)
    os.replace(ready, present)
    backup.flush_folder(workspace)
    return True


def _version(copy: Path) -> int:
    with closing(backup.read_only(copy)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _without_generations(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM generations")


def _sound(library: Path) -> bool:
    """Whether it is worth a copy, by SQLite's own check."""
    if not library.exists():
        return False
    try:
        with closing(sqlite3.connect(library)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            return bool(found == "ok" and connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError:
        return False


def _fold_in_log(library: Path) -> None:
    """Leave no write-ahead log behind: SQLite would apply it to whatever has the name."""
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _set_aside(library: Path) -> None:
    """Rename a damaged library and what belongs to it; the name was never used before."""
    number = 1
    while library.with_name(f"{library.name}.damaged-{number}").exists():
        number += 1
    for ending in (*_SIDE_FILES, ""):  # itself last: until then it is not done
        file = library.with_name(library.name + ending)
        if file.exists():
            file.rename(library.with_name(f"{library.name}.damaged-{number}{ending}"))


def _no_room(message: str) -> StorageFull:
    return StorageFull(
        "The backup could not be put back",
        f"{message} The library is as it was.",
        "Free some space on the disk that holds the library.",
    )
