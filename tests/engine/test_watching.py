"""Keeping current, on a real workspace."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.events import Cancelled, Event, Finished
from engine.requests import (
    AddRoots,
    ChangeSettings,
    GetSettings,
    GetStatus,
    ListFailures,
    RemoveRoot,
    RetryFiles,
    Search,
    Sync,
)
from engine.settings import Settings
from engine.workspace import Workspace


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "first.txt").write_text("The heron stands in the shallow water.")
    return folder


@pytest.fixture
def workspace(library_folder: Path) -> Iterator[Workspace]:
    heard: list[Event] = []
    with Workspace(library_folder, heard.append) as opened:
        yield opened


@pytest.fixture
def started(workspace: Workspace, notes: Path) -> Workspace:
    workspace.start()
    workspace.add_roots(AddRoots((str(notes),)))
    until(lambda: found(workspace, "heron") == {"first.txt"})
    time.sleep(0.5)
    return workspace


def found(workspace: Workspace, query: str) -> set[str]:
    results = workspace.search(Search(query, mode="lexical")).results
    return {Path(result.document).name for result in results}


def until(holds: Callable[[], bool], timeout_s: float = 12.0) -> None:
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_that_what_happens_in_a_folder_is_soon_found(started: Workspace, notes: Path) -> None:
    (notes / "second.txt").write_text("A kingfisher dives for minnows.")
    until(lambda: found(started, "kingfisher") == {"second.txt"})
    (notes / "second.txt").rename(notes / "third.txt")
    until(lambda: found(started, "kingfisher") == {"third.txt"})
    (notes / "third.txt").unlink()
    until(lambda: found(started, "kingfisher") == set())
    assert found(started, "heron") == {"first.txt"}


def test_that_a_file_that_is_being_written_waits_until_it_is_whole(
    started: Workspace, notes: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        with (notes / "growing.txt").open("w") as file:
            while not stop.wait(0.2):
                file.write("osprey ")
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(3)
    assert found(started, "osprey") == set()
    stop.set()
    writer.join()
    until(lambda: found(started, "osprey") == {"growing.txt"}, timeout_s=20)


def test_that_watching_can_be_turned_off_and_on(started: Workspace, notes: Path) -> None:
    started.change_settings(ChangeSettings(Settings(watch=False)))
    (notes / "second.txt").write_text("A kingfisher dives for minnows.")
    os.utime(notes / "second.txt", (1_000_000_000, 1_000_000_000))
    time.sleep(3)
    assert found(started, "kingfisher") == set()
    started.change_settings(ChangeSettings(Settings(watch=True)))
    until(lambda: found(started, "kingfisher") == {"second.txt"})


def test_that_a_workspace_that_was_not_started_does_not_watch(
    workspace: Workspace, notes: Path
) -> None:
    workspace.remember([str(notes)])
    workspace.wait(workspace.sync(Sync()).id)
    (notes / "second.txt").write_text("A kingfisher dives for minnows.")
    time.sleep(3)
    assert found(workspace, "kingfisher") == set()
    assert not [t for t in threading.enumerate() if t.name.startswith("watching")]


def test_that_closing_ends_every_watch_within_a_second(library_folder: Path, notes: Path) -> None:
    workspace = Workspace(library_folder, lambda event: None)
    workspace.start()
    workspace.add_roots(AddRoots((str(notes),)))[0]
    until(lambda: found(workspace, "heron") == {"first.txt"})
    until(lambda: not workspace.get_status(GetStatus()).jobs)
    began = time.monotonic()
    workspace.close()
    assert time.monotonic() - began < 1
    assert not [t for t in threading.enumerate() if t.name.startswith("watching")]


def test_that_a_removed_root_is_watched_no_more(started: Workspace, notes: Path) -> None:
    root = next(r for r in started.get_status(GetStatus()).roots if r.path == str(notes))
    started.remove_root(RemoveRoot(root.id))
    until(lambda: not [t for t in threading.enumerate() if t.name == f"watching {notes}"], 3)


def test_that_what_the_settings_leave_out_leaves_the_library_and_comes_back(
    workspace: Workspace, notes: Path
) -> None:
    workspace.remember([str(notes)])
    workspace.wait(workspace.sync(Sync()).id)
    assert found(workspace, "heron") == {"first.txt"}
    workspace.change_settings(ChangeSettings(Settings(exclude=("fir*.txt",))))
    until(lambda: found(workspace, "heron") == set())
    workspace.change_settings(ChangeSettings(Settings()))
    until(lambda: found(workspace, "heron") == {"first.txt"})


def test_that_a_wrong_pattern_is_refused_and_the_settings_stay(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="a\\["):
        workspace.change_settings(ChangeSettings(Settings(exclude=("a[",))))
    assert workspace.get_settings(GetSettings()).exclude == ()


def test_that_indexing_makes_way_for_files_that_are_asked_for_and_goes_on(
    workspace: Workspace, notes: Path
) -> None:
    (notes / "blank.txt").write_text("  \n")
    workspace.remember([str(notes)])
    workspace.wait(workspace.sync(Sync()).id)
    (failure,) = workspace.list_failures(ListFailures())
    for n in range(400):
        (notes / f"{n}.txt").write_text(f"Sighting {n} of a bittern.")
    running, waiting = workspace.sync(Sync()), workspace.sync(Sync())
    until(lambda: workspace.get_status(GetStatus()).jobs[0].state == "running")
    retry = workspace.retry_files(RetryFiles((failure.file_id,)))
    assert isinstance(workspace.wait(running.id), Cancelled)
    assert isinstance(workspace.wait(waiting.id), Cancelled)
    assert isinstance(workspace.wait(retry.id), Finished)
    assert workspace.get_status(GetStatus()).jobs[0].title == "Indexing"
    until(lambda: not workspace.get_status(GetStatus()).jobs, timeout_s=60)
    assert workspace.get_status(GetStatus()).n_files == 402
