"""Keep the library current while its window is open: watch every root, look where one changed.

Watches say which roots are due; one thread takes those that are due, has them looked at and waits
for that to end. Between two looks it rests, the longer the longer the last one took, so that a
folder that always changes costs a small share of one core.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import EngineError, JobCancelled
from engine.ingest.exclude import NOTHING, Exclusions, Relevance
from engine.ingest.watch import RootWatch
from engine.storage import roots
from engine.storage import settings as stored_settings
from engine.storage.database import Database

SETTLE_S = 2.0
"""A file that changed less than this ago is still being written, and waits for the next look."""
_UNSETTLED_LOOKS = 3
"""After so many looks in a row a file that never settles is read as it is."""
_REST_SHARE = 10.0
"""Rest after a look for so many times as long as it took."""
_LONGEST_REST_S = 300.0
_REST_AFTER_FAILURE_S = 60.0
"""After a round that failed: the disk may be full, and the next fails alike."""


@dataclass(slots=True)
class Round:
    """One turn of bringing the library up to date: what it covers, and what it left."""

    root_ids: frozenset[int] | None = None
    """None for every root."""
    retry_failed: bool = False
    settle_s: float = 0.0
    """Files that changed less than this ago are left for the next round."""
    warnings: tuple[EngineError, ...] = ()
    """What the user should be told by the way."""
    left: set[str] = field(default_factory=set)
    """Absolute paths of files that were left for the next round."""
    look_s: float = 0.0
    """What looking at the files took, in seconds."""


class Watching:
    """Owns the watches of all folder roots and the thread that has changed ones looked at."""

    def __init__(self, library: Database, do: Callable[[Round], bool]) -> None:
        """Nothing is watched until `start`.

        Args:
            library: tells roots and settings.
            do: does a round and returns when it has ended, False where it failed; raises
                JobCancelled where no more work is taken.
        """
        self._library = library
        self._do = do
        self._wake = threading.Condition()
        self._watches: dict[int, RootWatch] = {}
        self._exclusions = NOTHING
        self._due: dict[int, float] = {}
        self._warnings: list[EngineError] = []
        self._left: set[str] = set()
        self._looks_with_left = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
        self._started = False

    def start(self) -> None:
        """Begin to watch."""
        self._started = True
        self._thread.start()
        self.refresh()

    def refresh(self) -> None:
        """Watch the roots that there are now, if the settings say so; nothing before `start`."""
        if not self._started:
            return
        with self._library.read() as connection:
            settings = stored_settings.load(connection)
            folders = {
                root.id: Path(root.path)
                for root in roots.every(connection)
                if root.kind == "folder" and settings.watch
            }
        with self._wake:
            if self._stopped:
                return
            self._exclusions = Exclusions.of(settings.exclude)
            for root_id in self._watches.keys() - folders.keys():
                self._watches.pop(root_id).stop()
                self._due.pop(root_id, None)
            for root_id in folders.keys() - self._watches.keys():
                self._watches[root_id] = self._watch(root_id, folders[root_id])

    def stop(self) -> None:
        """Begin no further round."""
        with self._wake:
            self._stopped = True
            for watch in self._watches.values():
                watch.stop()
            self._wake.notify_all()

    def close(self) -> None:
        """End all threads; the round at work must have been cancelled, or it is waited for."""
        self.stop()
        for watch in self._watches.values():
            watch.close()
        if self._started:
            self._thread.join(timeout=5)

    def _watch(self, root_id: int, root: Path) -> RootWatch:
        def unwatchable(warning: EngineError) -> None:
            with self._wake:
                self._warnings.append(warning)
            self._is_due(root_id)

        def relevant(paths: Collection[str]) -> bool:
            relevance = Relevance(root, self._exclusions)
            # That a file is still being written is no news.
            return any(path not in self._left and relevance.concerns(path) for path in paths)

        return RootWatch(root, relevant, lambda: self._is_due(root_id), unwatchable)

    def _is_due(self, root_id: int, in_s: float = 0.0) -> None:
        with self._wake:
            when = time.monotonic() + in_s
            self._due[root_id] = min(when, self._due.get(root_id, when))
            self._wake.notify_all()

    def _run(self) -> None:
        while (root_ids := self._next()) is not None:
            with self._wake:
                warnings, self._warnings = tuple(self._warnings), []
            patient = self._looks_with_left < _UNSETTLED_LOOKS
            turn = Round(root_ids, settle_s=SETTLE_S if patient else 0.0, warnings=warnings)
            try:
                done = self._do(turn)
            except JobCancelled:
                return
            self._rest_after(turn, root_ids, done)

    def _next(self) -> frozenset[int] | None:
        """Wait for roots that are due; None once there is nothing more to do."""
        with self._wake:
            while not self._stopped:
                now = time.monotonic()
                ready = frozenset(root_id for root_id, when in self._due.items() if when <= now)
                if ready:
                    for root_id in ready:
                        del self._due[root_id]
                    return ready
                self._wake.wait(min(self._due.values()) - now if self._due else None)
        return None

    def _rest_after(self, turn: Round, root_ids: frozenset[int], done: bool) -> None:
        """Rest, then look again for what was left: soon at first, then ever less often."""
        self._left = set(turn.left)
        self._looks_with_left = self._looks_with_left + 1 if turn.left else 0
        if turn.left:
            again = min(SETTLE_S * 2 ** (self._looks_with_left - 1), _LONGEST_REST_S)
            for root_id in root_ids:
                self._is_due(root_id, again)
        rest = turn.look_s * _REST_SHARE if done else _REST_AFTER_FAILURE_S
        with self._wake:
            self._wake.wait_for(lambda: self._stopped, min(rest, _LONGEST_REST_S))
