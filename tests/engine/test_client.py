"""The engine across the process boundary: real engines, really killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.client import EngineClient, EngineState
from engine.errors import (
    EngineError,
    EngineGone,
    InvalidInput,
    LibraryUnreadable,
    NotFound,
    WorkspaceLocked,
)
from engine.events import Event
from engine.requests import (
    AddRoots,
    GetDocument,
    GetStatus,
    GiveThumb,
    Judge,
    ListBackups,
    ListLabels,
    MakeBackup,
    RestoreBackup,
    Search,
)


class Window:
    """What a window hears of its engine."""

    def __init__(self, workspace: Path) -> None:
        self.states: list[EngineState] = []
        self.error: EngineError | None = None
        self.events: list[Event] = []
        self._changed = threading.Condition()
        self.client = EngineClient(workspace, self.events.append, self._become)

    def _become(self, state: EngineState, error: EngineError | None) -> None:
        with self._changed:
            self.states.append(state)
            self.error = error
            self._changed.notify_all()

    def wait_for(self, state: EngineState, times: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.states.count(state) >= times, 60), (
                f"{state} did not come: {self.states}"
            )

    def kill_engine(self) -> None:
        pid = self.client.engine_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)


Open = Callable[[Path], Window]


@pytest.fixture
def open_window() -> Iterator[Open]:
    opened: list[Window] = []

    def open_(workspace: Path) -> Window:
        opened.append(Window(workspace))
        return opened[-1]

    yield open_
    for window in opened:
        window.client.close()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "apples.txt").write_text("Apples ripen in September.")
    return folder


def found_soon(window: Window, query: str) -> int:
    """Search until indexing has got that far; returns the best document."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        results = window.client.ask(Search(query, mode="lexical")).result(60).results
        if results:
            return results[0].document_id
        time.sleep(0.1)
    raise AssertionError(f"“{query}” was not found")


def test_that_questions_asked_before_the_engine_is_ready_are_answered(
    library_folder: Path, open_window: Open
) -> None:
    window = open_window(library_folder)
    answers = [window.client.ask(GetStatus()) for _ in range(5)]
    assert {answer.result(60).n_files for answer in answers} == {0}
    assert window.states == ["starting", "ready"]


def test_that_errors_arrive_as_what_they_are(library_folder: Path, open_window: Open) -> None:
    window = open_window(library_folder)
    with pytest.raises(NotFound):
        window.client.ask(GetDocument(99)).result(60)
    with pytest.raises(InvalidInput, match="nothing to search"):
        window.client.ask(Search("   ")).result(60)
    with pytest.raises(NotFound, match="does not exist"):
        window.client.ask(AddRoots((str(library_folder / "missing"),))).result(60)


def test_that_a_cancelled_question_is_never_answered(
    library_folder: Path, open_window: Open
) -> None:
    window = open_window(library_folder)
    window.wait_for("ready")
    future = window.client.ask(Search("anything"))
    window.client.cancel(future)
    assert future.cancelled()
    assert window.client.ask(GetStatus()).result(60).n_files == 0


def test_that_a_killed_engine_comes_back_with_all_that_was_acknowledged(
    library_folder: Path, notes: Path, open_window: Open
) -> None:
    window = open_window(library_folder)
    window.client.ask(AddRoots((str(notes),))).result(60)
    document = found_soon(window, "apples")
    window.client.ask(GiveThumb("apples", document, 1, "Apples ripen")).result(60)
    window.kill_engine()
    window.wait_for("ready", times=2)
    assert "restarting" in window.states
    (label,) = window.client.ask(ListLabels()).result(60)
    assert (label.query, label.value) == ("apples", 1)
    assert found_soon(window, "ripen") == document


def test_that_a_question_in_flight_fails_when_the_engine_dies(
    library_folder: Path, open_window: Open
) -> None:
    window = open_window(library_folder)
    window.wait_for("ready")
    os.kill(window.client.engine_pid or 0, signal.SIGSTOP)
    future = window.client.ask(GetStatus())
    time.sleep(0.2)
    window.kill_engine()
    with pytest.raises(EngineGone):
        future.result(60)


def test_that_an_engine_that_keeps_dying_is_given_up_with_words(
    library_folder: Path, open_window: Open
) -> None:
    window = open_window(library_folder)
    for times in range(1, 5):
        window.wait_for("ready", times)
        window.kill_engine()
    window.wait_for("stopped")
    assert window.error is not None
    assert "Restart the program" in window.error.hint
    with pytest.raises(EngineGone):
        window.client.ask(GetStatus()).result(5)


def test_that_a_second_window_on_the_same_library_is_refused(
    library_folder: Path, open_window: Open
) -> None:
    first = open_window(library_folder)
    first.wait_for("ready")
    second = open_window(library_folder)
    second.wait_for("refused")
    assert isinstance(second.error, WorkspaceLocked)
    with pytest.raises(WorkspaceLocked):
        second.client.ask(GetStatus()).result(5)
    assert first.client.ask(GetStatus()).result(60).n_files == 0


def test_that_closing_ends_the_engine_and_frees_the_library(
    library_folder: Path, open_window: Open
) -> None:
    first = open_window(library_folder)
    first.wait_for("ready")
    first.client.close()
    second = open_window(library_folder)
    second.wait_for("ready")


def test_that_restoring_starts_the_engine_anew_without_counting_as_a_crash(
    library_folder: Path, notes: Path, open_window: Open
) -> None:
    window = open_window(library_folder)
    window.client.ask(AddRoots((str(notes),))).result(60)
    document = found_soon(window, "apples")
    window.client.ask(GiveThumb("apples", document, 1, "Apples ripen")).result(60)
    backup = window.client.ask(MakeBackup()).result(60)
    assert (backup.reason, backup.n_labels) == ("asked", 1)
    for times in range(2, 6):  # more often than an engine may die
        window.client.ask(GiveThumb("apples", document, -1, "Apples ripen")).result(60)
        window.client.ask(RestoreBackup(backup.name)).result(60)
        window.wait_for("ready", times)
        (label,) = window.client.ask(ListLabels()).result(60)
        assert label.value == 1
    assert "restarting" not in window.states
    assert found_soon(window, "ripen") == document
    kept = window.client.ask(ListBackups()).result(60)
    assert [copy.reason for copy in kept] == ["restore"] * 4 + ["asked"]


def judged_and_damaged(folder: Path, notes: Path, open_window: Open) -> list[str]:
    """Judge twice with a backup between, and damage library.db; returns the backups, newest first.

    The newest of them is damaged too.
    """
    window = open_window(folder)
    window.client.ask(AddRoots((str(notes),))).result(60)
    document = found_soon(window, "apples")
    window.client.ask(Judge("apples", document, 3, "Apples ripen")).result(60)
    names = [window.client.ask(MakeBackup()).result(60).name for _ in range(2)]
    window.client.ask(Judge("ripe fruit", document, 1, "Apples ripen")).result(60)
    window.client.close()
    for file in (folder / "library.db", folder / "backups" / names[-1]):
        with file.open("rb+") as stream:
            stream.write(b"no database at all" * 10)
    return names[::-1]


def test_that_a_damaged_library_is_put_back_from_a_backup_while_refused(
    library_folder: Path, notes: Path, open_window: Open
) -> None:
    damaged, sound = judged_and_damaged(library_folder, notes, open_window)
    window = open_window(library_folder)
    window.wait_for("refused")
    assert isinstance(window.error, LibraryUnreadable)
    assert sound in window.error.hint
    with pytest.raises(LibraryUnreadable):
        window.client.ask(GetStatus()).result(5)
    (offered,) = window.client.ask(ListBackups()).result(60)
    assert (offered.name, offered.n_labels) == (sound, 1)
    with pytest.raises(EngineError, match="The backup is damaged"):
        window.client.ask(RestoreBackup(damaged)).result(60)
    window.client.ask(RestoreBackup(sound)).result(60)
    window.wait_for("ready")
    (label,) = window.client.ask(ListLabels()).result(60)
    assert (label.query, label.value) == ("apples", 3)
    assert (library_folder / "library.db.damaged-1").read_bytes().startswith(b"no database")
    assert window.states == ["starting", "refused", "starting", "ready"]


def test_that_a_refused_library_opens_once_what_was_wrong_is_gone(
    library_folder: Path, open_window: Open
) -> None:
    first = open_window(library_folder)
    first.wait_for("ready")
    second = open_window(library_folder)
    second.wait_for("refused")
    second.client.open_again()
    second.wait_for("refused", 2)
    first.client.close()
    second.client.open_again()
    second.wait_for("ready")
    assert second.client.ask(GetStatus()).result(60).n_files == 0


def test_that_closing_while_refused_ends_the_engine(
    library_folder: Path, open_window: Open
) -> None:
    (library_folder / "library.db").write_bytes(b"no database at all" * 100)
    window = open_window(library_folder)
    window.wait_for("refused")
    assert window.client.ask(ListBackups()).result(60) == ()
    began = time.monotonic()
    window.client.close()
    assert time.monotonic() - began < 5
