"""How much background work holds back: on battery, and while other programs need the processor."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

_MOST_REST = 3.0
"""Seconds a second of work: a quarter of the speed."""
_BATTERY_REST = 1.0
_BUSY_FROM, _BUSY_FULLY = 0.4, 0.9
"""Shares of the processor that others use: from the first on work rests, most at the second."""
_READ_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Readings:
    """What the computer is doing."""

    on_battery: bool
    busy_elsewhere: float
    """Share of all cores' time, 0 to 1, that programs other than this one used lately."""


def rest_for(readings: Readings) -> float:
    """Seconds to rest for each second of work, from 0 to 3."""
    beyond = (readings.busy_elsewhere - _BUSY_FROM) / (_BUSY_FULLY - _BUSY_FROM)
    rest = _BATTERY_REST if readings.on_battery else 0.0
    return min(rest + _MOST_REST * max(0.0, beyond), _MOST_REST)


class Throttle:
    """Says how much to rest just now; reads the computer's state every few seconds at most."""

    def __init__(self, wanted: Callable[[], bool], read: Callable[[], Readings]) -> None:
        self._wanted = wanted
        self._read = read
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._rest = 0.0

    def __call__(self) -> float:
        """Seconds to rest for each second of work; 0 where holding back is not wanted."""
        with self._lock:
            now = time.monotonic()
            if now - self._read_at >= _READ_EVERY_S:
                self._read_at = now
                self._rest = rest_for(self._read()) if self._wanted() else 0.0
            return self._rest


class Gauge:
    """Reads what the computer did since the last reading; the window and its workers are ours."""

    def __init__(self) -> None:
        own = psutil.Process()
        self._ours = own.parent() or own
        self._whole, self._idle = _processor_s()
        self._own = self._own_s()

    def __call__(self) -> Readings:
        """Read now."""
        whole, idle = _processor_s()
        own = self._own_s()
        # A process that ended took what it used along; those that go on count from where they were.
        used = sum(seconds - self._own.get(pid, 0.0) for pid, seconds in own.items())
        passed = whole - self._whole
        busy = passed - (idle - self._idle) - used
        self._whole, self._idle, self._own = whole, idle, own
        share = min(max(busy / passed, 0.0), 1.0) if passed > 0 else 0.0
        return Readings(on_battery(), share)

    def _own_s(self) -> dict[int, float]:
        """Processor seconds of each of our processes, by its id."""
        found = {}
        with contextlib.suppress(psutil.Error):
            for process in (self._ours, *self._ours.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    found[process.pid] = times.user + times.system
        return found


def _processor_s() -> tuple[float, float]:
    """Seconds that all cores together have passed, and of them idle."""
    times = psutil.cpu_times()
    # Linux counts the time of guests twice.
    counted_twice = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return sum(times) - counted_twice, times.idle + getattr(times, "iowait", 0.0)


def on_battery() -> bool:
    """Whether it runs on battery; where that cannot be told it does not."""
    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError):
        return False
    return battery is not None and battery.power_plugged is False
