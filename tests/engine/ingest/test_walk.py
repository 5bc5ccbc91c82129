from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.errors import NotFound
from engine.ingest.exclude import NOTHING, Exclusions
from engine.ingest.walk import Entry, walk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")


def paths(root: Path, elsewhere: Sequence[Path] = (), left_out: Exclusions = NOTHING) -> list[str]:
    entries = walk(root, left_out, elsewhere, lambda: None)
    return sorted(entry.path for entry in entries if isinstance(entry, Entry))


def put(file: Path, text: str = "text") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path / "root" / "sub" / "a.txt")
    return tmp_path / "root"


def test_that_a_link_to_a_folder_elsewhere_is_followed(root: Path, tmp_path: Path) -> None:
    put(tmp_path / "other" / "deep" / "b.txt")
    (root / "link").symlink_to(tmp_path / "other")
    assert paths(root) == ["link/deep/b.txt", "sub/a.txt"]


def test_that_a_folder_in_the_root_goes_by_its_real_name(root: Path) -> None:
    (root / "aaa").symlink_to(root / "sub")
    assert paths(root) == ["sub/a.txt"]


def test_that_two_links_to_one_folder_are_one(root: Path, tmp_path: Path) -> None:
    put(tmp_path / "other" / "b.txt")
    (root / "one").symlink_to(tmp_path / "other")
    (root / "two").symlink_to(tmp_path / "other")
    assert paths(root) == ["one/b.txt", "sub/a.txt"]


def test_that_links_make_no_loop_however_they_are_laid(root: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other" / "b.txt").parent
    (root / "up").symlink_to(root.parent)
    (root / "sub" / "self").symlink_to(".")
    (root / "out").symlink_to(other)
    (other / "back").symlink_to(root)
    (other / "again").symlink_to(other)
    assert paths(root) == ["out/b.txt", "sub/a.txt"]


def test_that_no_link_leads_into_what_is_looked_at_elsewhere(root: Path, tmp_path: Path) -> None:
    state = put(tmp_path / "all" / "state" / "jobs" / "log.txt").parents[1]
    put(tmp_path / "all" / "c.txt")
    (root / "all").symlink_to(tmp_path / "all")
    (root / "jobs").symlink_to(state / "jobs")
    assert paths(root, elsewhere=(state,)) == ["all/c.txt", "sub/a.txt"]


def test_that_a_linked_folder_can_be_left_out(root: Path, tmp_path: Path) -> None:
    put(tmp_path / "other" / "b.txt")
    (root / "link").symlink_to(tmp_path / "other")
    assert paths(root, left_out=Exclusions.of(["link/"])) == ["sub/a.txt"]


def test_that_a_root_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "door").symlink_to(root)
    assert paths(tmp_path / "door") == ["sub/a.txt"]


def test_that_a_missing_root_is_away(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        paths(tmp_path / "nowhere")


def test_that_a_link_to_nothing_or_to_a_device_is_passed_over(root: Path) -> None:
    (root / "gone.txt").symlink_to(root / "nowhere")
    (root / "null.txt").symlink_to(os.devnull)
    assert paths(root) == ["sub/a.txt"]
