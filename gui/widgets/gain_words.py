"""What became of a measure: by how much it changed, and whether that is good."""

from __future__ import annotations

SAME = 0.0005
"""What three digits do not show."""


def signed(gain: float) -> str:
    """A difference of measures: `+0.012`, `−0.003`."""
    return f"{gain:+.3f}".replace("-", "−")


def tone(gain: float) -> str:
    """How a difference is coloured: a field of `Colors`."""
    if abs(gain) < SAME:
        return "muted"
    return "good" if gain > 0 else "danger"
