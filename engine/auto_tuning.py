"""Tunes without being asked, where the user wants that: while nobody searches, not on battery."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LOOK_EVERY_S = 3600.0
IDLE_S = 600.0
"""Without a search for this long, nobody waits for an answer."""


class AutoTuning:
    """Looks now and then whether it is worth tuning, in a thread that exists while it is wanted."""

    def __init__(
        self,
        wanted: Callable[[], bool],
        may: Callable[[], bool],
        begin: Callable[[], None],
        look_every_s: float = LOOK_EVERY_S,
        idle_s: float = IDLE_S,
    ) -> None:
        """`may` says whether the computer has time for it, `begin` starts what is suggested."""
        self._wanted = wanted
        self._may = may
        self._begin = begin
        self._look_every_s = look_every_s
        self._idle_s = idle_s
        self._used_at = time.monotonic()
        self._lock = threading.Lock()
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def used(self) -> None:
        """Somebody searches just now."""
        self._used_at = time.monotonic()

    def refresh(self) -> None:
        """Begin to look, or stop that, as is wanted now."""
        with self._lock:
            wanted = self._wanted()
            if wanted and self._stop is None:
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._look, args=(self._stop,), name="tuning by itself", daemon=True
                )
                self._thread.start()
            elif not wanted and self._stop is not None:
                self._stop.set()
                self._stop = None

    def close(self) -> None:
        """Look no more, and wait for the look that goes on."""
        with self._lock:
            stop, self._stop = self._stop, None
        if stop is not None:
            stop.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self, stop: threading.Event) -> None:
        looked_at = float("-inf")
        while not stop.wait(min(self._idle_s, self._look_every_s)):
            now = time.monotonic()
            idle = now - self._used_at >= self._idle_s
            if idle and now - looked_at >= self._look_every_s and self._may():
                looked_at = now
                self._begin()
