"""How long a look at many small files takes when nothing changed, and how much memory.

`python -m tests.benchmarks.scan [FILES]`: makes them in a temporary folder (100,000 unless told),
notes them in a library as if they had been read, and looks at them in a process of its own.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from engine.events import Event
from engine.ingest import scan
from engine.ingest.chunk import CHUNKER_VERSION
from engine.ingest.extract import Extractor
from engine.ingest.look import Tally
from engine.ingest.pipeline import ingest_root
from engine.jobs.job import Job
from engine.records import Extracted
from engine.storage import documents, roots
from engine.storage.documents import Cut
from engine.storage.library import open_library

_FILES_A_FOLDER = 100
_RULES = scan.Rules(1 << 20)
_MB = 1024 * 1024


def main() -> None:
    """Make the files, then print what looking at them costs."""
    n_files = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        root = home / "root"
        for n in range(n_files):
            within = root / f"{n // 10_000}" / f"{n // _FILES_A_FOLDER}"
            if n % _FILES_A_FOLDER == 0:
                within.mkdir(parents=True)
            (within / f"note number {n}.txt").write_text(f"Note {n}: nothing much.")
        began = time.perf_counter()
        found = [c.file for c in scan.scan(root, {}, _go_on, _RULES) if isinstance(c, scan.Added)]
        print(f"first look, with hashing: {time.perf_counter() - began:.1f} s")
        (home / "workspace").mkdir()
        library = open_library(home / "workspace")
        with library.write() as connection:
            root_id = roots.add(connection, root, "folder").id
            for file in found:
                extracted = Extracted(file.path, file.path, "text/plain")
                document_id = documents.put(
                    connection, file.content_hash, extracted, Cut(), CHUNKER_VERSION
                )
                documents.put_file(connection, root_id, file, document_id)
        library.close()
        again = multiprocessing.get_context("spawn").Process(
            target=_look_again, args=(home / "workspace",)
        )
        again.start()
        again.join()


def _look_again(workspace: Path) -> None:
    library = open_library(workspace)
    with library.read() as connection:
        (root,) = roots.every(connection)
    extractor, tally = Extractor(), Tally()
    process = psutil.Process()
    before = peak = process.memory_info().rss
    done = threading.Event()

    def watch_memory() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, process.memory_info().rss)

    watching = threading.Thread(target=watch_memory)
    watching.start()
    for name in ("first", "second"):
        began, cpu = time.perf_counter(), sum(process.cpu_times()[:2])
        job = Job("index", "Looking", _hear)
        ingest_root(
            library,
            root,
            extractor,
            job,
            _go_on,
            tally,
            rules=_RULES,
            retry_failed=False,
        )
        print(
            f"{name} look, nothing changed: {time.perf_counter() - began:.2f} s, "
            f"{sum(process.cpu_times()[:2]) - cpu:.2f} s of one core, of which walking and "
            f"comparing {tally.look_s:.2f} s"
        )
        tally.look_s = 0.0
    done.set()
    watching.join()
    print(
        f"memory: {before / _MB:.0f} MB before, {peak / _MB:.0f} MB at most, "
        f"{process.memory_info().rss / _MB:.0f} MB after"
    )


def _go_on() -> None:
    """Nothing to stop for."""


def _hear(event: Event) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    main()
