from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.ingest import watch
from engine.ingest.watch import RootWatch, is_on_network


class Heard:
    """What a watch told."""

    def __init__(self) -> None:
        self.looks = threading.Semaphore(0)
        self.warnings: list[EngineError] = []
        self.paths: set[str] = set()

    def relevant(self, paths: Collection[str]) -> bool:
        self.paths |= set(paths)
        return not all(path.endswith(".tmp") for path in paths)

    def changed(self) -> None:
        self.looks.release()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "sub").mkdir(parents=True)
    return folder


def begin(root: Path, heard: Heard) -> RootWatch:
    watching = RootWatch(root, heard.relevant, heard.changed, heard.warnings.append)
    time.sleep(0.3)
    return watching


@pytest.fixture
def watching(root: Path, heard: Heard) -> Iterator[RootWatch]:
    opened = begin(root, heard)
    yield opened
    opened.close()


def test_that_a_new_file_deep_inside_is_told_of(
    watching: RootWatch, root: Path, heard: Heard
) -> None:
    (root / "sub" / "a.txt").write_text("alpha")
    assert heard.looks.acquire(timeout=5)
    assert str(root / "sub" / "a.txt") in heard.paths


def test_that_many_changes_at_once_are_told_of_once(
    watching: RootWatch, root: Path, heard: Heard
) -> None:
    for n in range(200):
        (root / f"{n}.txt").write_text("x")
    assert heard.looks.acquire(timeout=5)
    assert not heard.looks.acquire(timeout=0.8)


def test_that_what_is_not_relevant_is_not_told(
    watching: RootWatch, root: Path, heard: Heard
) -> None:
    (root / "a.tmp").write_text("x")
    assert not heard.looks.acquire(timeout=1)
    assert heard.paths == {str(root / "a.tmp")}


def test_that_a_root_that_comes_back_is_told_of_and_watched_again(
    root: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "AWAY_POLL_S", 0.1)
    watching = begin(root, heard)
    try:
        root.rename(root.with_name("unplugged"))
        time.sleep(0.8)
        while heard.looks.acquire(blocking=False):
            pass
        root.with_name("unplugged").rename(root)
        assert heard.looks.acquire(timeout=5)
        time.sleep(0.5)
        (root / "a.txt").write_text("alpha")
        assert heard.looks.acquire(timeout=5)
    finally:
        watching.close()
    assert heard.warnings == []


def test_that_a_file_is_watched_through_its_replacement(tmp_path: Path, heard: Heard) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("one")
    watching = begin(file, heard)
    try:
        for text in ("two", "three"):
            (tmp_path / "draft").write_text(text)
            (tmp_path / "draft").replace(file)
            assert heard.looks.acquire(timeout=5)
        assert heard.paths == {str(file)}
    finally:
        watching.close()


def test_that_a_root_that_cannot_be_watched_is_looked_at_now_and_then_with_one_warning(
    root: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "UNWATCHED_LOOK_S", 0.2)
    monkeypatch.setattr(watch, "_NETWORK", {_file_system(root)})
    assert is_on_network(root)
    watching = begin(root, heard)
    try:
        for _ in range(3):
            assert heard.looks.acquire(timeout=5)
    finally:
        watching.close()
    (warning,) = heard.warnings
    assert str(root) in warning.message


def _file_system(path: Path) -> str:
    import psutil

    mounts = [m for m in psutil.disk_partitions(all=True) if path.is_relative_to(m.mountpoint)]
    if not mounts:
        pytest.skip("the system does not tell where this folder lies")
    return str(max(mounts, key=lambda mount: len(mount.mountpoint)).fstype.lower())


def test_that_closing_is_prompt_whatever_the_root_does(
    watching: RootWatch, root: Path, heard: Heard
) -> None:
    away = begin(root / "nowhere", heard)
    shutil.rmtree(root)
    began = time.monotonic()
    watching.close()
    away.close()
    assert time.monotonic() - began < 1
