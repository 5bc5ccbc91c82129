"""Keeps copies of the library while a workspace is open: on request, and once a day by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import EngineError
from engine.records import BackupInfo, BackupReason
from engine.storage import backup

_FIRST_LOOK_S = 20.0
"""After opening, so that the first searches have the disk to themselves."""
_LOOK_EVERY_S = 900.0


class Backups:
    """The copies of one workspace's library.db, and the thread that makes the daily one.

    `made` is called after each copy; `failed` when the daily one could not be made.
    """

    def __init__(
        self, workspace: Path, made: Callable[[], None], failed: Callable[[EngineError], None]
    ) -> None:
        self._library = workspace / "library.db"
        self._folder = workspace / "backups"
        self._made = made
        self._failed = failed
        self._making = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def every(self) -> tuple[BackupInfo, ...]:
        """The copies, the newest first."""
        return backup.every(self._folder)

    def make(self, reason: BackupReason) -> BackupInfo:
        """Copy the library now; raises StorageFull, WorkspaceUnusable."""
        with self._making:
            made = backup.make(self._library, self._folder, reason)
        self._made()
        return made

    def make_if_due(self) -> BackupInfo | None:
        """Copy the library if the last copy is older than a day and something changed since."""
        if not backup.due(self._library, self._folder, time.time()):
            return None
        return self.make("scheduled")

    def start(self) -> None:
        """Look in the background whether a copy is due, soon and then every quarter of an hour."""
        self._thread = threading.Thread(target=self._look, name="backups", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Make no further copy; one that is being made is finished."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        told = ""
        wait_s = _FIRST_LOOK_S
        while not self._closed.wait(wait_s):
            wait_s = _LOOK_EVERY_S
            try:
                self.make_if_due()
                told = ""
            except EngineError as error:
                if error.message != told:  # once is enough
                    told = error.message
                    self._failed(error)
