"""How willingly a process lets others go first."""

from __future__ import annotations

import contextlib
import os

import psutil

_NICE = 10


def give_way() -> None:
    """Let other processes go first from now on, as work does that nobody waits for.

    Linux also takes it for batch work, which does not interrupt what is running; Windows has a
    class for it. Where a system refuses, it stays as it is.
    """
    with contextlib.suppress(OSError, psutil.Error, AttributeError):
        if os.name == "nt":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
            return
        os.nice(max(0, _NICE - os.nice(0)))
        if hasattr(os, "SCHED_BATCH"):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
