"""Files that change while they are read: what was read is not what was hashed."""

from __future__ import annotations

from pathlib import Path

from engine.storage.documents import FileState

TRIES = 3
"""A file that changes during so many readings in a row is given up until the next look."""
WAIT_S = 1.0
"""Between two of them."""
KEEPS_CHANGING = (
    "Keeps changing",
    "It was written to whenever it was read. It is tried again at the next look.",
)


def as_it_is_now(path: Path, file: FileState) -> FileState | None:
    """An equal state where a file is still as it was; one without hash if not, None if gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    if (status.st_size, status.st_mtime_ns) == (file.size, file.mtime_ns):
        return file
    return FileState(file.path, status.st_size, status.st_mtime_ns, "")
