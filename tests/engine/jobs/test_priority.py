"""Giving way to other processes."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil

ASKS = """
import psutil
from engine.jobs.priority import give_way
give_way()
give_way()
print(int(psutil.Process().nice()))
"""


def test_that_a_process_gives_way_to_others() -> None:
    found = subprocess.run([sys.executable, "-c", ASKS], capture_output=True, text=True, check=True)
    if os.name == "nt":
        assert int(found.stdout) == psutil.BELOW_NORMAL_PRIORITY_CLASS
    else:
        assert int(found.stdout) >= min(19, max(10, psutil.Process().nice()))
