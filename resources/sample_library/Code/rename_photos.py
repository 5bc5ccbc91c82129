"""Give photographs the day and time they were taken as their name: 2025-06-14 18.32.05.jpg.

Without --do it only prints what it would do. Two pictures of the same second get -2, -3 and so on.

Usage: python rename_photos.py FOLDER [--do]
"""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path

_EXIF_DATE = re.compile(rb"(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})")
_HEADER_BYTES = 65_536  # The camera's notes stand at the beginning of a JPEG file.


def taken_at(photo: Path) -> datetime:
    """When the shutter clicked by the file's Exif data, or else when it was last changed."""
    with photo.open("rb") as stream:
        found = _EXIF_DATE.search(stream.read(_HEADER_BYTES))
    if found:
        try:
            return datetime(*map(int, found.groups()))  # type: ignore[arg-type]
        except ValueError:
            pass  # Cameras without a set clock write 0000:00:00.
    return datetime.fromtimestamp(photo.stat().st_mtime)


def new_names(folder: Path) -> dict[Path, Path]:
    """Old path to new path, in the order of the pictures; none of the new ones is used twice."""
    names: dict[Path, Path] = {}
    used: set[Path] = set()
    photos = [path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg"}]
    for photo in sorted(photos, key=lambda path: (taken_at(path), path.name)):
        stem = f"{taken_at(photo):%Y-%m-%d %H.%M.%S}"
        target, copy = folder / f"{stem}.jpg", 2
        while target in used or (target.exists() and target != photo):
            target, copy = folder / f"{stem}-{copy}.jpg", copy + 1
        used.add(target)
        names[photo] = target
    return names


def main() -> None:
    """Show the new names, and rename only when asked to."""
    for old, new in new_names(Path(sys.argv[1])).items():
        print(f"{old.name} -> {new.name}")
        if "--do" in sys.argv and old != new:
            old.rename(new)


if __name__ == "__main__":
    main()
