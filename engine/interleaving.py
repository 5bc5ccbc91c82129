"""Two models that compete in the user's own searches."""

from __future__ import annotations

from engine.parts import Parts
from engine.training_records import AbTest


def start(parts: Parts, first: str, second: str) -> AbTest:
    """Let two models compete; raises NotFound, InvalidInput where they are the same."""
    raise NotImplementedError


def stop(parts: Parts) -> AbTest:
    """End the running test; raises NotFound."""
    raise NotImplementedError


def current(parts: Parts) -> AbTest | None:
    """The running test, else the last one."""
    raise NotImplementedError
