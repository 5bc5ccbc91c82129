from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ATTEMPT = """
import os, socket, subprocess, sys, threading
from pathlib import Path
from engine.ingest.rights import give_up_rights
held = give_up_rights()
try:
    {attempt}
except OSError as error:
    print("refused")
else:
    print("done")
"""


def attempt(what: str, folder: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", _ATTEMPT.format(attempt=what)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "FOLDER": str(folder)},
    )
    return ran.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms give up less")
@pytest.mark.parametrize(
    "what",
    [
        "Path(os.environ['FOLDER'], 'new').write_text('x')",
        "Path(os.environ['FOLDER'], 'old').write_text('x')",
        "Path(os.environ['FOLDER'], 'old').unlink() if 'no writing' in held else os.open('', 0)",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket() if 'no calls' in held else os.open('', 0)",
        "subprocess.run(['/bin/true']) if 'no calls' in held else os.open('', 0)",
        "os.kill(os.getppid(), 0) if 'no calls' in held else os.open('', 0)",
    ],
    ids=["make", "change", "remove", "connect", "socket", "program", "signal"],
)
def test_that_reading_files_allows_nothing_else(tmp_path: Path, what: str) -> None:
    (tmp_path / "old").write_text("kept")
    assert attempt(what, tmp_path) == "refused"
    assert (tmp_path / "old").read_text() == "kept"
    assert not (tmp_path / "new").exists() or not (tmp_path / "new").read_text()


@pytest.mark.parametrize(
    "what",
    [
        "assert Path(os.environ['FOLDER'], 'old').read_text() == 'kept'",
        "open(os.devnull, 'w').write('x')",
        "thread = threading.Thread(target=print); thread.start(); thread.join()",
    ],
    ids=["read", "null", "thread"],
)
def test_that_what_reading_needs_still_works(tmp_path: Path, what: str) -> None:
    (tmp_path / "old").write_text("kept")
    assert attempt(what, tmp_path) == "done"
