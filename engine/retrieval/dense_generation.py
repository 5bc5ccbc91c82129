"""The vectors of the library under one encoder: Chroma for most, exact scoring for the rest.

`catch_up` follows the changes in library.db: it takes vectors from the cache, computes those that
are missing, and holds them in memory (the tail), where they are searched exactly, until they are
many enough to be written to Chroma. A write is announced before and confirmed after in library.db,
since a Chroma folder whose writer was killed cannot be trusted: it is dropped and a new one written
from the cache. Until that is done, what is cached stands in for it, searched exactly.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import StorageFull, WorkspaceUnusable
from engine.records import Chunk, IndexHealth, ScoredChunk
from engine.retrieval import generation_folder
from engine.retrieval.damage import IndexDamaged
from engine.retrieval.embedding import Encode, embed
from engine.retrieval.exact import ExactVectors
from engine.retrieval.vectors import VectorIndex
from engine.storage import documents, generations
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings
from engine.storage.generations import Generation

_DOCUMENTS_A_STEP = 200
_TAIL_TO_FLUSH = 4000
_EXACT_UP_TO = 5000
_DAMAGED = "The vector index was damaged and is being rebuilt from the cache."


class DenseGeneration:
    """Owns the Chroma folder in use for one encoder, its tail, and what stands in for it."""

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
        self._catching_up = threading.Lock()
        self.damaged = False
        """What is cached stands in for it until `catch_up` rebuilds it."""
        self._stand_in = ExactVectors(dim)
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
            self._stand_in = self._cached()
            self._note = _DAMAGED if had else ""
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

        What is damaged is rebuilt from the cache. `report(done, total)` counts passages.
        """
        with self._catching_up:
            try:
                if self.damaged:
                    self._renew()
                encoded = self._follow(encode, checkpoint, report)
            except IndexDamaged:
                self._renew()
                encoded = self._follow(encode, checkpoint, report)
            self._stand_in = ExactVectors(self._dim)
            self._note = ""
        return encoded

    def search(
        self,
        vector: NDArray[np.float32],
        k: int,
        allowed: Collection[int] | None = None,
        passages: Collection[int] | None = None,
    ) -> list[ScoredChunk]:
        """The best k chunks by cosine to `vector`, (dim,) L2-normalised.

        `allowed` limits them to documents; `passages`, to these of their chunks.
        """
        if allowed is not None:
            with self._library.read() as connection:
                chunks = documents.chunk_keys(connection, allowed)
            if passages is not None:
                chunks = [chunk for chunk in chunks if chunk[0] in passages]
            if len(chunks) <= _EXACT_UP_TO:
                return self._exact(chunks).search(vector, k)
        with self._lock:
            hits = self._tail.search(vector, k, allowed)
            removed = set(self._removed)
            stand_in = self._stand_in.search(vector, k, allowed)
        wanted = k if allowed is None else k * 10
        found = {hit.chunk_id: hit for hit in hits}
        for hit in [*stand_in, *self._approximate(vector, wanted + min(len(removed), k))]:
            if hit.document_id not in removed and (allowed is None or hit.document_id in allowed):
                found.setdefault(hit.chunk_id, hit)
        kept = [hit for hit in found.values() if passages is None or hit.chunk_id in passages]
        return sorted(kept, key=lambda hit: (-hit.score, hit.chunk_id))[:k]

    def _approximate(self, vector: NDArray[np.float32], k: int) -> list[ScoredChunk]:
        """What Chroma finds; where it fails, what is cached stands in for it from now on."""
        if self.damaged:
            return []
        try:
            return self._index.search(vector, k)
        except IndexDamaged:
            cached = self._cached()
            with self._lock:
                self.damaged, self._note, self._stand_in = True, _DAMAGED, cached
            self._distrust(self._generation)
            return cached.search(vector, k)

    def _distrust(self, generation: Generation) -> bool:
        """Have the next process build it anew, unless told otherwise; whether that was noted."""
        try:
            with self._library.write() as connection:
                generations.mark_dirty(connection, generation.id)
        except StorageFull:
            return False
        return True

    @property
    def n_chunks(self) -> int:
        """Passages that it holds."""
        return self._count()

    def check(self) -> None:
        """Look some vectors up by themselves; raises IndexDamaged."""
        self._index.check()

    def rebuild(
        self, encode: Encode, checkpoint: Callable[[], None], report: Callable[[int, int], None]
    ) -> int:
        """Build it anew from the library and the cache; returns how many had to be encoded."""
        with self._catching_up:
            self._renew()
        return self.catch_up(encode, checkpoint, report)

    def _cached(self) -> ExactVectors:
        """Every vector of the library that is cached."""
        if not self._embeddings.count(self.fingerprint):
            return ExactVectors(self._dim)
        with self._library.read() as connection:
            chunks = documents.chunk_keys(connection, documents.every_id(connection))
        return self._exact(chunks)

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
        done = min(max(self._count(), len(self._stand_in)), n_chunks)
        if self._note:
            return IndexHealth("rebuilding", done, n_chunks, self._note)
        return generation_folder.health(done, n_chunks)

    def close(self) -> None:
        """Release the folder."""
        with contextlib.suppress(IndexDamaged):
            self._index.close()

    def _count(self) -> int:
        try:
            return self._index.count + len(self._tail)
        except IndexDamaged:
            return len(self._tail)

    def _open(self, folder: Path, generation: Generation) -> VectorIndex:
        """Open and try the index; if that ends the process, the next one does not try it again."""
        import chromadb  # noqa: F401 (takes a second, in which a kill would spoil the generation)

        marked = self._distrust(generation)
        index = VectorIndex(folder, self._dim)
        try:
            if index.count != generation.n_chunks:
                raise WorkspaceUnusable(
                    "The vector index is incomplete",
                    f"{folder} holds {index.count} of {generation.n_chunks}.",
                )
            index.check()
        except WorkspaceUnusable:
            index.close()
            raise
        if marked:
            with self._library.write() as connection:
                generations.reached(
                    connection, generation.id, generation.change_number, generation.n_chunks
                )
        return index

    def _begin(self) -> None:
        self._generation = generation_folder.begin(
            self._library, self._folder, "vectors", self.fingerprint
        )
        self._index = VectorIndex(self._folder / self._generation.folder, self._dim)

    def _follow(
        self,
        encode: Encode,
        checkpoint: Callable[[], None],
        report: Callable[[int, int], None],
    ) -> int:
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
        return encoded

    def _renew(self) -> None:
        """Put an empty index in the place of this one; what is cached stands in for it."""
        cached = self._cached()
        with self._lock:
            self._stand_in, self.damaged, self._note = cached, True, _DAMAGED
        with contextlib.suppress(WorkspaceUnusable):
            self._index.close()
        generation_folder.discard(self._library, self._folder, self._generation)
        self._begin()
        self._reached = 0
        with self._lock:
            self._tail, self._removed, self.damaged = ExactVectors(self._dim), set(), False

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
        generation_folder.reached(
            self._library, self._folder, self._generation, self._reached, self._index.count
        )
        with self._lock:
            self._stand_in.remove_documents(self._removed)
            self._tail = ExactVectors(self._dim)
            self._removed = set()
