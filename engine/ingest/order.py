"""In which order files are read: what the user is likely to look for first."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.storage.documents import FileState

_HUGE_BYTES = 20 * 1024 * 1024
"""Larger files wait for all others: one takes as long as hundreds."""


def reading_order(files: Iterable[FileState], asked_for: Collection[str]) -> list[FileState]:
    """Files at paths that were asked for, then the newest, then huge ones."""
    return sorted(
        files,
        key=lambda file: (
            file.path not in asked_for,
            file.size > _HUGE_BYTES,
            -file.mtime_ns,
            file.path,
        ),
    )
