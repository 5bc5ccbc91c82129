"""Kills the engine at random moments of indexing, and compares the end with an undisturbed run.

The long form: `python -m tests.faults.kill_engine --kills 20`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.client import EngineClient
from engine.events import Cancelled, Event, Failed, Finished
from engine.requests import AddRoots, GetStatus, Judge, ListLabels, Search, Sync

FILES = 400
_WORDS = (Path(__file__).parents[2] / "LICENSE").read_text().split()


@dataclass(frozen=True)
class Outcome:
    """What a library holds in the end."""

    documents: list[tuple[str, str]]
    """Path and content hash of every file."""
    chunks: int
    lexical: int
    vectors: int
    judgments: int


class Window:
    """What a window knows of its engine."""

    def __init__(self, workspace: Path) -> None:
        self._ended = threading.Semaphore(0)
        self.client = EngineClient(workspace, self._hear, lambda state, error: None)
        self.failed: list[Failed] = []

    def _hear(self, event: Event) -> None:
        if isinstance(event, Failed):
            self.failed.append(event)
        if isinstance(event, Finished | Cancelled | Failed):
            self._ended.release()

    def wait_until_idle(self, timeout_s: float = 240) -> None:
        end = time.monotonic() + timeout_s
        while self.client.ask(GetStatus()).result(60).jobs:
            assert time.monotonic() < end, "indexing did not end"
            self._ended.acquire(timeout=0.2)

    def kill(self) -> None:
        """kill -9 of the engine and all that it started, before its client can restart it."""
        pid = self.client.engine_pid
        assert pid is not None
        self.client._closing.set()
        children = psutil.Process(pid).children(recursive=True)
        for process in (pid, *(child.pid for child in children)):
            try:
                os.kill(process, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            except (ProcessLookupError, OSError):
                continue
        self.client.close()


def make_files(folder: Path, seed: int = 7) -> None:
    """Text files of a few sentences, all different."""
    draw = random.Random(seed)
    for number in range(FILES):
        path = folder / f"part {number % 7}" / f"note {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Note {number}. " + " ".join(draw.choices(_WORDS, k=60)))


def run(workspace: Path, files: Path, kills: int, seed: int) -> Outcome:
    """Index `files`, killing the engine `kills` times; judging something after each start."""
    draw = random.Random(seed)
    judged = 0
    for round_ in range(kills):
        window = Window(workspace)
        if round_ == 0:
            window.client.ask(AddRoots((str(files),))).result(60)
        found = window.client.ask(Search(f"note {round_}", mode="lexical")).result(60).results
        if found:
            best = found[0]
            window.client.ask(Judge(f"query {round_}", best.document_id, 3, "seen")).result(60)
            judged += 1
        time.sleep(draw.uniform(0, 3))
        window.kill()
    window = Window(workspace)
    window.client.ask(AddRoots((str(files),))).result(60)
    window.client.ask(Sync()).result(60)
    window.wait_until_idle()
    assert not window.failed, window.failed
    status = window.client.ask(GetStatus()).result(60)
    labels = window.client.ask(ListLabels()).result(60)
    assert len(labels) == judged, f"{judged} judgments were acknowledged, {len(labels)} are left"
    window.client.close()
    library = sqlite3.connect(workspace / "library.db")
    assert library.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    documents = library.execute("SELECT path, content_hash FROM files ORDER BY path").fetchall()
    library.close()
    return Outcome(
        documents, status.n_chunks, status.lexical.done, status.vectors.done, len(labels)
    )


def main() -> None:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="attune-kills-"))
    make_files(folder / "files")
    calm = run(folder / "calm", folder / "files", 0, arguments.seed)
    began = time.monotonic()
    shutil.copytree(folder / "calm" / "models", folder / "killed" / "models")
    killed = run(folder / "killed", folder / "files", arguments.kills, arguments.seed)
    assert killed.documents == calm.documents
    assert (killed.chunks, killed.lexical, killed.vectors) == (
        calm.chunks,
        calm.lexical,
        calm.vectors,
    )
    print(
        f"{arguments.kills} kills in {time.monotonic() - began:.0f} s: opened each time, "
        f"{killed.judgments} judgments kept, {len(killed.documents)} files as undisturbed"
    )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
