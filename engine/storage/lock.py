"""One owner a workspace: a lock that the operating system releases when its holder dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.errors import WorkspaceLocked


class WorkspaceLock:
    """Holds `workspace.lock` until closed; raises WorkspaceLocked where another holds it."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / "workspace.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise WorkspaceLocked(
                "This library is already open",
                f"Another Attune window or command is using {folder}.",
                "Close it, or wait until it has finished, and try again.",
            ) from error

    def close(self) -> None:
        """Let go of the workspace."""
        os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
