"""Shows files and folders in the system's own file browser."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_in_folder(path: str) -> bool:
    """Open the folder that a file lies in, or the folder itself; False where that cannot be."""
    place = Path(path)
    folder = place if place.is_dir() else place.parent
    return folder.is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
