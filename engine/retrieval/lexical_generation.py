"""The keyword index of the library: follows the changes in library.db, and is rebuilt from it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from engine.records import IndexHealth, ScoredChunk
from engine.retrieval import generation_folder
from engine.retrieval.lexical import ANALYSER, LexicalIndex
from engine.storage import documents, generations
from engine.storage.database import Database

_DOCUMENTS_A_COMMIT = 2000


class LexicalGeneration:
    """Owns the tantivy index in use. A kill loses at most what `catch_up` adds again."""

    def __init__(self, library: Database, index_folder: Path) -> None:
        self._library = library
        opened = generation_folder.open_newest(
            library, index_folder, "lexical", ANALYSER, LexicalIndex.open
        )
        if opened is None:
            self._generation = generation_folder.begin(library, index_folder, "lexical", ANALYSER)
            self._index = LexicalIndex.create(index_folder / self._generation.folder)
        else:
            self._generation, self._index = opened
        self._reached = self._generation.change_number

    def catch_up(self, checkpoint: Callable[[], None]) -> None:
        """Take in every change since the last one that it holds."""
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
            with self._library.write() as connection:
                generations.reached(
                    connection, self._generation.id, self._reached, self._index.count
                )

    def search(
        self,
        query: str,
        k: int,
        *,
        prefix: bool = False,
        documents: Collection[int] | None = None,
    ) -> list[ScoredChunk]:
        """The best k chunks by BM25; see `LexicalIndex.search`."""
        return self._index.search(query, k, prefix=prefix, documents=documents)

    def health(self, n_chunks: int) -> IndexHealth:
        """How it stands against a library of `n_chunks`."""
        return generation_folder.health(min(self._index.count, n_chunks), n_chunks)

    def close(self) -> None:
        """Release the folder."""
        self._index.close()
