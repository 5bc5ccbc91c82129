"""The window's start and its stalls: `python -m tests.benchmarks.window FOLDER [--runs N]`.

Each run is a fresh process with an empty workspace. It is timed from the start of the process to
the first painted window; then FOLDER is indexed while a timer of the window's event loop notes how
late it comes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_TICK_MS = 5


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        inside(arguments.inside, arguments.folder)
        return
    drawn, stalls = [], []
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as workspace:
            said = subprocess.run(
                [
                    *(sys.executable, "-m", "tests.benchmarks.window"),
                    *(str(arguments.folder), "--inside", workspace),
                ],
                check=True,
                capture_output=True,
                text=True,
            ).stdout.split()
        drawn.append(float(said[0]))
        stalls.append(float(said[1]))
        print(f"drawn after {drawn[-1]:.2f} s, longest stall {stalls[-1]:.0f} ms", flush=True)
    print(
        f"median: drawn after {statistics.median(drawn):.2f} s, "
        f"longest stall {statistics.median(stalls):.0f} ms"
    )


def inside(workspace: Path, folder: Path) -> None:
    """One run: prints the seconds to the first paint and the longest stall in ms."""
    import psutil
    from PySide6.QtCore import QSettings, QTimer
    from PySide6.QtWidgets import QApplication

    from engine.client import EngineClient
    from engine.events import Cancelled, Failed, Finished
    from engine.requests import AddRoots
    from gui.background import Engine
    from gui.main_window import MainWindow
    from gui.theme import Theme

    app = QApplication(sys.argv[:1])
    memory = QSettings(str(workspace / "window.ini"), QSettings.Format.IniFormat)
    engine = Engine(lambda event, state: EngineClient(workspace / "library", event, state))
    window = MainWindow(engine, Theme(app), memory, workspace / "library")
    window.show()
    app.processEvents()
    window.grab()
    drawn = time.time() - psutil.Process().create_time()

    ended: list[object] = []
    engine.event_heard.connect(
        lambda event: ended.append(event) if isinstance(event, Finished | Cancelled | Failed) else 0
    )
    engine.ask(AddRoots((str(folder.absolute()),)), lambda roots: None)
    ticked = time.perf_counter()
    longest = 0.0

    def tick() -> None:
        nonlocal ticked, longest
        now = time.perf_counter()
        longest = max(longest, (now - ticked) * 1000 - _TICK_MS)
        ticked = now
        if len(ended) >= 2:  # what the start syncs, and what was added
            app.quit()

    timer = QTimer(interval=_TICK_MS)
    timer.timeout.connect(tick)
    timer.start()
    app.exec()
    engine.close()
    print(drawn, longest)


if __name__ == "__main__":
    main()
