"""One SQLite file: a connection a thread for reading, one writer at a time, numbered migrations."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from engine.errors import (
    WAY_BACK,
    EngineError,
    LibraryUnreadable,
    StorageFull,
    WorkspaceUnusable,
)
from engine.storage import backup

Migration = str
"""SQL that takes the schema one version up."""


class DatabaseDamaged(LibraryUnreadable):
    """The file is no database, or its pages contradict each other."""


class Database:
    """Owns one SQLite file in WAL mode.

    `migrations[n]` takes version n to n + 1. A file of a newer version is refused; an older one is
    copied to `backups` before it is migrated, and checked afterwards. `backups` is None where the
    file can be made anew. Raises LibraryUnreadable, WorkspaceUnusable,
    StorageFull.
    """

    def __init__(self, path: Path, migrations: Sequence[Migration], backups: Path | None) -> None:
        self._path = path
        self._backups = backups
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self._writing = threading.RLock()
        try:
            self._migrate(migrations)
        except sqlite3.DatabaseError as error:
            self.close()
            raise self._translated(error) from error
        except EngineError:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one consistent state for the length of the block."""
        connection = self._connection()
        if connection.in_transaction:
            yield connection
            return
        try:
            connection.execute("BEGIN")
            yield connection
        except sqlite3.DatabaseError as error:
            raise self._translated(error) from error
        finally:
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block is kept, on disk, or nothing."""
        with self._writing:
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
            except sqlite3.DatabaseError as error:
                connection.rollback()
                raise self._translated(error) from error
            except BaseException:
                connection.rollback()
                raise

    def size(self) -> int:
        """Bytes on disk, write-ahead log included."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Close every thread's connection."""
        with self._opening:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._path, timeout=30, isolation_level=None, check_same_thread=False
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            # FULL: an acknowledged judgment survives a power cut, not only a killed process.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -32768")
            self._local.connection = connection
            with self._opening:
                self._all.append(connection)
        return connection

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        connection = self._connection()
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(migrations):
            raise LibraryUnreadable(
                "Made by a newer Attune",
                f"{self._path.name} has version {version}; this program knows {len(migrations)}.",
                "Install the newest version of Attune to open this library."
                f" If none ever opened it, it is damaged. {self._way_back()}".rstrip(),
            )
        if version == len(migrations):
            return
        if self._backups and version == 0 and backup.copies(self._backups, self._path.stem):
            # It was cut to nothing or taken away: an empty one in its place would hide that.
            raise self._damaged("it is missing or empty")
        if self._backups and version > 0:
            try:
                backup.make(self._path, self._backups, "migration")
            except StorageFull:
                raise
            except WorkspaceUnusable as error:
                raise self._damaged(error.message.rstrip(".")) from error
        # A table that is made anew is dropped: nothing that refers to it may follow it.
        connection.execute("PRAGMA foreign_keys = OFF")
        for number, migration in enumerate(migrations[version:], start=version + 1):
            connection.executescript(f"BEGIN;{migration};PRAGMA user_version = {number};COMMIT;")
        connection.execute("PRAGMA foreign_keys = ON")
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("the database fails its check after migrating")

    def _translated(self, error: sqlite3.DatabaseError) -> EngineError | sqlite3.DatabaseError:
        """What a user may be told of it; a bug of ours stays what it is."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            return self._damaged(str(error))
        match code & 0xFF:
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                return StorageFull(
                    "The disk is full",
                    f"{self._path.name} could not be written ({error})."
                    " Nothing of this change was kept.",
                    "Free some space and try again.",
                )
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return WorkspaceUnusable(
                    "The library cannot be written",
                    f"{self._path} cannot be opened for writing ({error}).",
                    "Check the folder's permissions, or choose another workspace.",
                )
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return self._damaged(str(error))
        return error

    def _damaged(self, what: str) -> DatabaseDamaged:
        """The error of a damaged file; it names the copy to put back."""
        hint = self._way_back() if self._backups else "It is made anew."
        return DatabaseDamaged(
            "The library is damaged",
            f"{self._path} is damaged: {what}.",
            hint or "There is no backup of it.",
        )

    def _way_back(self) -> str:
        """Which copy to put back, and how; empty where there is none."""
        newest = backup.newest_sound(self._backups) if self._backups else None
        if newest is None:
            return ""
        made = datetime.fromtimestamp(newest.at).strftime("%d %B %Y, %H:%M")
        return f"{WAY_BACK} {made} with the command: restore {newest.name}"
