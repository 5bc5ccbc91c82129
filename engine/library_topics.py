"""The topics of an open workspace's library, found anew only once it has changed enough."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.parts import Parts
from engine.storage import documents
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings
from engine.training import topics

_SAMPLE = 20_000
"""Passages of which topics are found; the others are sorted into them, as many at a time."""
_NAMED_BY = 100
"""Passages, the nearest to the middle of a topic, whose words name it."""
_FEWEST = 8
"""Passages; fewer have no topics."""
_AGAIN_AFTER = 0.05
"""Share of the library's documents that must have changed."""
_SEED = 0


@dataclass(frozen=True, slots=True)
class LibraryTopics:
    """Clusters of the library's passages."""

    fingerprint: str
    """Of the encoder whose vectors they are of."""
    centres: NDArray[np.float32]
    """(n_topics, dim), the largest topic first."""
    words: tuple[str, ...]
    of_document: Mapping[int, tuple[int, int]]
    """The topic of most of a document's passages, and how many it has of any topic."""


@dataclass(frozen=True, slots=True)
class _Kept:
    change: int
    n_documents: int
    topics: LibraryTopics


_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()
_finding = threading.Lock()


def library_topics(parts: Parts) -> LibraryTopics | None:
    """The topics by the active model's cached vectors; None while there are hardly any."""
    prepared = parts.models.prepared(parts.models.active_id())
    if prepared is None:
        return None
    with _finding:
        with parts.library.read() as connection:
            change, n = documents.last_change(connection), documents.count(connection)
            kept = _kept.get(parts.library)
            if (
                kept is not None
                and kept.topics.fingerprint == prepared.fingerprint
                and abs(change - kept.change) <= _AGAIN_AFTER * kept.n_documents
            ):
                return kept.topics
            found = _find(connection, parts.embeddings, prepared.fingerprint)
        if found is not None:
            _kept[parts.library] = _Kept(change, n, found)
    return found


def _find(connection: Connection, embeddings: Embeddings, fingerprint: str) -> LibraryTopics | None:
    keys = documents.chunk_keys(connection, documents.every_id(connection))
    generator = np.random.default_rng(_SEED)
    sample = sorted(generator.permutation(len(keys))[:_SAMPLE].tolist())
    rows, vectors = _vectors(embeddings, fingerprint, keys, sample)
    if len(rows) < _FEWEST:
        return None
    centres = topics.centroids(vectors, topics.n_topics(len(rows)), _SEED)
    nearest = topics.assign(vectors, centres)
    texts = _typical(connection, [keys[row][0] for row in rows], vectors, centres, nearest)
    counts = np.zeros(len(centres), np.int64)
    votes: dict[int, list[int]] = {}
    for start in range(0, len(keys), _SAMPLE):
        some = range(start, min(start + _SAMPLE, len(keys)))
        there, of_them = _vectors(embeddings, fingerprint, keys, some)
        if not there:
            continue
        sorted_in = topics.assign(of_them, centres)
        counts += np.bincount(sorted_in, minlength=len(centres))
        for row, topic in zip(there, sorted_in.tolist(), strict=True):
            votes.setdefault(keys[row][1], []).append(topic)
    order = np.argsort(-counts, kind="stable")
    place = {int(topic): number for number, topic in enumerate(order)}
    named = topics.name_topics([texts[topic] for topic in order])
    return LibraryTopics(
        fingerprint,
        centres[order],
        named,
        {
            document: (place[max(sorted(set(own)), key=own.count)], len(own))
            for document, own in votes.items()
        },
    )


def _vectors(
    embeddings: Embeddings,
    fingerprint: str,
    keys: Sequence[tuple[int, int, bytes]],
    rows: Sequence[int],
) -> tuple[list[int], NDArray[np.float32]]:
    """Those of the rows that are cached, and their vectors, (n, dim)."""
    found = embeddings.get(fingerprint, [keys[row][2] for row in rows])
    there = [row for row in rows if keys[row][2] in found]
    if not there:
        return [], np.zeros((0, 0), np.float32)
    return there, np.stack([found[keys[row][2]] for row in there])


def _typical(
    connection: Connection,
    chunks: Sequence[int],
    vectors: NDArray[np.float32],
    centres: NDArray[np.float32],
    nearest: NDArray[np.int64],
) -> list[list[str]]:
    """Texts of the passages that are nearest to the middle of each topic."""
    texts = []
    for topic, centre in enumerate(centres):
        members = np.flatnonzero(nearest == topic)
        closest = members[np.argsort(-(vectors[members] @ centre), kind="stable")[:_NAMED_BY]]
        held = documents.chunks_by_id(connection, [chunks[row] for row in closest])
        texts.append([chunk.text for chunk in held.values()])
    return texts
