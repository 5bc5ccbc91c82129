"""Having what was written on the disk, so that it survives a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def flush_file(file: Path) -> None:
    """Have a file's content on the disk."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def flush_folder(folder: Path) -> None:
    """Have a folder's names on the disk; elsewhere than on POSIX that cannot be asked for."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
