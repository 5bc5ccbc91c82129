"""Results that were opened or read: weak signs of what answers a query."""

from __future__ import annotations

from engine.parts import Parts
from engine.training_requests import RecordVisit


def record(parts: Parts, request: RecordVisit) -> None:
    """Remember that a result was opened or read, unless the settings forbid it."""
    raise NotImplementedError


def forget(parts: Parts) -> None:
    """Forget all that was remembered of opening and reading."""
    raise NotImplementedError
