"""Hands files and folders over to the system: to their programs, or to its file browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QDir, QUrl
from PySide6.QtGui import QDesktopServices

from engine.records import INSIDE

_PROGRAMS = frozenset(
    (
        *("app", "appimage", "command", "desktop", "jar", "py", "pyw", "run", "sh", "tcl"),
        *("bat", "cmd", "com", "cpl", "exe", "hta", "js", "jse", "lnk", "msi", "msp", "pif"),
        *("ps1", "reg", "scr", "url", "vb", "vbe", "vbs", "wsf", "wsh"),
    )
)
"""What a system may run rather than show."""


def is_file_path(document: str) -> bool:
    """Whether a document's name is a path; otherwise it is its id in a dataset."""
    return QDir.isAbsolutePath(document)


def file_on_disk(document: str) -> str:
    """The file that a document lies in: for what lies inside an archive, the archive."""
    return document.partition(INSIDE)[0]


def open_file(path: str) -> bool:
    """Open a file in its program; False where it is gone or nothing opens it.

    What the system would run is shown in its folder instead: a search must start nothing.
    """
    place = Path(path)
    if not place.is_file():
        return False
    if place.suffix.lower().lstrip(".") in _PROGRAMS:
        return show_in_folder(path)
    return QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def show_in_folder(path: str) -> bool:
    """Show a file in the folder that it lies in, or open the folder; False where that cannot be.

    Windows and macOS select the file. Linux has no common way to, so its folder is opened.
    """
    place = Path(path)
    folder = place if place.is_dir() else place.parent
    if not folder.is_dir():
        return False
    if place.is_file() and sys.platform == "darwin":
        subprocess.Popen(["/usr/bin/open", "-R", str(place)])
        return True
    if place.is_file() and sys.platform == "win32":
        # One string: explorer parses its own command line, and wants no quotes around `/select`.
        subprocess.Popen(f'explorer /select,"{place}"')
        return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
