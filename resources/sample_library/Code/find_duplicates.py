"""List files that are stored more than once below a folder, whatever they are called.

Files of different size cannot be equal, so only those of the same size are read. Photographs that were
copied from the phone twice turn up here even if one of them has been renamed.
"""

import hashlib
import sys
from collections import defaultdict
from pathlib import Path


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's content, read in pieces so that films fit into memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def duplicates(folder: Path) -> list[list[Path]]:
    """Groups of files with the same bytes, each sorted by age, the oldest first."""
    by_size: dict[int, list[Path]] = defaultdict(list)
    for path in folder.rglob("*"):
        if path.is_file():
            by_size[path.stat().st_size].append(path)
    by_content: dict[str, list[Path]] = defaultdict(list)
    for paths in by_size.values():
        if len(paths) > 1:
            for path in paths:
                by_content[fingerprint(path)].append(path)
    groups = [paths for paths in by_content.values() if len(paths) > 1]
    return [sorted(paths, key=lambda path: path.stat().st_mtime) for paths in groups]


if __name__ == "__main__":
    for group in duplicates(Path(sys.argv[1])):
        print(*group, sep="\n  = ")
