"""A library of one-passage documents with both its indexes, whose vectors cost nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.records import Chunk, Extracted
from engine.retrieval.dense_generation import DenseGeneration
from engine.retrieval.lexical_generation import LexicalGeneration
from engine.storage import documents, roots
from engine.storage.documents import Cut, FileState, NewChunk
from engine.storage.embeddings import Embeddings
from engine.storage.library import open_library

DIM = 16


def vector_of(text: str) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")
    vector = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


class Shelf:
    """A library of one-passage documents with both indexes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "index").mkdir(exist_ok=True)
        self.library = open_library(folder)
        self.embeddings = Embeddings(folder)
        self.encoded: list[str] = []
        self.open()

    def open(self) -> None:
        self.lexical = LexicalGeneration(self.library, self.folder / "index")
        self.dense = DenseGeneration(
            self.library, self.embeddings, self.folder / "index", "encoder", DIM
        )

    def reopen(self) -> None:
        self.close_indexes()
        self.open()

    def close_indexes(self) -> None:
        self.lexical.close()
        self.dense.close()

    def close(self) -> None:
        self.close_indexes()
        self.embeddings.close()
        self.library.close()

    def add(self, *texts: str) -> None:
        with self.library.write() as connection:
            root = roots.add(connection, Path("/notes"), "folder")
            for text in texts:
                document = documents.put(
                    connection,
                    text,
                    Extracted("", text, "text/plain"),
                    Cut((NewChunk(0, len(text), None, "", text.encode()),)),
                    1,
                )
                documents.put_file(connection, root.id, FileState(text, 1, 1, text), document)

    def remove(self, *texts: str) -> None:
        with self.library.write() as connection:
            documents.remove_files(connection, 1, texts)

    def encode(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        self.encoded += [chunk.text for chunk in chunks]
        return np.stack([vector_of(chunk.text) for chunk in chunks])

    def catch_up(self) -> None:
        self.lexical.catch_up(lambda: None)
        self.dense.catch_up(self.encode, lambda: None, lambda done, total: None)

    def words(self, query: str) -> set[str]:
        return self._texts([hit.chunk_id for hit in self.lexical.search(query, 10)])

    def nearest(self, text: str, k: int = 1) -> set[str]:
        return self._texts([hit.chunk_id for hit in self.dense.search(vector_of(text), k)])

    def folders(self, kind: str) -> list[Path]:
        return sorted((self.folder / "index").glob(f"{kind}*"))

    def _texts(self, chunk_ids: list[int]) -> set[str]:
        with self.library.read() as connection:
            return {chunk.text for chunk in documents.chunks_by_id(connection, chunk_ids).values()}
