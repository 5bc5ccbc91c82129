"""How fast files become searchable by keywords, beside Recoll on the same folder.

`python -m tests.benchmarks.recoll FOLDER [--rounds N]`, with the Debian package `recollcmd`
installed, and with it what it reads PDF and old Office files with (poppler-utils, antiword, unrtf,
xsltproc). Each indexes the folder from nothing, turn and turn about, without text in pictures.
Seconds are wall time from the start of the program; CPU seconds include child processes.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from engine.events import Event, Progress
from engine.requests import ChangeSettings, GetSettings, Sync
from engine.workspace import Workspace


def recoll(folder: Path, scratch: Path) -> None:
    """Index a folder with Recoll."""
    (scratch / "recoll.conf").write_text(f"topdirs = {folder.resolve()}\nloglevel = 1\n")
    subprocess.run(["recollindex", "-c", str(scratch)], check=True, capture_output=True)


def attune(folder: Path, scratch: Path) -> None:
    """Index a folder with Attune in a process that ends once every file is found by keywords."""
    program = f"from {_NAME} import until_searchable as run; run({str(folder)!r}, {str(scratch)!r})"
    subprocess.run([sys.executable, "-c", program], check=True)


_NAME = "tests.benchmarks.recoll"


def until_searchable(folder: str, scratch: str) -> None:
    """Index by keywords, and end this process where search by meaning would be prepared."""

    def hear(event: Event) -> None:
        if isinstance(event, Progress) and event.stage.startswith("Preparing"):
            for child in psutil.Process().children():
                child.kill()
                child.wait()  # Only now its time is part of this process's.
            os._exit(0)

    workspace = Workspace(Path(scratch), hear)
    settings = replace(workspace.get_settings(GetSettings()), ocr="off", gentle=False)
    workspace.remember([folder])
    workspace.change_settings(ChangeSettings(settings))
    workspace.wait(workspace.sync(Sync()).id)
    raise SystemExit("the job ended before search by meaning was prepared")


def measured(work: Callable[[Path, Path], None], folder: Path) -> tuple[float, float]:
    """Wall seconds and CPU seconds of a piece of work done by child processes."""
    with tempfile.TemporaryDirectory() as scratch:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        work(folder, Path(scratch))
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Measure and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    n_files = sum(path.is_file() for path in arguments.folder.rglob("*"))
    rounds: dict[str, list[tuple[float, float]]] = {"recoll": [], "attune": []}
    for _ in range(arguments.rounds):
        for name, work in (("recoll", recoll), ("attune", attune)):
            rounds[name].append(measured(work, arguments.folder))
    for name, found in rounds.items():
        wall, cpu = (statistics.median(values) for values in zip(*found, strict=True))
        print(f"{name}: {wall:.1f} s ({n_files / wall:,.0f} files/s), {cpu:.1f} CPU s", end="")
        print(f", {1000 * cpu / n_files:.1f} CPU s for 1,000 files; rounds", end=" ")
        print(", ".join(f"{seconds:.1f}" for seconds, _ in found))


if __name__ == "__main__":
    main()
