"""What became of a root's files since they were last looked at.

A file whose size and time of change are the same is not opened. Every other one is hashed once; the
hash tells a changed file from a touched one and a moved file from a new one.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import NotFound
from engine.ingest.media_types import media_type
from engine.storage.documents import FileState

_HASHED_AT_ONCE = 1 << 20
_SKIPPED_NAMES = {
    *("__pycache__", "node_modules", "bower_components", "site-packages", "__macosx"),
    *("thumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "lost+found"),
}
_SKIPPED_BEGINNINGS = (".", "~$")
_WINDOWS_HIDDEN = stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_SYSTEM
_WINDOWS_ELSEWHERE = stat.FILE_ATTRIBUTE_OFFLINE | 0x0040_0000
"""Kept in the cloud: FILE_ATTRIBUTE_OFFLINE, FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS."""
_MACOS_HIDDEN = stat.UF_HIDDEN
_MACOS_ELSEWHERE = 0x4000_0000
"""SF_DATALESS: reading it would fetch it from the cloud."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Same size and time of change; it was not opened."""

    path: str
    """Relative to the root, with `/`; `.` where the root is the file itself. So everywhere here."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Another time of change, the same content."""

    file: FileState


@dataclass(frozen=True, slots=True)
class Added:
    """A file that was not known."""

    file: FileState


@dataclass(frozen=True, slots=True)
class Changed:
    """A known file with other content."""

    file: FileState


@dataclass(frozen=True, slots=True)
class Moved:
    """The content of a known file that is gone, under another name."""

    old_path: str
    file: FileState


@dataclass(frozen=True, slots=True)
class Removed:
    """A known file that is gone."""

    path: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or folder that is there but cannot be read."""

    file: FileState
    """Its hash is empty."""
    reason: str
    """A few words."""
    hint: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A new or changed file that is still being written; what is known of it stays as it is."""

    path: str


FileChange = Unchanged | Touched | Added | Changed | Moved | Removed | Unreadable | Unsettled


@dataclass(frozen=True, slots=True)
class Rules:
    """How a root is looked at."""

    max_file_bytes: int
    """Larger files are unreadable."""
    settle_s: float = 0.0
    """Files that changed less than this ago are unsettled; 0 takes them as they are."""


@dataclass(slots=True)
class _Walk:
    """What walking found out so far, apart from the unchanged files."""

    seen: set[str] = field(default_factory=set)
    to_hash: list[FileState] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    """Folders that could not be listed: what is known below them is left alone."""


def scan(
    root: Path,
    known: Mapping[str, FileState],
    checkpoint: Callable[[], None],
    rules: Rules,
) -> Iterator[FileChange]:
    """Compare a root, a folder or a single file, with what is known of it, by path.

    Unchanged files come first, then what was hashed, removed files last. Nothing is said of hidden
    and empty files and of those whose type is not read. `checkpoint` is called often and may raise.
    Raises NotFound where the root itself is away, so that nothing is taken for removed.
    """
    walk = _Walk()
    yield from _walk(root, known, checkpoint, walk, rules)
    if not root.exists():
        raise _away(root)
    gone = [
        path
        for path in known
        if path not in walk.seen and not any(path.startswith(f"{c}/") for c in walk.closed)
    ]
    sources = _Sources(known, gone)
    for file in walk.to_hash:
        checkpoint()
        yield _read(root, file, known.get(file.path), sources, checkpoint, rules)
    yield from (Removed(path) for path in gone if path not in sources.taken)


class _Sources:
    """Vanished files, by what they held: where a new file may have been moved from."""

    def __init__(self, known: Mapping[str, FileState], gone: Iterable[str]) -> None:
        self.taken: set[str] = set()
        self._by_hash: dict[str, list[str]] = {}
        for path in gone:
            if known[path].content_hash:
                self._by_hash.setdefault(known[path].content_hash, []).append(path)

    def take(self, file: FileState) -> str | None:
        """Where the file came from, if anywhere; one of the same name if there are several."""
        paths = self._by_hash.get(file.content_hash)
        if not paths:
            return None
        name = file.path.rpartition("/")[2]
        path = next((path for path in paths if path.rpartition("/")[2] == name), paths[0])
        paths.remove(path)
        self.taken.add(path)
        return path


def _walk(
    root: Path,
    known: Mapping[str, FileState],
    checkpoint: Callable[[], None],
    walk: _Walk,
    rules: Rules,
) -> Iterator[FileChange]:
    """Look at every file's entry; yields what needs no hashing."""
    try:
        status = root.stat()
    except OSError as error:
        raise _away(root) from error
    if stat.S_ISREG(status.st_mode):
        yield from _look_at(".", root.name, status, known, walk, rules)
        return
    folders = [""]
    while folders:
        checkpoint()
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            if not folder:
                raise _away(root) from error
            walk.closed.append(folder)
            yield _unreadable(folder, "Folder cannot be opened", _RIGHTS)
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                status = entry.stat(follow_symlinks=False)
                if _is_hidden(entry.name, status):
                    continue
                if stat.S_ISLNK(status.st_mode):
                    status = entry.stat()
                    if not stat.S_ISREG(status.st_mode):
                        continue
            except OSError:
                continue
            if stat.S_ISDIR(status.st_mode):
                if _is_name_sound(entry.name):
                    folders.append(path)
                else:
                    yield _unreadable(_printable(path), *_BAD_NAME)
            elif stat.S_ISREG(status.st_mode):
                yield from _look_at(path, entry.name, status, known, walk, rules)


def _look_at(
    path: str,
    name: str,
    status: os.stat_result,
    known: Mapping[str, FileState],
    walk: _Walk,
    rules: Rules,
) -> Iterator[FileChange]:
    """Decide by its entry alone what a regular file needs."""
    if media_type(name) is None or status.st_size == 0:
        if path == ".":
            yield _unreadable(
                path, "Nothing to read", "It is empty, or of a type that is not read."
            )
        return
    if not _is_name_sound(name):
        yield _unreadable(_printable(path), *_BAD_NAME)
        return
    walk.seen.add(path)
    before = known.get(path)
    # A file that could not be read has no hash; what kept it from being read may be mended.
    if before and before.content_hash:
        same = (before.size, before.mtime_ns) == (status.st_size, status.st_mtime_ns)
        if same:
            yield Unchanged(path)
            return
    if _is_being_written(status, rules.settle_s):
        yield Unsettled(path)
        return
    if _is_elsewhere(status):
        yield Unreadable(
            FileState(path, status.st_size, status.st_mtime_ns, ""),
            "Not on this computer",
            "It is kept in the cloud. Make it available offline, then scan again.",
        )
        return
    walk.to_hash.append(FileState(path, status.st_size, status.st_mtime_ns, ""))


def _read(
    root: Path,
    file: FileState,
    before: FileState | None,
    sources: _Sources,
    checkpoint: Callable[[], None],
    rules: Rules,
) -> FileChange:
    """Hash a file and say what became of it."""
    if file.size > rules.max_file_bytes:
        size, limit = file.size / 1024**2, rules.max_file_bytes / 1024**2
        return Unreadable(
            file,
            "Too large",
            f"It has {size:,.0f} MB; files up to {limit:,.0f} MB are read. "
            "The limit can be changed in the settings.",
        )
    try:
        content_hash = _hash(root if file.path == "." else root / file.path, checkpoint)
    except PermissionError:
        return Unreadable(file, "No permission to read it", _RIGHTS)
    except OSError:
        # Gone since it was listed, locked or on a failing disk: the next scan tries again.
        return Unreadable(file, "Cannot be opened", "Close programs that use it, then scan again.")
    file = FileState(file.path, file.size, file.mtime_ns, content_hash)
    if before is not None:
        return Touched(file) if before.content_hash == content_hash else Changed(file)
    old_path = sources.take(file)
    return Added(file) if old_path is None else Moved(old_path, file)


def _hash(path: Path, checkpoint: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while part := file.read(_HASHED_AT_ONCE):
            digest.update(part)
            checkpoint()
    return digest.hexdigest()


def _is_hidden(name: str, status: os.stat_result) -> bool:
    """Hidden from the user by its name or its attributes, or a program's own."""
    if name.lower() in _SKIPPED_NAMES or name.startswith(_SKIPPED_BEGINNINGS):
        return True
    if sys.platform == "win32":
        is_junction = status.st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT
        return is_junction or bool(status.st_file_attributes & _WINDOWS_HIDDEN)
    if sys.platform == "darwin":
        return bool(status.st_flags & _MACOS_HIDDEN)
    return False


def _is_being_written(status: os.stat_result, settle_s: float) -> bool:
    """Whether a file changed so lately; one from the future, of a wrong clock, did not."""
    changed_at = max(status.st_mtime, status.st_ctime)
    return 0 <= time.time() - changed_at < settle_s


def _is_elsewhere(status: os.stat_result) -> bool:
    """Whether opening the file would fetch it over the network."""
    if sys.platform == "win32":
        return bool(status.st_file_attributes & _WINDOWS_ELSEWHERE)
    if sys.platform == "darwin":
        return bool(status.st_flags & _MACOS_ELSEWHERE)
    return False


def _is_name_sound(name: str) -> bool:
    """Whether a name is text; POSIX allows names that are not."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _printable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


def _unreadable(path: str, reason: str, hint: str) -> Unreadable:
    return Unreadable(FileState(path, 0, 0, ""), reason, hint)


def _away(root: Path) -> NotFound:
    return NotFound(
        "Folder is away",
        f"{root} cannot be seen.",
        "If it is on a drive that is not connected, connect it. Nothing was forgotten.",
    )


_RIGHTS = "Check that you are allowed to read it, then scan again."
_BAD_NAME = (
    "Its name is damaged",
    "The name holds characters that are not valid text. Rename it, then scan again.",
)
