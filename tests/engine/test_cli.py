"""The commands as a program calls them: JSON on standard output, exit codes that mean something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from engine.workspace import Workspace
from tests.photographs import encoded, scene

PROJECT = Path(__file__).parents[2]


def attune(workspace: Path, *arguments: str) -> tuple[int, Any, str]:
    """Exit code, JSON output (None where there is none) and error output of a command."""
    done = subprocess.run(
        [sys.executable, PROJECT / "main.py", "--workspace", workspace, *arguments],
        capture_output=True,
        text=True,
        cwd=workspace.parent,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def test_that_the_commands_index_search_and_tell_how_the_library_stands(
    library_folder: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "tap.txt").write_text("Replace the washer when the tap drips.")
    (notes / "roses.md").write_text("# Roses\n\nPrune at the end of winter.")
    (notes / "broken.pdf").write_bytes(b"%PDF-1.7 no")
    code, report, _ = attune(library_folder, "add", str(notes))
    assert (code, report["added"], report["failed"]) == (0, 3, 1)
    assert report["failures"][0]["path"] == str(notes / "broken.pdf")

    code, found, _ = attune(library_folder, "search", "dripping water in the bathroom", "-k", "1")
    assert code == 0
    assert found.keys() >= {"query", "mode", "took_ms", "results"}
    (result,) = found["results"]
    assert result["document"] == str(notes / "tap.txt")
    assert result["rank"] == 1
    assert result["scores"]["dense"]["rank"] == 1
    assert result["passages"][0].keys() == {"text", "start", "end", "page"}

    code, found, _ = attune(
        library_folder, "search", "winter", "--mode", "lexical", "--type", "txt"
    )
    assert (code, found["results"]) == (0, [])

    code, status, _ = attune(library_folder, "status")
    assert status["status"]["n_documents"] == 2
    assert status["status"]["vectors"]["state"] == "ready"


def test_that_exit_codes_tell_failure_wrong_usage_and_a_library_in_use_apart(
    library_folder: Path, tmp_path: Path
) -> None:
    code, output, error = attune(library_folder, "add", str(tmp_path / "nowhere"))
    assert (code, output) == (1, None)
    assert "nowhere" in error.replace("\n", "")
    assert attune(library_folder, "search", "words", "--mode", "sideways")[0] == 2
    assert attune(library_folder, "evaluate", "no such set")[0] == 1
    with Workspace(library_folder, lambda event: None):
        assert attune(library_folder, "status")[0] == 4


def test_that_a_library_that_is_damaged_is_restored_by_command(library_folder: Path) -> None:
    code, backup, _ = attune(library_folder, "backup")
    assert (code, backup["reason"]) == (0, "asked")
    (library_folder / "library.db").write_bytes(b"damaged" * 1000)
    code, _, error = attune(library_folder, "status")
    assert code == 1
    assert backup["name"] in error.replace("\n", "")
    code, copies, _ = attune(library_folder, "restore")
    assert (code, [copy["name"] for copy in copies]) == (0, [backup["name"]])
    code, restored, _ = attune(library_folder, "restore", backup["name"])
    assert (code, restored) == (0, {"restored": backup["name"]})
    assert attune(library_folder, "status")[0] == 0
    code, report, _ = attune(library_folder, "doctor")
    assert code == 0
    assert {finding["state"] for finding in report["findings"]} == {"sound"}


def test_that_pictures_are_searched_by_picture_and_by_kind(
    picture_library_folder: Path, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for n in range(3):
        (files / f"IMG_{n}.jpg").write_bytes(encoded(scene(n)))
    (files / "photo.txt").write_text("How to take a good photo of shapes.")
    assert attune(picture_library_folder, "add", str(files))[0] == 0
    like = tmp_path / "like.png"
    like.write_bytes(encoded(scene(1), "PNG"))
    code, found, _ = attune(picture_library_folder, "search", "--image", str(like), "-k", "1")
    (result,) = found["results"]
    assert (code, result["document"]) == (0, str(files / "IMG_1.jpg"))
    assert (result["picture"]["width"], result["picture"]["height"]) == (320, 240)
    _, found, _ = attune(picture_library_folder, "search", "photo of shapes", "--kind", "image")
    assert len(found["results"]) == 3
    _, found, _ = attune(picture_library_folder, "search", "photo of shapes", "--kind", "text")
    assert [result["document"] for result in found["results"]] == [str(files / "photo.txt")]
