from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.ingest.exclude import Exclusions, Relevance
from engine.ingest.walk import Entry, walk


def put(root: Path, *files: str) -> None:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("text")


def paths(root: Path, *patterns: str) -> set[str]:
    entries = walk(root, Exclusions.of(patterns), (), lambda: None)
    return {entry.path for entry in entries if isinstance(entry, Entry)}


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["*.log"], {"a.txt", "drafts/b.txt", "drafts/deep/c.txt", "notes/drafts.txt"}),
        (["drafts/"], {"a.txt", "a.log", "notes/drafts.txt"}),
        (["/drafts/*.txt"], {"a.txt", "a.log", "drafts/deep/c.txt", "notes/drafts.txt"}),
        (["drafts/**", "!drafts/b.txt"], {"a.txt", "a.log", "drafts/b.txt", "notes/drafts.txt"}),
        (["*", "!a.txt"], {"a.txt"}),
        (["drafts/", "!drafts/b.txt"], {"a.txt", "a.log", "notes/drafts.txt"}),
        (["# a.txt", "", "  ", r"\#x"], None),
    ],
)
def test_that_patterns_mean_what_they_mean_to_git(
    tmp_path: Path, patterns: list[str], left: set[str] | None
) -> None:
    files = ("a.txt", "a.log", "drafts/b.txt", "drafts/deep/c.txt", "notes/drafts.txt")
    put(tmp_path, *files)
    assert paths(tmp_path, *patterns) == (set(files) if left is None else left)


def test_that_ignore_files_count_below_their_folder_and_the_inner_overrules(
    tmp_path: Path,
) -> None:
    put(tmp_path, "a.log", "in/a.log", "in/keep.log", "in/only.txt", "only.txt")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / "in" / ".gitignore").write_text("!keep.log\n/only.txt\n")
    assert paths(tmp_path) == {"in/keep.log", "only.txt"}


def test_that_the_settings_overrule_the_own_ignore_file_and_that_overrules_gits(
    tmp_path: Path,
) -> None:
    put(tmp_path, "a.txt", "b.txt", "c.txt")
    (tmp_path / ".gitignore").write_text("a.txt\nb.txt\n")
    (tmp_path / ".attuneignore").write_text("!a.txt\n!b.txt\nc.txt\n")
    assert paths(tmp_path) == {"a.txt", "b.txt"}
    assert paths(tmp_path, "b.txt") == {"a.txt"}


def test_that_builds_caches_and_environments_are_left_out_where_they_are_such(
    tmp_path: Path,
) -> None:
    put(tmp_path, "letters/build/plan.txt", "letters/target/goals.txt")
    put(tmp_path, "code/setup.py", "code/build/made.txt", "code/dist/made.txt")
    put(tmp_path, "cached/CACHEDIR.TAG", "cached/x.txt", "env/pyvenv.cfg", "env/lib/y.py")
    put(tmp_path, "node_modules/z.js", ".hidden/h.txt", "~$letter.docx", "Thumbs.db")
    expected = {"letters/build/plan.txt", "letters/target/goals.txt", "code/setup.py"}
    assert paths(tmp_path) == expected
    assert paths(tmp_path, "!.hidden/") == {*expected, ".hidden/h.txt"}


def test_that_gits_ignore_file_brings_back_nothing_that_is_left_out_by_default(
    tmp_path: Path,
) -> None:
    put(tmp_path, ".vscode/settings.json", "a.txt")
    (tmp_path / ".gitignore").write_text("!.vscode/\n!.vscode/settings.json\n")
    assert paths(tmp_path) == {"a.txt"}


@pytest.mark.parametrize("pattern", ["!", "/", "[z-a].txt", "a[", "\\", "a*b*c*d*e*f"])
def test_that_a_wrong_pattern_is_named(pattern: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Exclusions.of(["*.log", pattern])
    assert f"“{pattern}”" in refused.value.message


def test_that_a_hostile_ignore_file_neither_fails_nor_holds_up(tmp_path: Path) -> None:
    put(tmp_path, "a" * 200 + ".txt", "b.txt")
    stars = "*a" * 60 + "b"
    (tmp_path / ".gitignore").write_bytes(
        f"{stars}\n[z-a]\n\\\n!\n".encode() + b"\xff\xfe\nb.txt\n"
    )
    began = time.monotonic()
    assert paths(tmp_path) == {"a" * 200 + ".txt"}
    assert time.monotonic() - began < 2


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_that_it_agrees_with_git(tmp_path: Path) -> None:
    files = [
        *("a.txt", "a.log", "x/a.txt", "x/a.log", "x/y/a.txt", "x/y/b.md", "x/y/z/c.txt"),
        *("doc/a.txt", "doc/x/a.txt", "deep/doc/a.txt", "foo/bar/a.log", "foo/keep.log"),
        *("q1.txt", "q22.txt", "sp ace.txt", "!bang.txt", "#hash.txt", "z/foo/a.txt"),
    ]
    put(tmp_path, *files)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    lines = [
        *("*.log", "!foo/", "/doc/", "**/y/*", "!**/y/a.txt", "q?.txt", "q[0-9][0-9].txt"),
        *(
            "sp\\ ace.txt",
            "\\!bang.txt",
            "\\#hash.txt",
            "z/**/a.txt",
            "x/**/c.txt",
            "!foo/keep.log",
            *("foo/**", "!foo/bar/", "doc/**/", "*/foo/**", "**/", "!**/"),
        ),
    ]
    for until in range(len(lines) + 1):
        (tmp_path / ".gitignore").write_text("\n".join(lines[:until]))
        (tmp_path / "x" / ".gitignore").write_text("a.*\n!a.log\n" if until % 2 else "")
        listed = subprocess.run(
            ["git", "-C", tmp_path, "ls-files", "-z", "-o", "--exclude-per-directory=.gitignore"],
            check=True,
            capture_output=True,
        ).stdout.decode()
        kept = {name for name in listed.split("\0") if name and not name.endswith(".gitignore")}
        assert paths(tmp_path) == kept, lines[:until]


def test_that_only_changes_to_what_is_read_concern_the_library(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", ".git/index", "out/x.txt", "node_modules/m.js", "sub/.gitignore")
    (tmp_path / ".gitignore").write_text("out/\n")
    relevance = Relevance(tmp_path, Exclusions.of(["*.log"]))
    for told in ("a.txt", "new.pdf", "gone/deep", "sub/.gitignore", ".gitignore", "sub"):
        assert relevance.concerns(str(tmp_path / told)), told
    for told in (".git/index", "out/x.txt", "node_modules/m.js", "a.log", "b.txt.part", "~$a.docx"):
        assert not relevance.concerns(str(tmp_path / told)), told
