"""Whether it is worth tuning now, and why."""

from __future__ import annotations

from engine.parts import Parts
from engine.settings import Settings
from engine.training_records import Suggestion


def suggestion(parts: Parts, settings: Settings) -> Suggestion:
    """Whether it is worth tuning now, and why."""
    raise NotImplementedError
