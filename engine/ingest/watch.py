"""Watch one root, and say that it should be looked at.

The system tells of changes where it can. Where it cannot (its limit is reached, the folder lies on
a network drive, where the changes of other computers go untold), the root is looked at every few
minutes. Links to folders elsewhere are watched on Linux alone, and a system that is too busy drops
what it had to tell; so every root is looked at once an hour whatever was told.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

import psutil

from engine.errors import EngineError

AWAY_POLL_S = 5.0
"""How often a root that is away is looked for."""
UNWATCHED_LOOK_S = 300.0
"""How often a root that cannot be watched is looked at."""
_LOOK_S = 3600.0
_QUIET_MS = 300
"""Changes are gathered until none comes for so long; also how soon closing is noticed."""
_GATHER_MS = 5000
"""A root that is never quiet is told of after so long."""
_TIMEOUT_MS = 5000
_NETWORK = {
    *("9p", "afpfs", "afs", "cifs", "davfs", "glusterfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"),
    *("webdav", "fuse.davfs", "fuse.rclone", "fuse.sshfs"),
}
"""Types of file systems that lie on other computers."""

Relevant = Callable[[Collection[str]], bool]
"""Whether changes at these absolute paths concern the library."""


class RootWatch:
    """Owns the thread that waits for changes below one root."""

    def __init__(
        self,
        root: Path,
        relevant: Relevant,
        changed: Callable[[], None],
        unwatchable: Callable[[EngineError], None],
    ) -> None:
        """Begin watching.

        Args:
            root: a folder or a file, there or away.
            relevant: decides whether changes are worth a look.
            changed: is called, in the watching thread, when the root should be looked at.
            unwatchable: is told once why the root is only looked at every few minutes.
        """
        self.root = root
        self._relevant = relevant
        self._changed = changed
        self._unwatchable = unwatchable
        self._told = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watching {root}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end, which takes it less than half a second."""
        self._stop.set()

    def close(self) -> None:
        """End the thread."""
        self.stop()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        """Follow the root until stopped; its going away and its coming back are changes too."""
        seen = _identity(self.root)
        while not self._stop.is_set():
            identity = _identity(self.root)
            if identity is None:
                if seen is not None:
                    seen = None
                    self._changed()
                self._stop.wait(AWAY_POLL_S)
                continue
            if identity != seen:
                seen = identity
                self._changed()
            if is_on_network(self.root):
                self._fall_back(
                    identity, f"{self.root} lies on another computer, which tells no changes."
                )
                continue
            try:
                self._listen(identity)
            except (OSError, RuntimeError):
                # Its end may be why: then it is away, not unwatchable.
                if _identity(self.root) == identity:
                    self._fall_back(identity, f"The system cannot watch all of {self.root}.", _MORE)

    def _listen(self, identity: tuple[int, int]) -> None:
        """Wait for the system to tell of changes, until the root is another one or gone."""
        from watchfiles._rust_notify import RustNotify

        # A file that is replaced is another file to the system, so its folder is watched.
        is_file = self.root.is_file()
        watched = self.root.parent if is_file else self.root
        looked_at = time.monotonic()
        with RustNotify([str(watched)], False, False, 0, not is_file, False) as watcher:
            while True:
                told = watcher.watch(_GATHER_MS, _QUIET_MS, _TIMEOUT_MS, self._stop)
                if told in ("stop", "signal"):
                    return
                paths = {path for _, path in told} if isinstance(told, set) else set()
                if is_file:
                    paths &= {str(self.root)}
                elif _identity(self.root) != identity:
                    return
                overdue = time.monotonic() - looked_at > _LOOK_S
                if overdue or (paths and self._relevant(paths)):
                    looked_at = time.monotonic()
                    self._changed()

    def _fall_back(self, identity: tuple[int, int], why: str, hint: str = "") -> None:
        """Have the root looked at every few minutes, until it is another one or gone."""
        if not self._told:
            self._told = True
            self._unwatchable(
                EngineError(
                    "Changes are noticed later",
                    f"{why} It is looked at every {UNWATCHED_LOOK_S / 60:.0f} minutes instead.",
                    hint,
                )
            )
        while not self._stop.wait(UNWATCHED_LOOK_S) and _identity(self.root) == identity:
            self._changed()


def is_on_network(path: Path) -> bool:
    """Whether a path lies on a drive of another computer."""
    if sys.platform == "win32" and str(path).startswith("\\\\"):
        return True
    try:
        mounts = psutil.disk_partitions(all=True)
        here = path.resolve()
    except OSError:
        return False
    holding = [mount for mount in mounts if here.is_relative_to(mount.mountpoint)]
    if not holding:
        return False
    mount = max(holding, key=lambda mount: len(mount.mountpoint))
    return mount.fstype.lower() in _NETWORK or "remote" in mount.opts.split(",")


def _identity(root: Path) -> tuple[int, int] | None:
    """Which folder this is, whatever its name; None while it is away."""
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


_MORE = (
    "Linux: raise fs.inotify.max_user_watches. Or leave out folders that you do not need."
    if sys.platform == "linux"
    else "Leave out folders that you do not need."
)
