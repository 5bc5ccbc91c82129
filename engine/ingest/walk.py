"""Every file below a root that is worth a look, each real folder once.

Links to folders are followed after all real folders, so that a folder that can be reached both ways
goes by its real name; one that was entered already, by whatever name, is not entered again. So no
link makes a loop.
"""

from __future__ import annotations

import os
import stat
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import NotFound
from engine.ingest.exclude import Exclusions, is_made, is_project
from engine.ingest.media_types import media_type

_WINDOWS_HIDDEN = stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_SYSTEM
_MACOS_HIDDEN = stat.UF_HIDDEN

Identity = tuple[int, int] | str
"""Which folder it is, whatever its name: device and inode, or its real path."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file whose type is read."""

    path: str
    """Relative to the root, with `/`; `.` where the root is the file itself."""
    name: str
    status: os.stat_result
    """Of the file itself where it is a link."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A folder or file that could not be looked at; what is known below it is left alone."""

    path: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    above: Exclusions
    is_link: bool
    by_link: bool
    """Reached through a link, be it one further up."""


def walk(
    root: Path,
    exclusions: Exclusions,
    elsewhere: Sequence[Path],
    checkpoint: Callable[[], None],
) -> Iterator[Entry | Closed]:
    """Walk a folder, or yield the one file that a root is.

    Args:
        root: absolute.
        exclusions: those of the settings.
        elsewhere: folders that no link leads into, since they are looked at elsewhere or never.
        checkpoint: is called once a folder and may raise.

    Raises:
        NotFound: the root is away.
    """
    try:
        status = root.stat()
    except OSError as error:
        raise away(root) from error
    if stat.S_ISREG(status.st_mode):
        yield Entry(".", root.name, status)
        return
    barred = [Path(os.path.realpath(folder)) for folder in elsewhere]
    entered = {identity for folder in barred if (identity := _identity(folder)) is not None}
    folders = [_Folder("", exclusions, is_link=False, by_link=False)]
    links: deque[_Folder] = deque()
    while folders or links:
        checkpoint()
        folder = folders.pop() if folders else links.popleft()
        here = root / folder.path
        identity = _identity(here)
        if identity is None or (folder.by_link and identity in entered):
            if not folder.path:
                raise away(root)
            continue
        entered.add(identity)
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            if not folder.path:
                raise away(root) from error
            yield Closed(folder.path, "Folder cannot be opened", RIGHTS)
            continue
        names = {entry.name for entry in entries}
        if folder.path and is_made(names):
            continue
        inside = folder.above.within(folder.path, here, names)
        inner: list[_Folder] = []
        for found in _look_into(entries, folder, inside, in_project=is_project(names)):
            if not isinstance(found, _Folder):
                yield found
            elif not found.is_link:
                inner.append(found)
            elif not _is_inside(root / found.path, barred):
                links.append(found)
        folders += inner


def _look_into(
    entries: Sequence[os.DirEntry[str]], folder: _Folder, inside: Exclusions, *, in_project: bool
) -> Iterator[Entry | Closed | _Folder]:
    """What a folder holds that is neither hidden nor left out."""
    for entry in entries:
        name = entry.name
        is_link = entry.is_symlink()
        is_folder = not is_link and entry.is_dir(follow_symlinks=False)
        if not (is_folder or is_link) and media_type(name) is None:
            continue
        path = f"{folder.path}/{name}" if folder.path else name
        try:
            status = entry.stat(follow_symlinks=False)
            if _is_hidden(status):
                continue
            if is_link or _is_junction(status):
                status = entry.stat() if is_link else os.stat(entry.path)
                is_link, is_folder = True, stat.S_ISDIR(status.st_mode)
        except OSError:
            continue
        is_file = stat.S_ISREG(status.st_mode) and media_type(name) is not None
        if not (is_folder or is_file):
            continue
        if inside.leaves_out(path, name, is_folder=is_folder, in_project=in_project):
            continue
        if not is_name_sound(name):
            yield Closed(path.encode("utf-8", "backslashreplace").decode(), *BAD_NAME)
        elif is_folder:
            yield _Folder(path, inside, is_link, is_link or folder.by_link)
        else:
            yield Entry(path, name, status)


def _identity(folder: Path) -> Identity | None:
    """Which folder it is; None where it cannot be seen. Some file systems number nothing."""
    try:
        status = os.stat(folder)
        return (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(folder)
    except OSError:
        return None


def _is_inside(path: Path, barred: Sequence[Path]) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(folder) for folder in barred)


def _is_hidden(status: os.stat_result) -> bool:
    """Hidden from the user by its attributes."""
    if sys.platform == "win32":
        return bool(status.st_file_attributes & _WINDOWS_HIDDEN)
    if sys.platform == "darwin":
        return bool(status.st_flags & _MACOS_HIDDEN)
    return False


def _is_junction(status: os.stat_result) -> bool:
    """A folder's second name on Windows, which Python does not take for a link."""
    if sys.platform == "win32":
        return status.st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT
    return False


def is_name_sound(name: str) -> bool:
    """Whether a name is text; POSIX allows names that are not."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def away(root: Path) -> NotFound:
    """A root that cannot be seen."""
    return NotFound(
        "Folder is away",
        f"{root} cannot be seen, or is empty all of a sudden.",
        "If it is on a drive that is not connected, connect it. Nothing was forgotten. "
        "If it is meant to be empty, remove it from the library.",
    )


RIGHTS = "Check that you are allowed to read it, then scan again."
BAD_NAME = (
    "Its name is damaged",
    "The name holds characters that are not valid text. Rename it, then scan again.",
)
