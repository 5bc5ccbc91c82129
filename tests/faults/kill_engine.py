"""Kills the engine, what it started, or only its extractor at random moments of its work.

Files change all the while, judgments are given and backups made. In the end nothing that was
acknowledged is lost and the library is as that of an undisturbed run.

The long form: `python -m tests.faults.kill_engine --kills 200`.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.client import EngineClient
from engine.encoders.catalogue import BUNDLED, weights_folder
from engine.encoders.prepare import prepare_encoder
from engine.events import Cancelled, Event, Failed, Finished
from engine.requests import AddRoots, GetStatus, Judge, ListLabels, MakeBackup, Search, Sync
from engine.storage import backup

FILES = 400
_CHANGED_A_ROUND = 12
_KILLED_WHILE_OPENING = 0.25
_EXTRACTOR_KILLED = 0.3
_BACKED_UP = 0.3
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
    seconds_until_searchable: tuple[float, ...]
    """After each start, from the start of the process to the first answer."""


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

    def kill(self, *, children: bool = True) -> None:
        """kill -9 of the engine, and of all that it started, before its client can restart it."""
        self.client._closing.set()
        processes = self._children() if children else []
        for process in (psutil.Process(self._pid()), *processes):
            _kill(process)
        self.client.close()

    def kill_children(self) -> None:
        """kill -9 of what the engine started, while it goes on: the extractor, mostly."""
        for process in self._children():
            _kill(process)

    def _children(self) -> list[psutil.Process]:
        try:
            return list(psutil.Process(self._pid()).children(recursive=True))
        except psutil.NoSuchProcess:
            return []

    def _pid(self) -> int:
        end = time.monotonic() + 30
        while self.client.engine_pid is None:
            assert time.monotonic() < end, "the engine did not start"
            time.sleep(0.01)
        return self.client.engine_pid


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def make_files(folder: Path, seed: int = 7) -> None:
    """Text files of a few sentences, all different."""
    draw = random.Random(seed)
    for number in range(FILES):
        _write(folder, number, draw)


def change_files(folder: Path, seed: int) -> None:
    """Give a few of the files another text."""
    draw = random.Random(seed)
    for number in draw.sample(range(FILES), _CHANGED_A_ROUND):
        _write(folder, number, draw)


def _write(folder: Path, number: int, draw: random.Random) -> None:
    path = folder / f"part {number % 7}" / f"note {number}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Note {number}. " + " ".join(draw.choices(_WORDS, k=60)))


def run(workspace: Path, files: Path, kills: int, seed: int) -> Outcome:
    """Index `files`, which change, killing the engine `kills` times; in the end to the end."""
    draw = random.Random(seed)
    judged = 0
    seconds: list[float] = []
    for round_ in range(kills):
        change_files(files, seed + round_)
        began = time.monotonic()
        window = Window(workspace)
        if round_ and draw.random() < _KILLED_WHILE_OPENING:
            time.sleep(draw.uniform(0, 2))
            window.kill(children=draw.random() < 0.5)
            continue
        found = window.client.ask(Search(f"note {round_}", mode="lexical")).result(60).results
        seconds.append(time.monotonic() - began)
        if round_ == 0:
            window.client.ask(AddRoots((str(files),))).result(60)
        if found:
            best = found[0]
            window.client.ask(Judge(f"query {round_}", best.document_id, 3, "seen")).result(60)
            judged += 1
        if draw.random() < _BACKED_UP:
            window.client.ask(MakeBackup())
        time.sleep(draw.uniform(0, 2))
        if draw.random() < _EXTRACTOR_KILLED:
            window.kill_children()
            time.sleep(draw.uniform(0, 1))
        window.kill(children=draw.random() < 0.5)
    return _end(workspace, files, judged, tuple(seconds))


def _end(workspace: Path, files: Path, judged: int, seconds: tuple[float, ...]) -> Outcome:
    """Let indexing come to its end, and look at everything."""
    window = Window(workspace)
    window.client.ask(AddRoots((str(files),))).result(60)
    # A file whose reader was killed is listed as failed, as if it were to blame.
    window.client.ask(Sync(retry_failed=True)).result(60)
    window.wait_until_idle()
    assert not window.failed, window.failed
    status = window.client.ask(GetStatus()).result(60)
    labels = window.client.ask(ListLabels()).result(60)
    assert len(labels) == judged, f"{judged} judgments were acknowledged, {len(labels)} are left"
    window.client.close()
    for copy in backup.copies(workspace / "backups"):
        assert backup.trouble(copy.path) == "", copy.path
    library = sqlite3.connect(workspace / "library.db")
    assert library.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    documents = library.execute("SELECT path, content_hash FROM files ORDER BY path").fetchall()
    library.close()
    return Outcome(
        documents, status.n_chunks, status.lexical.done, status.vectors.done, len(labels), seconds
    )


def main() -> None:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="attune-kills-"))
    make_files(folder / "files")
    model = BUNDLED[0]
    onnx = folder / "killed" / "models" / model.id / "onnx"  # it takes longer than between kills
    prepare_encoder(model, weights_folder(model.id), onnx, lambda: None)
    began = time.monotonic()
    killed = run(folder / "killed", folder / "files", arguments.kills, arguments.seed)
    took = time.monotonic() - began
    shutil.copytree(folder / "killed" / "models", folder / "calm" / "models")
    calm = run(folder / "calm", folder / "files", 0, arguments.seed)
    assert killed.documents == calm.documents
    assert (killed.chunks, killed.lexical, killed.vectors) == (
        calm.chunks,
        calm.lexical,
        calm.vectors,
    )
    seconds = killed.seconds_until_searchable
    print(
        f"{arguments.kills} kills in {took:.0f} s: unopenable 0, acknowledged judgments lost 0 of "
        f"{killed.judgments}, {len(killed.documents)} files as undisturbed; searchable after "
        f"{statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (max)"
    )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
