"""Derived indexes on disk: opens the generation in use, or drops a damaged one and begins anew."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.errors import WorkspaceUnusable
from engine.records import IndexHealth, IndexState
from engine.storage import generations
from engine.storage.database import Database
from engine.storage.generations import Generation, Kind

Index = TypeVar("Index")
_REACHED = "reached"


def open_newest(
    library: Database,
    index_folder: Path,
    kind: Kind,
    fingerprint: str,
    open_index: Callable[[Path, Generation], Index],
) -> tuple[Generation, Index] | None:
    """The generation in use and its index; None where there is none that can be trusted.

    `open_index(folder, generation)` raises WorkspaceUnusable where the folder is damaged or does
    not hold what it should; such a generation, one whose writer died, and one that is ahead of the
    library (an older library.db was put back) is forgotten and removed.
    """
    with library.read() as connection:
        generation = generations.newest(connection, kind, fingerprint)
    if generation is None:
        return None
    folder = index_folder / generation.folder
    try:
        ahead = _reached(folder) > generation.change_number
        if not generation.dirty and not ahead and folder.is_dir():
            return generation, open_index(folder, generation)
    except WorkspaceUnusable:
        pass
    discard(library, index_folder, generation)
    return None


def begin(library: Database, index_folder: Path, kind: Kind, fingerprint: str) -> Generation:
    """A new generation with an empty folder."""
    with library.write() as connection:
        generation = generations.begin(connection, kind, fingerprint)
    folder = index_folder / generation.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return generation


def reached(
    library: Database, index_folder: Path, generation: Generation, change_number: int, n_chunks: int
) -> None:
    """Say, after writing, how far a generation has come: in the library, then in its folder."""
    with library.write() as connection:
        generations.reached(connection, generation.id, change_number, n_chunks)
    with contextlib.suppress(OSError):  # a folder that lags behind what it holds does no harm
        (index_folder / generation.folder / _REACHED).write_text(str(change_number))


def discard(library: Database, index_folder: Path, generation: Generation) -> None:
    """Forget a generation and remove its folder; what cannot be removed now is swept later."""
    with library.write() as connection:
        generations.forget(connection, generation.id)
    shutil.rmtree(index_folder / generation.folder, ignore_errors=True)


def health(done: int, n_chunks: int) -> IndexHealth:
    """How an index that holds `done` passages stands against a library of `n_chunks`."""
    state: IndexState = "empty" if not n_chunks else "ready" if done == n_chunks else "catching up"
    return IndexHealth(state, done, n_chunks)


def sweep(library: Database, index_folder: Path) -> None:
    """Remove folders below `index/` that belong to no generation."""
    with library.read() as connection:
        known = {generation.folder for generation in generations.every(connection)}
    for folder in index_folder.iterdir():
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)


def _reached(folder: Path) -> int:
    """The last change that a folder says it holds; 0 where it does not say."""
    try:
        return int((folder / _REACHED).read_text())
    except (OSError, ValueError):
        return 0
