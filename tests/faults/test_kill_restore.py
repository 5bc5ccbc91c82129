"""A restore that is killed at any moment leaves the old library or the new one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.settings import Settings
from engine.storage import backup, settings
from engine.storage.library import open_library

_PROJECT = Path(__file__).parents[2]
_KILLS = 12
_RESTORE = """
import sys
from pathlib import Path
from engine.storage.library import restore_now
print("ready", flush=True)
restore_now(Path(sys.argv[1]), sys.argv[2])
print("restored", flush=True)
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library that takes some milliseconds to copy, with backups of 33 and 51 results a page."""
    library = open_library(tmp_path)
    draw = random.Random(1)
    for results in (33, 51):
        bulk = tuple(draw.randbytes(500_000).hex() for _ in range(10))
        with library.write() as connection:
            settings.save(connection, Settings(results=results, exclude=bulk))
        backup.make(tmp_path / "library.db", tmp_path / "backups", "asked")
    library.close()
    return tmp_path


def test_that_a_killed_restore_leaves_the_old_library_or_the_new_one(library: Path) -> None:
    draw = random.Random(2)
    names = [copy.name for copy in backup.every(library / "backups")]
    seen = set()
    killed = 0
    for round_ in range(_KILLS):
        restoring = subprocess.Popen(
            [sys.executable, "-c", _RESTORE, str(library), names[round_ % 2]],
            stdout=subprocess.PIPE,
            cwd=_PROJECT,
        )
        assert restoring.stdout
        assert restoring.stdout.readline() == b"ready\n"
        time.sleep(draw.uniform(0, 0.2))
        restoring.kill()
        killed += restoring.stdout.read() != b"restored\n"
        restoring.wait()
        opened = open_library(library)
        with opened.read() as connection:
            seen.add(settings.load(connection).results)
            assert connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        opened.close()
        for copy in backup.copies(library / "backups"):
            assert backup.trouble(copy.path) == ""
    assert seen == {33, 51}
    assert killed > 0
