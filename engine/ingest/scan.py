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
from dataclasses import dataclass
from pathlib import Path

from engine.ingest.exclude import NOTHING, Exclusions
from engine.ingest.media_types import media_type
from engine.ingest.walk import RIGHTS, Closed, Entry, away, walk
from engine.storage.documents import FileState

_HASHED_AT_ONCE = 1 << 20
_WINDOWS_ELSEWHERE = stat.FILE_ATTRIBUTE_OFFLINE | 0x0040_0000
"""Kept in the cloud: FILE_ATTRIBUTE_OFFLINE, FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS."""
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
    exclusions: Exclusions = NOTHING
    elsewhere: tuple[Path, ...] = ()
    """Folders that no link leads into: other roots, the workspace."""


def scan(
    root: Path,
    known: Mapping[str, FileState],
    checkpoint: Callable[[], None],
    rules: Rules,
) -> Iterator[FileChange]:
    """Compare a root, a folder or a single file, with what is known of it, by path.

    Unchanged files come first, then what was hashed, removed files last. Nothing is said of files
    that are hidden, empty, left out or of a type that is not read; those that are known are taken
    for removed. `checkpoint` is called often and may raise. Raises NotFound where the root itself
    is away, so that nothing is taken for removed; so is one that held something and is bare now:
    the folder that a drive was mounted on.
    """
    unseen = set(known)
    closed: list[str] = []
    to_hash: list[FileState] = []
    for entry in walk(root, rules.exclusions, rules.elsewhere, checkpoint):
        unseen.discard(entry.path)
        if isinstance(entry, Closed):
            closed.append(f"{entry.path}/")
            yield Unreadable(FileState(entry.path, 0, 0, ""), entry.reason, entry.hint)
            continue
        outcome = _look_at(entry, known.get(entry.path), rules)
        if isinstance(outcome, FileState):
            to_hash.append(outcome)
        elif outcome is not None:
            yield outcome
        elif entry.path in known:
            unseen.add(entry.path)
    if not root.exists() or (known and _is_bare(root)):
        raise away(root)
    gone = sorted(path for path in unseen if not path.startswith(tuple(closed)))
    sources = _Sources(known, gone)
    for file in to_hash:
        checkpoint()
        outcome = hashed(root, file, checkpoint, rules)
        if isinstance(outcome, FileState):
            outcome = _became(outcome, known.get(file.path), sources)
        yield outcome
    yield from (Removed(path) for path in gone if path not in sources.taken)


def _is_bare(root: Path) -> bool:
    return root.is_dir() and not os.listdir(root)


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


def _look_at(entry: Entry, before: FileState | None, rules: Rules) -> FileChange | FileState | None:
    """Decide by its entry alone what a file needs: hashing, if a state is returned."""
    path, status = entry.path, entry.status
    if status.st_size == 0 or (path == "." and media_type(entry.name) is None):
        if path != ".":
            return None
        why = "It is empty, or of a type that is not read."
        return Unreadable(FileState(path, 0, 0, ""), "Nothing to read", why)
    # A file that could not be read has no hash; what kept it from being read may be mended. Times
    # are compared for being the same, not for order: clocks go wrong.
    if (
        before
        and before.content_hash
        and before.size == status.st_size
        and before.mtime_ns == status.st_mtime_ns
    ):
        return Unchanged(path)
    if _is_being_written(status, rules.settle_s):
        return Unsettled(path)
    file = FileState(path, status.st_size, status.st_mtime_ns, "")
    if _is_elsewhere(status):
        return Unreadable(
            file,
            "Not on this computer",
            "It is kept in the cloud. Make it available offline, then scan again.",
        )
    return file


def hashed(
    root: Path, file: FileState, checkpoint: Callable[[], None], rules: Rules
) -> FileState | Unreadable:
    """A file with the hash of what it holds."""
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
        return Unreadable(file, "No permission to read it", RIGHTS)
    except OSError:
        # Gone since it was listed, locked or on a failing disk: the next scan tries again.
        return Unreadable(file, "Cannot be opened", "Close programs that use it, then scan again.")
    return FileState(file.path, file.size, file.mtime_ns, content_hash)


def _became(file: FileState, before: FileState | None, sources: _Sources) -> FileChange:
    """What became of a file that was hashed."""
    if before is not None:
        same = before.content_hash == file.content_hash
        return Touched(file) if same else Changed(file)
    old_path = sources.take(file)
    return Added(file) if old_path is None else Moved(old_path, file)


def _hash(path: Path, checkpoint: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while part := file.read(_HASHED_AT_ONCE):
            digest.update(part)
            checkpoint()
    return digest.hexdigest()


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
