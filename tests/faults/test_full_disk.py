"""A disk that is really full, at every place that writes: told in words, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import StorageFull, WorkspaceUnusable
from engine.retrieval.lexical_generation import LexicalGeneration
from engine.settings import Settings
from engine.storage import backup, settings
from engine.storage.library import prepare_restore
from engine.workspace import Workspace
from tests.engine.retrieval.shelf import DIM, Shelf, vector_of

_DISK_MB = 96
_NOTES = [f"note number {number}" for number in range(300)]


class Disk:
    """A small file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, spare_bytes: int = 0) -> None:
        """Leave only so much room."""
        free = shutil.disk_usage(self.folder).free
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - spare_bytes, 1))

    def free(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if not sys.platform.startswith("linux"):
        pytest.skip("needs a file system of a given size: tmpfs, on Linux")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def shelf(disk: Disk) -> Iterator[Shelf]:
    opened = Shelf(disk.folder)
    opened.add("red apple")
    opened.catch_up()
    yield opened
    opened.close()


def holds(shelf: Shelf, *texts: str) -> None:
    """Everything is there, in both indexes, also after opening again."""
    for _ in range(2):
        shelf.catch_up()
        for text in texts:
            assert text in shelf.words(f'"{text}"')
            assert shelf.nearest(text) == {text}
        shelf.reopen()


def test_that_documents_are_added_once_there_is_room(disk: Disk, shelf: Shelf) -> None:
    disk.fill()
    with pytest.raises(StorageFull):
        shelf.add(*_NOTES)
    assert shelf.words("apple") == {"red apple"}
    disk.free()
    shelf.add(*_NOTES)
    holds(shelf, "red apple", _NOTES[7])


@pytest.mark.parametrize("spare_kb", [0, 32, 256])
def test_that_indexing_goes_on_once_there_is_room(disk: Disk, shelf: Shelf, spare_kb: int) -> None:
    shelf.add(*_NOTES)
    disk.fill(spare_kb * 1024)
    with contextlib.suppress(StorageFull):  # the little that is left may be enough
        shelf.catch_up()
    assert "red apple" in shelf.nearest("red apple", 500)
    disk.free()
    holds(shelf, "red apple", _NOTES[7], _NOTES[299])


def test_that_vectors_are_kept_once_there_is_room(disk: Disk, shelf: Shelf) -> None:
    keys = [n.to_bytes(4, "little") for n in range(2000)]
    disk.fill()
    with pytest.raises(StorageFull):
        shelf.embeddings.put("encoder", keys, _many_vectors(2000))
    disk.free()
    shelf.embeddings.put("encoder", keys, _many_vectors(2000))
    assert len(shelf.embeddings.get("encoder", keys)) == 2000


def test_that_a_backup_leaves_the_older_ones_alone(disk: Disk, shelf: Shelf) -> None:
    folder = disk.folder
    first = backup.make(folder / "library.db", folder / "backups", "asked")
    disk.fill()
    with pytest.raises(StorageFull, match="backups that are there are untouched"):
        backup.make(folder / "library.db", folder / "backups", "asked")
    assert [info.name for info in backup.every(folder / "backups")] == [first.name]
    disk.free()
    backup.make(folder / "library.db", folder / "backups", "asked")
    assert len(list((folder / "backups").iterdir())) == 2


def test_that_a_copy_that_does_not_fit_after_all_is_taken_away(
    disk: Disk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program may take the room between the look at it and the copy."""
    folder = disk.folder
    monkeypatch.setattr(backup, "_require_room", lambda source, target: None)
    disk.fill(16 * 1024)
    with pytest.raises(StorageFull):
        backup.make(folder / "library.db", folder / "backups", "asked")
    assert list((folder / "backups").iterdir()) == []


def test_that_restoring_without_room_leaves_the_library(disk: Disk, shelf: Shelf) -> None:
    folder = disk.folder
    made = backup.make(folder / "library.db", folder / "backups", "asked")
    disk.fill(16 * 1024)
    with pytest.raises(StorageFull, match="as it was"):
        prepare_restore(folder, made.name)
    disk.free()
    assert not list(folder.glob("*restoring*"))
    holds(shelf, "red apple")


def test_that_settings_that_do_not_fit_are_refused_whole(disk: Disk, shelf: Shelf) -> None:
    many = tuple(f"pattern {n}" for n in range(20_000))
    disk.fill()
    with pytest.raises(StorageFull), shelf.library.write() as connection:
        settings.save(connection, Settings(results=7, exclude=many))
    with shelf.library.read() as connection:
        assert settings.load(connection) == Settings()


def _many_vectors(n: int) -> NDArray[np.float32]:
    return np.stack([vector_of("any")] * n).reshape(n, DIM)


def test_that_keywords_are_found_in_a_library_opened_without_room(disk: Disk, shelf: Shelf) -> None:
    """Chroma needs room to open; the cached vectors and the library are read all the same."""
    shelf.close_indexes()
    disk.fill()
    shelf.lexical = LexicalGeneration(shelf.library, disk.folder / "index")
    assert shelf.words("apple") == {"red apple"}
    disk.free()
    shelf.reopen()
    holds(shelf, "red apple")


def test_that_a_disk_that_cannot_be_written_is_told(disk: Disk) -> None:
    with Workspace(disk.folder, lambda event: None):
        pass
    remount = ["mount", "-o", "remount,ro", str(disk.folder)]
    subprocess.run(remount, check=True)
    with pytest.raises(WorkspaceUnusable) as error:
        Workspace(disk.folder, lambda event: None)
    assert "written" in error.value.hint
