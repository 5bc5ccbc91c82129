"""Copies of library.db in `backups/`: made online, verified, numbered, thinned over time.

A copy is whole, text and passages with the user's judgments: what refers to what stays true, and
putting it back is renaming a file. The copies' number and sum of bytes are bounded instead. Vectors
and indexes are left out, as they follow from it.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from engine.errors import NotFound, StorageFull, WorkspaceUnusable
from engine.flush import flush_file, flush_folder
from engine.records import BackupInfo, BackupReason

DAY_S = 86_400.0

_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{6})-(?P<at>\d{8}T\d{6}Z)-(?P<reason>[a-z]+)\.db")
_FIRST_NAME = re.compile(r"(?P<stem>.+)-v\d+\.db")
"""What version 0.1 called its copies before a migration."""
_AT = "%Y%m%dT%H%M%SZ"
_UNFINISHED = ".unfinished"
_SPARE_BYTES = 32_000_000
"""Left free for the library itself, so that a copy never takes its last room."""
_MOST_BYTES = 2_000_000_000
_ALWAYS_KEPT = 3
_PAGES_A_STEP = 2000
_STATE = (
    "SELECT ifnull(max(number), 0) FROM changes",
    "SELECT ifnull(max(id), 0) || ' ' || ifnull(sum(undone), 0) FROM relevance_events",
    "SELECT group_concat(name || guideline || scale) FROM evalsets",
    "SELECT count(*) || ' ' || ifnull(max(id), 0) || ' ' || ifnull(sum(undone), 0)"
    " FROM judgment_events",
    "SELECT count(*) FROM evalset_queries",
    "SELECT count(*) FROM evalset_versions",
    "SELECT count(*) FROM pool",
    "SELECT group_concat(id) FROM models",
    "SELECT ifnull(max(id), 0) FROM activations",
    "SELECT group_concat(path) FROM roots",
    "SELECT group_concat(key || value) FROM (SELECT * FROM settings ORDER BY key)",
    "SELECT count(*) || ' ' || ifnull(sum(ignored), 0) FROM files",
)
"""What a copy is for: where all of these are equal, nothing worth copying has changed."""
_LABELS = {"labels": "true", "captions": "caption != '' OR tags != '[]'", "judgments": "true"}
"""Views of what the user said, and which of their rows say something."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy by what its name says."""

    path: Path
    number: int
    """Of its making: it grows even where the clock goes back."""
    at: float
    reason: BackupReason


def make(source: Path, folder: Path, reason: BackupReason, now: float | None = None) -> BackupInfo:
    """Copy the SQLite file `source`, which may be in use, into `folder`; then thin the copies.

    Raises StorageFull or WorkspaceUnusable; the copies that are there are untouched then.
    """
    moment = time.time() if now is None else now
    with _told(source, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob(f"*{_UNFINISHED}*"):
            left_over.unlink()
        _require_room(source, folder)
        number = max((copy.number for copy in copies(folder, source.stem)), default=0) + 1
        at = datetime.fromtimestamp(max(moment, 0.0), UTC).strftime(_AT)
        target = folder / f"{source.stem}-{number:06}-{at}-{reason}.db"
        unfinished = target.with_name(target.name + _UNFINISHED)
        try:
            write_copy(source, unfinished)
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
        flush_folder(folder)
    for path in superfluous(copies(folder, source.stem), moment):
        with contextlib.suppress(OSError):
            path.unlink()
    return info(Copy(target, number, moment, reason))


def copies(folder: Path, stem: str = "library") -> list[Copy]:
    """The copies of a file by their names, the newest first."""
    found = []
    for path in folder.glob(f"{stem}-*.db"):
        match = _NAME.fullmatch(path.name)
        if match and match["stem"] == stem and match["reason"] in get_args(BackupReason):
            at = datetime.strptime(match["at"], _AT).replace(tzinfo=UTC).timestamp()
            found.append(Copy(path, int(match["number"]), at, match["reason"]))  # type: ignore[arg-type]
        elif (match := _FIRST_NAME.fullmatch(path.name)) and match["stem"] == stem:
            found.append(Copy(path, 0, path.stat().st_mtime, "migration"))
    return sorted(found, key=lambda copy: (copy.number, copy.path.name), reverse=True)


def every(folder: Path) -> tuple[BackupInfo, ...]:
    """The copies of library.db that can be opened, the newest first."""
    found = []
    for copy in copies(folder):
        with contextlib.suppress(sqlite3.DatabaseError, OSError):
            found.append(info(copy))
    return tuple(found)


def find(folder: Path, name: str) -> Copy:
    """The copy of this name; raises NotFound."""
    for copy in copies(folder):
        if copy.path.name == name:
            return copy
    raise NotFound("No such backup", f"There is no backup “{name}” in {folder}.")


def info(copy: Copy) -> BackupInfo:
    """What a list says of a copy; raises sqlite3.DatabaseError where it is damaged."""
    with closing(read_only(copy.path)) as connection:
        n_labels = sum(_n_rows(connection, view, said) for view, said in _LABELS.items())
    size = copy.path.stat().st_size
    return BackupInfo(copy.path.name, copy.at, copy.reason, size, n_labels)


def _n_rows(connection: sqlite3.Connection, view: str, said: str) -> int:
    """Rows of a view that say something; none where the copy is of before there was one."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (view,)).fetchone()
    if known is None:
        return 0
    return int(connection.execute(f"SELECT count(*) FROM {view} WHERE {said}").fetchone()[0])


def newest_sound(folder: Path) -> BackupInfo | None:
    """The newest copy of library.db that passes its check."""
    for copy in copies(folder):
        with contextlib.suppress(sqlite3.DatabaseError, OSError):
            if trouble(copy.path) == "":
                return info(copy)
    return None


def trouble(path: Path) -> str:
    """What SQLite finds wrong with a file that nobody writes; empty where it is sound."""
    try:
        with closing(read_only(path)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    if found != "ok":
        return str(found)
    return "" if version else "it is empty"


def due(library: Path, folder: Path, now: float) -> bool:
    """Whether the newest copy is older than a day and something has changed since.

    A copy from the future is no copy: the clock has gone back since.
    """
    newest = next(iter(copies(folder)), None)
    if newest is None:
        return True
    if 0 <= now - newest.at < DAY_S:
        return False
    try:
        with closing(sqlite3.connect(library)) as connection:
            present = _state(connection)
        with closing(read_only(newest.path)) as connection:
            return present is None or _state(connection) != present
    except sqlite3.DatabaseError:
        return True


def superfluous(found: Sequence[Copy], now: float) -> list[Path]:
    """The copies that can go.

    All of the last day stay, one a day for two weeks, one a week for three months, one a month
    after; beyond a sum of bytes the oldest go. The newest and the last before a migration stay.
    """
    best = {_span(copy, now): copy.path for copy in reversed(found)}  # of a span the newest
    migration = next((copy.path for copy in found if copy.reason == "migration"), None)
    never = {copy.path for copy in found[:_ALWAYS_KEPT]} | {migration}
    kept = set(best.values()) | never
    total = 0
    for copy in found:
        if copy.path in kept:
            total += copy.path.stat().st_size
            if total > _MOST_BYTES and copy.path not in never:
                kept.discard(copy.path)
    return [copy.path for copy in found if copy.path not in kept]


def write_copy(
    source: Path, target: Path, change: Callable[[sqlite3.Connection], None] | None = None
) -> None:
    """Copy an SQLite file that may be in use, verify the copy and have it on the disk.

    `change` may alter the copy after its verification. Raises sqlite3.DatabaseError and OSError.
    """
    with closing(sqlite3.connect(source, isolation_level=None)) as reader:
        reader.execute("BEGIN")  # one state for the counts and for every step of copying
        counts = _counts(reader)
        with closing(sqlite3.connect(target)) as writer:
            reader.backup(writer, pages=_PAGES_A_STEP, sleep=0)
            writer.execute("PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(target)) as copied:
        found = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok" or _counts(copied) != counts:
            raise sqlite3.DatabaseError(f"the copy is not sound: {found}")
        if change:
            change(copied)
            copied.commit()
    flush_file(target)


def read_only(path: Path) -> sqlite3.Connection:
    """Open a file that nobody writes without leaving a trace beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _span(copy: Copy, now: float) -> str:
    """What a copy stands for; the newest copy of an equal span does for all of them."""
    age = now - copy.at
    if age < DAY_S:
        return copy.path.name
    if age < 14 * DAY_S:
        return f"day {copy.at // DAY_S:.0f}"
    if age < 92 * DAY_S:
        return f"week {copy.at // (7 * DAY_S):.0f}"
    return datetime.fromtimestamp(copy.at, UTC).strftime("month %Y-%m")


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall()
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        for (name,) in tables
    }


def _state(connection: sqlite3.Connection) -> tuple[object, ...] | None:
    """See `_STATE`; None where the file's schema is too old for it."""
    try:
        return tuple(connection.execute(query).fetchone()[0] for query in _STATE)
    except sqlite3.OperationalError:
        return None


def _require_room(source: Path, folder: Path) -> None:
    wal = source.with_name(source.name + "-wal")
    needed = source.stat().st_size + (wal.stat().st_size if wal.exists() else 0) + _SPARE_BYTES
    if shutil.disk_usage(folder).free < needed:
        raise _full(f"A copy of {source.name} needs {needed / 1e6:,.0f} MB.")


def _full(message: str) -> StorageFull:
    return StorageFull(
        "No room for a backup",
        f"{message} The backups that are there are untouched.",
        "Free some space on the disk that holds the library.",
    )


@contextlib.contextmanager
def _told(source: Path, folder: Path) -> Iterator[None]:
    """Say in words what went wrong within."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise _full(f"{source.name} could not be copied ({error}).") from error
        raise WorkspaceUnusable(
            "No backup could be made",
            f"{source} could not be copied ({error}).",
            "Run the doctor: it says what is damaged.",
        ) from error
    except OSError as error:
        raise _full(f"{folder} could not be written ({error.strerror or error}).") from error
