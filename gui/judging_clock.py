"""How long somebody looks at a pair, without the time in which they do something else."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_S = 300.0
"""What is counted at most: who is interrupted does not always press a key."""


class JudgingClock:
    """A stop watch that can be held, also from a moment in the past."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: float | None = None
        self._before = 0.0

    @property
    def running(self) -> bool:
        """Whether time is being counted."""
        return self._since is not None

    @property
    def seconds(self) -> float:
        """Counted since `begin`, at most LONGEST_S."""
        running = 0.0 if self._since is None else self._now() - self._since
        return min(self._before + running, LONGEST_S)

    def begin(self) -> None:
        """Count from nothing."""
        self._before, self._since = 0.0, self._now()

    def hold(self, seconds_ago: float = 0.0) -> None:
        """Stop counting, as if it had been stopped `seconds_ago`."""
        if self._since is not None:
            self._before += max(0.0, self._now() - seconds_ago - self._since)
            self._since = None

    def go_on(self) -> None:
        """Count on after `hold`."""
        if self._since is None:
            self._since = self._now()
