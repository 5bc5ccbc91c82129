from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import NotFound
from engine.ingest import scan
from engine.ingest.exclude import Exclusions
from engine.ingest.scan import (
    Added,
    Changed,
    Moved,
    Removed,
    Touched,
    Unchanged,
    Unreadable,
    Unsettled,
)
from engine.storage.documents import FileState

_ONE_MB = 1 << 20


def look(root: Path, known: dict[str, FileState] | None = None) -> list[scan.FileChange]:
    return list(scan.scan(root, known or {}, lambda: None, scan.Rules(_ONE_MB)))


def known_of(root: Path) -> dict[str, FileState]:
    return {change.file.path: change.file for change in look(root) if isinstance(change, Added)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("alpha")
    (folder / "sub" / "b.md").write_text("beta")
    return folder


@pytest.fixture
def closed(root: Path) -> Iterator[Path]:
    folder = root / "sub"
    folder.chmod(0)
    if os.access(folder, os.R_OK):
        folder.chmod(0o700)
        pytest.skip("this user may read everything")
    yield folder
    folder.chmod(0o700)


def test_that_new_files_are_added_with_paths_relative_to_the_root(root: Path) -> None:
    assert set(known_of(root)) == {"a.txt", "sub/b.md"}


def test_that_a_file_with_the_same_size_and_time_is_not_opened(root: Path) -> None:
    known = known_of(root)
    stat = (root / "a.txt").stat()
    (root / "a.txt").write_text("ALPHA")
    os.utime(root / "a.txt", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert look(root, known) == [Unchanged("a.txt"), Unchanged("sub/b.md")]


def test_that_a_touched_file_is_not_taken_for_a_changed_one(root: Path) -> None:
    known = known_of(root)
    os.utime(root / "a.txt", ns=(1, 1_000_000_000))
    touched = look(root, known)[1]
    assert isinstance(touched, Touched)
    assert touched.file.content_hash == known["a.txt"].content_hash
    assert touched.file.mtime_ns == 1_000_000_000


def test_that_other_content_is_a_change(root: Path) -> None:
    known = known_of(root)
    (root / "a.txt").write_text("something longer")
    changes = look(root, known)
    assert [type(change) for change in changes] == [Unchanged, Changed]


def test_that_a_renamed_file_is_moved_rather_than_removed_and_added(root: Path) -> None:
    known = known_of(root)
    (root / "a.txt").rename(root / "sub" / "c.txt")
    moved = [change for change in look(root, known) if not isinstance(change, Unchanged)]
    assert len(moved) == 1
    assert isinstance(moved[0], Moved)
    assert (moved[0].old_path, moved[0].file.path) == ("a.txt", "sub/c.txt")


def test_that_of_equal_files_that_move_each_keeps_its_name(root: Path) -> None:
    (root / "one.txt").write_text("same")
    (root / "two.txt").write_text("same")
    known = known_of(root)
    for name in ("one.txt", "two.txt"):
        (root / name).rename(root / "sub" / name)
    moves = {c.old_path: c.file.path for c in look(root, known) if isinstance(c, Moved)}
    assert moves == {"one.txt": "sub/one.txt", "two.txt": "sub/two.txt"}


def test_that_a_copy_is_added_while_its_source_is_there(root: Path) -> None:
    known = known_of(root)
    (root / "copy.txt").write_text("alpha")
    assert [type(change) for change in look(root, known)] == [Unchanged, Unchanged, Added]


def test_that_a_deleted_file_is_removed(root: Path) -> None:
    known = known_of(root)
    (root / "sub" / "b.md").unlink()
    assert look(root, known) == [Unchanged("a.txt"), Removed("sub/b.md")]


def test_that_a_missing_root_is_away_and_removes_nothing(root: Path, tmp_path: Path) -> None:
    known = known_of(root)
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(NotFound):
        look(root, known)


def test_that_a_root_that_is_bare_all_of_a_sudden_is_away(root: Path, tmp_path: Path) -> None:
    known = known_of(root)
    root.rename(tmp_path / "elsewhere")
    root.mkdir()
    with pytest.raises(NotFound):
        look(root, known)
    assert look(root, {}) == []


def test_that_a_root_may_be_a_single_file(root: Path) -> None:
    file = root / "a.txt"
    known = known_of(file)
    assert set(known) == {"."}
    assert look(file, known) == [Unchanged(".")]


def test_that_a_single_file_of_an_unknown_type_is_told_of(root: Path) -> None:
    (root / "x.bin").write_bytes(b"1")
    (change,) = look(root / "x.bin")
    assert isinstance(change, Unreadable)


@pytest.mark.parametrize(
    "name",
    [
        *(".hidden.txt", "~$letter.docx", "Thumbs.db", "program.exe", "empty.txt", "old.txt~"),
        *("__pycache__/m.py", "node_modules/m.js", ".git/config.txt", "app.min.js"),
    ],
)
def test_that_programs_own_and_unsupported_files_are_passed_over(root: Path, name: str) -> None:
    path = root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("" if name.startswith("empty") else "text")
    assert set(known_of(root)) == {"a.txt", "sub/b.md"}


def test_that_too_large_a_file_is_unreadable_and_not_removed(root: Path) -> None:
    known = known_of(root)
    (root / "a.txt").write_bytes(b"x" * (_ONE_MB + 1))
    (change,) = (change for change in look(root, known) if not isinstance(change, Unchanged))
    assert isinstance(change, Unreadable)
    assert (change.file.path, change.reason) == ("a.txt", "Too large")


def test_that_an_unreadable_file_is_tried_again(root: Path) -> None:
    known = known_of(root)
    old = known["a.txt"]
    known["a.txt"] = FileState("a.txt", old.size, old.mtime_ns, "")
    assert Changed(old) in look(root, known)


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_that_links_to_files_are_followed_and_loops_are_not(root: Path) -> None:
    (root / "link.txt").symlink_to(root / "a.txt")
    (root / "loop").symlink_to(root)
    (root / "broken.txt").symlink_to(root / "nowhere.txt")
    assert set(known_of(root)) == {"a.txt", "link.txt", "sub/b.md"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_that_pipes_are_never_opened(root: Path) -> None:
    os.mkfifo(root / "pipe.txt")
    (root / "link.txt").symlink_to(root / "pipe.txt")
    assert set(known_of(root)) == {"a.txt", "sub/b.md"}


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names that are no text")
def test_that_a_damaged_name_is_told_of_in_letters_that_can_be_stored(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.txt")).write_text("coffee")
    folder = root / os.fsdecode(b"dir\xff")
    folder.mkdir()
    (folder / "c.txt").write_text("inside")
    damaged = [change for change in look(root) if isinstance(change, Unreadable)]
    assert [change.file.path.encode() for change in damaged] == [b"caf\\udce9.txt", b"dir\\udcff"]


def test_that_what_lies_in_a_folder_that_cannot_be_opened_is_not_removed(
    closed: Path, root: Path
) -> None:
    known = {"sub/b.md": FileState("sub/b.md", 4, 1, "00")}
    changes = look(root, known)
    assert not [change for change in changes if isinstance(change, Removed)]
    assert [c.file.path for c in changes if isinstance(c, Unreadable)] == ["sub"]


def test_that_a_folder_that_stays_closed_is_told_of_at_every_look(closed: Path, root: Path) -> None:
    known = {"sub": FileState("sub", 0, 0, "")}
    changes = look(root, known)
    assert not [change for change in changes if isinstance(change, Removed)]
    assert [c.file.path for c in changes if isinstance(c, Unreadable)] == ["sub"]


@pytest.mark.parametrize("seconds", [-1e9, -3600.0, 3600.0, 1e9])
def test_that_a_clock_that_jumped_hides_no_change(root: Path, seconds: float) -> None:
    known = known_of(root)
    (root / "a.txt").write_text("ALPHA")
    then = known["a.txt"].mtime_ns + int(seconds * 1e9)
    os.utime(root / "a.txt", ns=(then, then))
    assert Changed in [type(change) for change in look(root, known)]


def test_that_a_file_that_just_changed_is_left_for_later_but_not_forgotten(root: Path) -> None:
    known = known_of(root)
    (root / "a.txt").write_text("half of")
    (root / "new.txt").write_text("half of")
    rules = scan.Rules(_ONE_MB, settle_s=60)
    changes = list(scan.scan(root, known, lambda: None, rules))
    assert changes == [Unsettled("a.txt"), Unsettled("new.txt"), Unchanged("sub/b.md")]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the time of change can be set")
def test_that_a_file_from_the_future_is_not_waited_for(root: Path) -> None:
    (root / "a.txt").write_text("from the future")
    ahead = time.time() + 1e6
    os.utime(root / "a.txt", (ahead, ahead))
    rules = scan.Rules(_ONE_MB, settle_s=60)
    changes = list(scan.scan(root, {}, lambda: None, rules))
    assert [type(c) for c in changes if not isinstance(c, Unsettled)] == [Added]


def test_that_what_is_newly_left_out_is_removed(root: Path) -> None:
    known = known_of(root)
    rules = scan.Rules(_ONE_MB, exclusions=Exclusions.of(["sub/"]))
    changes = list(scan.scan(root, known, lambda: None, rules))
    assert changes == [Unchanged("a.txt"), Removed("sub/b.md")]


def test_that_a_scan_can_be_cancelled(root: Path) -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        list(scan.scan(root, {}, stop, scan.Rules(_ONE_MB)))
