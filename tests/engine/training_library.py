"""A workspace with a few documents to search, without an encoder, for tests of training data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.encoders.prepared import Prepared, write_prepared
from engine.records import Extracted
from engine.storage import documents, evalsets, roots
from engine.storage.documents import Cut, FileState, NewChunk
from engine.storage.encoding_key import encoding_hash
from engine.workspace import Workspace

TEXTS = {
    "bread": "Bread rises because yeast makes gas in the dough.",
    "sourdough": "Sourdough tastes of acid, for bacteria live in it beside wild yeast.",
    "tides": "The tides follow the moon, which pulls at the sea.",
    "waves": "Waves are made by wind that blows over open water for long.",
    "gears": "Gears pass on a turning force and change how fast it turns.",
    "levers": "A lever turns a small force over a long way into a large one.",
}


def add_documents(workspace: Workspace, texts: dict[str, str], folder: str = "files") -> None:
    """Store documents of one passage each, in `/files/NAME.txt`; content hash and title: names."""
    with workspace._parts.library.write() as connection:
        root = roots.add(connection, Path(f"/{folder}").absolute(), "folder")
        for name, text in texts.items():
            cut = Cut((NewChunk(0, len(text), None, "", encoding_hash("", text)),))
            extracted = Extracted(name.title(), text, "text/plain")
            number = documents.put(connection, name, extracted, cut, 1)
            documents.put_file(connection, root.id, FileState(f"{name}.txt", 1, 1, name), number)


def ids(workspace: Workspace) -> dict[str, int]:
    """Document ids by content hash."""
    with workspace._parts.library.read() as connection:
        return dict(connection.execute("SELECT content_hash, id FROM documents").fetchall())


def remove(workspace: Workspace, name: str) -> None:
    """Take a document's file away."""
    with workspace._parts.library.write() as connection:
        root = connection.execute("SELECT id FROM roots").fetchone()[0]
        documents.remove_files(connection, root, [f"{name}.txt"])


def add_dataset(workspace: Workspace, name: str, splits: dict[str, dict[str, str]]) -> None:
    """A set over documents of its own: by split, each query's text and the document it finds."""
    with workspace._parts.library.write() as connection:
        root = roots.add(connection, Path(f"/{name}").absolute(), "dataset")
        queries: dict[str, str] = {}
        qrels: dict[str, dict[str, dict[str, int]]] = {}
        for split, found in splits.items():
            qrels[split] = {f"{split}-{query}": {answer: 1} for query, answer in found.items()}
            queries |= {f"{split}-{query}": query for query in found}
            for text in found.values():
                cut = Cut((NewChunk(0, len(text), None, "", encoding_hash("", text)),))
                number = documents.put(
                    connection, text, Extracted(text, text, "text/plain"), cut, 1
                )
                documents.put_file(connection, root.id, FileState(text, 1, 1, text), number)
        evalsets.add(connection, name, root.id, queries, qrels)


def give_vectors(workspace: Workspace, groups: Sequence[Sequence[str]]) -> None:
    """Cache vectors as if of the active model: one direction for each group of names' texts."""
    parts = workspace._parts
    folder = parts.models.folder(parts.models.active_id()) / "onnx"
    folder.mkdir(parents=True, exist_ok=True)
    write_prepared(Prepared("fp32", "f" * 32, None, None, None), folder)
    generator = np.random.default_rng(0)
    for number, group in enumerate(groups):
        vectors = np.eye(len(groups), 8)[[number] * len(group)]
        vectors = vectors + 0.05 * generator.standard_normal(vectors.shape)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        hashes = [encoding_hash("", text) for text in group]
        parts.embeddings.put("f" * 32, hashes, vectors.astype(np.float32))
