"""The pictures of a library as one encoder sees them: their vectors, held and searched exactly."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.encoders.image_encoder import ImageEncoder
from engine.errors import NotFound
from engine.picture_vectors import PictureVectors
from engine.retrieval.background_queries import BACKGROUND_QUERIES
from engine.retrieval.exact import ExactVectors
from engine.retrieval.picture_search import by_chance
from engine.storage.embeddings import Embeddings

Vector = NDArray[np.float32]


class ServedPictures:
    """An encoder and the vectors of pictures by it; what it holds belongs together."""

    def __init__(self, encoder: ImageEncoder, embeddings: Embeddings) -> None:
        self.encoder = encoder
        self.vectors = PictureVectors(embeddings, encoder)
        self.look = ExactVectors(encoder.d_look)
        self.meaning = ExactVectors(encoder.d_meaning)
        self.held: dict[int, str] = {}
        """Content hash by document id."""
        self.by_chance = 1.0
        """What pictures score for words that none of them answers; see `picture_search`."""
        self._background = encoder.encode_queries(BACKGROUND_QUERIES)
        self._changing = threading.Lock()

    def refresh(self, every: Mapping[int, str]) -> None:
        """Hold the vectors of exactly these pictures, content hash by document id."""
        with self._changing:
            gone = self.held.keys() - every.keys()
            if gone:
                self.look.remove_documents(gone)
                self.meaning.remove_documents(gone)
                self.held = {n: key for n, key in self.held.items() if n not in gone}
            new = {n: key for n, key in every.items() if n not in self.held}
            ids, vectors = self.vectors.load(new)
            if ids:
                self.look.append(ids, ids, vectors.look)
                self.meaning.append(ids, ids, vectors.meaning)
                self.held.update({n: new[n] for n in ids})
            if ids or gone:
                self.by_chance = by_chance(self.meaning, self._background)

    def encode_query(self, text: str) -> Vector:
        """A query's vector, (d_meaning,) float32."""
        vector: Vector = self.encoder.encode_queries([text])[0]
        return vector

    def look_of(self, document_id: int) -> Vector:
        """How a picture of the library looks, (d_look,) float32; raises NotFound."""
        _, documents, vectors = self.look.arrays()
        rows = np.flatnonzero(documents == document_id)
        if not len(rows):
            raise not_looked_at()
        vector: Vector = vectors[rows[0]]
        return vector


def not_looked_at() -> NotFound:
    """Of a document that is no picture, or has no vectors yet."""
    return NotFound(
        "Not looked at yet",
        "This is no picture, or it has not been looked at yet.",
        "Wait until indexing has finished, or choose another.",
    )
