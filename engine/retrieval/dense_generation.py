"""The vectors of the library under one encoder: Chroma for most, exact scoring for the rest.

`catch_up` follows the changes in library.db: it takes vectors from the cache, computes those that
are missing, and holds them in memory (the tail), where they are searched exactly, until they are
many enough to be written to Chroma. A write is announced before and confirmed after in library.db,
since a Chroma folder whose writer was killed cannot be trusted: it is dropped, everything is in the
tail again, and a new one is written from the cache.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import WorkspaceUnusable
from engine.records import Chunk, IndexHealth, ScoredChunk
from engine.retrieval import generation_folder
from engine.retrieval.embedding import Encode, embed
from engine.retrieval.exact import ExactVectors
from engine.retrieval.vectors import VectorIndex
from engine.storage import documents, generations
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings

_DOCUMENTS_A_STEP = 200
_TAIL_TO_FLUSH = 4000
_EXACT_UP_TO = 5000


class DenseGeneration:
    """Owns the Chroma folder in use for one encoder, and its tail."""

    def __init__(
        self,
        library: Database,
        embeddings: Embeddings,
        index_folder: Path,
        fingerprint: str,
        dim: int,
    ) -> None:
        self._library = library
        self._embeddings = embeddings
        self._folder = index_folder
        self.fingerprint = fingerprint
        self._dim = dim
        self._lock = threading.Lock()
        self._tail = ExactVectors(dim)
        self._removed: set[int] = set()
        self._note = ""
        with library.read() as connection:
            had = generations.newest(connection, "vectors", fingerprint) is not None
        opened = generation_folder.open_newest(
            library, index_folder, "vectors", fingerprint, self._open
        )
        if opened is None:
            self._begin()
            if had:
                self._note = "The vector index was damaged and is being rebuilt from the cache."
        else:
            self._generation, self._index = opened
        self._reached = self._generation.change_number

    def catch_up(
        self,
        encode: Encode,
        checkpoint: Callable[[], None],
        report: Callable[[int, int], None],
    ) -> int:
        """Take in every change since the last one that it holds; returns how many were encoded.

        `report(done, total)` counts passages.
        """
        encoded = 0
        try:
            while True:
                checkpoint()
                with self._library.read() as connection:
                    changes = documents.changes_after(connection, self._reached, _DOCUMENTS_A_STEP)
                    put = [change.document_id for change in changes if not change.deleted]
                    chunks = list(documents.chunks(connection, put))
                    total = documents.n_chunks(connection)
                if not changes:
                    break
                before = self._count()
                vectors, computed = embed(
                    self._embeddings,
                    self.fingerprint,
                    chunks,
                    encode,
                    checkpoint,
                    lambda n: report(min(before + n, total), total),  # noqa: B023 (used at once)
                )
                encoded += computed
                self._take_in({change.document_id for change in changes}, chunks, vectors)
                self._reached = changes[-1].number
                if len(self._tail) >= _TAIL_TO_FLUSH:
                    self._flush()
        finally:
            self._flush()
        self._note = ""
        return encoded

    def search(
        self, vector: NDArray[np.float32], k: int, allowed: Collection[int] | None = None
    ) -> list[ScoredChunk]:
        """The best k chunks by cosine to `vector`, (dim,) L2-normalised, of `allowed` documents."""
        if allowed is not None:
            with self._library.read() as connection:
                chunks = documents.chunk_keys(connection, allowed)
            if len(chunks) <= _EXACT_UP_TO:
                return self._exact(chunks).search(vector, k)
        with self._lock:
            hits = self._tail.search(vector, k, allowed)
            removed = set(self._removed)
        wanted = k if allowed is None else k * 10
        found = {hit.chunk_id: hit for hit in hits}
        for hit in self._approximate(vector, wanted + min(len(removed), k)):
            if hit.document_id not in removed and (allowed is None or hit.document_id in allowed):
                found.setdefault(hit.chunk_id, hit)
        return sorted(found.values(), key=lambda hit: (-hit.score, hit.chunk_id))[:k]

    def _approximate(self, vector: NDArray[np.float32], k: int) -> list[ScoredChunk]:
        """What Chroma finds; nothing where it fails, and then it is rebuilt at the next start."""
        try:
            return self._index.search(vector, k)
        except WorkspaceUnusable:
            if not self._note:
                self._note = "The vector index is damaged; it is rebuilt when the program restarts."
                with self._library.write() as connection:
                    generations.mark_dirty(connection, self._generation.id)
            return []

    def _exact(self, chunks: Sequence[tuple[int, int, bytes]]) -> ExactVectors:
        """The cached vectors of (chunk id, document id, encoding hash)."""
        cached = self._embeddings.get(self.fingerprint, [key for _, _, key in chunks])
        present = [
            (chunk, document, cached[key]) for chunk, document, key in chunks if key in cached
        ]
        matrix = ExactVectors(self._dim)
        if present:
            ids, owners, vectors = zip(*present, strict=True)
            matrix.append(ids, owners, np.stack(vectors))
        return matrix

    def health(self, n_chunks: int) -> IndexHealth:
        """How it stands against a library of `n_chunks`."""
        done = min(self._count(), n_chunks)
        if self._note:
            return IndexHealth("rebuilding", done, n_chunks, self._note)
        return generation_folder.health(done, n_chunks)

    def close(self) -> None:
        """Release the folder."""
        self._index.close()

    def _count(self) -> int:
        return self._index.count + len(self._tail)

    def _open(self, folder: Path, n_chunks: int) -> VectorIndex:
        index = VectorIndex(folder, self._dim)
        if index.count != n_chunks:
            index.close()
            raise WorkspaceUnusable(
                "The vector index is incomplete", f"{folder} holds {index.count} of {n_chunks}."
            )
        return index

    def _begin(self) -> None:
        self._generation = generation_folder.begin(
            self._library, self._folder, "vectors", self.fingerprint
        )
        self._index = VectorIndex(self._folder / self._generation.folder, self._dim)

    def _take_in(
        self, changed: set[int], chunks: Sequence[Chunk], vectors: Sequence[NDArray[np.float32]]
    ) -> None:
        with self._lock:
            self._tail.remove_documents(changed)
            self._removed |= changed
            if chunks:
                self._tail.append(
                    [chunk.id for chunk in chunks],
                    [chunk.document_id for chunk in chunks],
                    np.stack(vectors),
                )

    def _flush(self) -> None:
        """Write the tail to Chroma, which is dirty in between."""
        if not self._removed and not len(self._tail):
            return
        with self._library.write() as connection:
            generations.mark_dirty(connection, self._generation.id)
        self._index.delete_documents(self._removed)
        self._index.add(*self._tail.arrays())
        with self._library.write() as connection:
            generations.reached(connection, self._generation.id, self._reached, self._index.count)
        with self._lock:
            self._tail = ExactVectors(self._dim)
            self._removed = set()
