"""Vectors of chunks: from the cache where they are, computed and cached where they are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.records import Chunk
from engine.storage.embeddings import Embeddings

Encode = Callable[[Sequence[Chunk]], NDArray[np.float32]]
"""Encodes chunks: (n, dim) float32, L2-normalised."""

_CHUNKS_A_STEP = 128


def embed(
    embeddings: Embeddings,
    fingerprint: str,
    chunks: Sequence[Chunk],
    encode: Encode,
    checkpoint: Callable[[], None],
    report: Callable[[int], None],
) -> tuple[list[NDArray[np.float32]], int]:
    """The chunks' vectors in order, each (dim,) float32, and how many had to be computed.

    What is computed is kept every few seconds, so that a cancelled run loses little. `report` is
    told how many of the chunks have their vector.
    """
    hashes = [chunk.encoding_hash for chunk in chunks]
    vectors = embeddings.get(fingerprint, hashes)
    missing = {c.encoding_hash: c for c in chunks if c.encoding_hash not in vectors}
    # Equal lengths together: a batch costs as much as its longest text.
    pending = sorted(missing.values(), key=lambda chunk: len(chunk.text))
    for start in range(0, len(pending), _CHUNKS_A_STEP):
        checkpoint()
        some = pending[start : start + _CHUNKS_A_STEP]
        keys = [chunk.encoding_hash for chunk in some]
        stored = embeddings.put(fingerprint, keys, encode(some))
        vectors.update(zip(keys, stored, strict=True))
        report(len(chunks) - len(pending) + start + len(some))
    return [vectors[key] for key in hashes], len(pending)
