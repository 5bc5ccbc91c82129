"""Remembers what was searched for, without a search ever waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from engine.errors import EngineError
from engine.storage import searches
from engine.storage.database import Database


class SearchHistory:
    """Writes finished searches into the library, in a thread of its own until it is closed.

    `failed` is told what kept one from being written.
    """

    def __init__(self, library: Database, failed: Callable[[EngineError], None]) -> None:
        self._library = library
        self._failed = failed
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="search history")

    def add(self, query: str) -> None:
        """Remember a search; answers at once."""
        self._writer.submit(self._write, query, time.time())

    def do(self, write: Callable[[], None]) -> None:
        """Write what else a search leaves behind; answers at once."""
        self._writer.submit(self._attempt, write)

    def close(self) -> None:
        """Write what was added, and end."""
        self._writer.shutdown()

    def _write(self, query: str, at: float) -> None:
        def write() -> None:
            with self._library.write() as connection:
                searches.add(connection, query, at)

        self._attempt(write)

    def _attempt(self, write: Callable[[], None]) -> None:
        try:
            write()
        except EngineError as error:
            self._failed(error)
