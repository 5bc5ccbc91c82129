"""A search among the passages of certain pages alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.records import ScoredChunk
from engine.retrieval.search import Lexical


@dataclass(frozen=True, slots=True)
class LexicalOnPages:
    """A keyword index of which only some passages count."""

    index: Lexical
    passages: Collection[int]
    """Chunk ids."""
    n_chunks: int
    """Of the library: the index knows passages by their document alone, so all are asked for."""

    def search(
        self,
        query: str,
        k: int,
        *,
        prefix: bool = False,
        documents: Collection[int] | None = None,
        without: Collection[int] = (),
    ) -> list[ScoredChunk]:
        """The best k of the passages, as `LexicalIndex.search` finds them."""
        run = self.index.search(
            query, max(self.n_chunks, k), prefix=prefix, documents=documents, without=without
        )
        return [hit for hit in run if hit.chunk_id in self.passages][:k]
