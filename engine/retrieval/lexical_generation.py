"""The keyword index of the library: follows the changes in library.db, and is rebuilt from it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from engine.errors import WorkspaceUnusable
from engine.records import IndexHealth, ScoredChunk
from engine.retrieval import generation_folder
from engine.retrieval.damage import IndexDamaged
from engine.retrieval.lexical import ANALYSER, LexicalIndex
from engine.storage import documents, generations
from engine.storage.database import Database

_DOCUMENTS_A_COMMIT = 2000
_DAMAGED = "The keyword index was damaged and is being rebuilt."


class LexicalGeneration:
    """Owns the tantivy index in use. A kill loses at most what `catch_up` adds again."""

    def __init__(self, library: Database, index_folder: Path) -> None:
        self._library = library
        self._folder = index_folder
        self._catching_up = threading.Lock()
        self._note = ""
        self.damaged = False
        """Nothing is found any more until `catch_up` rebuilds it."""
        with library.read() as connection:
            had = generations.newest(connection, "lexical", ANALYSER) is not None
        opened = generation_folder.open_newest(
            library,
            index_folder,
            "lexical",
            ANALYSER,
            lambda folder, generation: LexicalIndex.open(folder, generation.n_chunks),
        )
        if opened is None:
            self._begin()
            self._note = _DAMAGED if had else ""
        else:
            self._generation, self._index = opened
        self._reached = self._generation.change_number

    def catch_up(self, checkpoint: Callable[[], None], *, patience_s: float = -1) -> None:
        """Take in every change since the last one that it holds; what is damaged is rebuilt.

        Where it is being caught up already, that may be waited for no longer than `patience_s`: it
        goes on until no change is left.
        """
        if not self._catching_up.acquire(timeout=patience_s):
            return
        try:
            try:
                if self.damaged:
                    self._renew()
                self._follow(checkpoint)
            except IndexDamaged:
                self._renew()
                self._follow(checkpoint)
            self._note = ""
        finally:
            self._catching_up.release()

    def search(
        self,
        query: str,
        k: int,
        *,
        prefix: bool = False,
        documents: Collection[int] | None = None,
        without: Collection[int] = (),
    ) -> list[ScoredChunk]:
        """The best k chunks by BM25, see `LexicalIndex.search`; nothing where it is damaged."""
        try:
            return self._index.search(query, k, prefix=prefix, documents=documents, without=without)
        except IndexDamaged:
            self._distrust()
            return []

    def holding(self, phrases: Iterable[str]) -> set[int]:
        """Documents that hold any of these, see `LexicalIndex.holding`; none if it is damaged."""
        try:
            return self._index.holding(phrases)
        except IndexDamaged:
            self._distrust()
            return set()

    @property
    def n_chunks(self) -> int:
        """Passages that it holds."""
        return self._index.count

    def check(self) -> None:
        """Compare its files with their checksums; raises IndexDamaged."""
        self._index.check()

    def rebuild(self, checkpoint: Callable[[], None]) -> None:
        """Build it anew from the library."""
        self.damaged = True
        self.catch_up(checkpoint)

    def health(self, n_chunks: int) -> IndexHealth:
        """How it stands against a library of `n_chunks`."""
        try:
            done = min(self._index.count, n_chunks)
        except IndexDamaged:
            return IndexHealth("rebuilding", 0, n_chunks, _DAMAGED)
        if self._note:
            return IndexHealth("rebuilding", done, n_chunks, self._note)
        return generation_folder.health(done, n_chunks)

    def close(self) -> None:
        """Release the folder."""
        with contextlib.suppress(IndexDamaged):
            self._index.close()

    def _distrust(self) -> None:
        if not self.damaged:
            self.damaged, self._note = True, _DAMAGED
            with self._library.write() as connection:
                generations.mark_dirty(connection, self._generation.id)

    def _follow(self, checkpoint: Callable[[], None]) -> None:
        while True:
            checkpoint()
            with self._library.read() as connection:
                changes = documents.changes_after(connection, self._reached, _DOCUMENTS_A_COMMIT)
                if not changes:
                    return
                self._index.delete(change.document_id for change in changes)
                put = [change.document_id for change in changes if not change.deleted]
                self._index.add(documents.chunks(connection, put))
            self._index.commit()
            self._reached = changes[-1].number
            generation_folder.reached(
                self._library, self._folder, self._generation, self._reached, self._index.count
            )

    def _begin(self) -> None:
        self._generation = generation_folder.begin(self._library, self._folder, "lexical", ANALYSER)
        self._index = LexicalIndex.create(self._folder / self._generation.folder)

    def _renew(self) -> None:
        """Put an empty index in the place of this one."""
        with contextlib.suppress(WorkspaceUnusable):
            self._index.close()
        generation_folder.discard(self._library, self._folder, self._generation)
        self._begin()
        self._reached = 0
        self.damaged, self._note = False, _DAMAGED
