"""What the extractor worker may do: as little as the platform lets a program give up by itself."""

from __future__ import annotations


def give_up_rights() -> None:
    """Give up what reading files does not need."""
