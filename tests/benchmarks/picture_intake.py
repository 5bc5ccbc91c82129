"""Pictures taken in: `python -m tests.benchmarks.picture_intake FOLDER [--workspace DIR]`.

Indexes a folder of pictures into a workspace (a new one, unless it is given; the model for pictures
is prepared before the clock starts) and prints pictures a second from the first that is looked at
to the last, thumbnails and vectors with it, and the memory of the engine and of the process that
reads files at each tenth.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import psutil

from engine.events import Event, Finished, Progress
from engine.requests import ChangeSettings, Sync
from engine.settings import Settings
from engine.workspace import Workspace

_STAGE = "Looking at pictures"
_MIB = 1 << 20


class Meter:
    """Takes time and memory as pictures go by."""

    def __init__(self) -> None:
        self.began = 0.0
        self.ended = 0.0
        self.total = 0
        self._tenth = 0

    def heard(self, event: Event) -> None:
        """Look at the clock and at the processes."""
        if not isinstance(event, Progress) or event.stage != _STAGE or not event.total:
            return
        now = time.perf_counter()
        self.began, self.ended, self.total = self.began or now, now, event.total
        if event.done * 10 // event.total > self._tenth:
            self._tenth = event.done * 10 // event.total
            engine = psutil.Process(os.getpid())
            readers = sum(child.memory_info().rss for child in engine.children(recursive=True))
            own = engine.memory_info().rss
            rate = event.done / max(now - self.began, 1e-9)
            print(
                f"{event.done:7,} pictures  {rate:6.1f} a second"
                f"  engine {own // _MIB:5} MiB  reader {readers // _MIB:5} MiB",
                flush=True,
            )


def main() -> None:
    """Index the folder and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workspace", type=Path)
    arguments = parser.parse_args()
    meter = Meter()
    with (
        tempfile.TemporaryDirectory() as new,
        Workspace(arguments.workspace or Path(new), meter.heard) as workspace,
    ):
        workspace.change_settings(ChangeSettings(Settings(ocr="off")))
        workspace.load()
        workspace.remember([str(arguments.folder.resolve())])
        end = workspace.wait(workspace.sync(Sync()).id)
        assert isinstance(end, Finished), end
    seconds = meter.ended - meter.began
    rate = meter.total / max(seconds, 1e-9)
    print(f"{meter.total:,} pictures in {seconds:.1f} s: {rate:.1f} a second")


if __name__ == "__main__":
    main()
