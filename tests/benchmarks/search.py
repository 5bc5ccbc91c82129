"""How long a search takes in a large library: `python -m tests.benchmarks.search FOLDER`.

FOLDER is a dataset in BEIR's layout. Its sentences are recombined into as many passages as asked
for. A sample of them is encoded; the other vectors lie between those, with noise, which makes them
harder to tell apart for the vector index than real ones are. Queries are the dataset's own.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import BUNDLED, weights_folder
from engine.encoders.cross_encoder import load_cross_encoder
from engine.encoders.prepare import prepare_encoder, read_prepared
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.records import Chunk
from engine.retrieval.exact import ExactVectors
from engine.retrieval.lexical import LexicalIndex
from engine.retrieval.search import Options, Parts, search
from engine.retrieval.vectors import VectorIndex

_SAMPLE = 1000
_CHUNKS_A_DOCUMENT = 4
_SENTENCES = 8
_DEPTH = 200
_BATCH = 4000


def passages(folder: Path, n: int, rng: np.random.Generator) -> list[Chunk]:
    """`n` passages of sentences that occur in the corpus, from two of its documents each."""
    documents = []
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            documents.append((row.get("title") or "", row["text"].split(". ")))
    chunks = []
    for i in range(n):
        first, second = rng.integers(len(documents), size=2)
        mixed = documents[first][1] + documents[second][1]
        text = ". ".join(mixed[j] for j in rng.integers(len(mixed), size=_SENTENCES))
        title = documents[first][0]
        chunks.append(Chunk(i, i // _CHUNKS_A_DOCUMENT, 0, 0, len(text), None, text, title, b""))
    return chunks


def vectors_for(
    chunks: Sequence[Chunk], encoder: TextEncoder, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(n, dim) float32, L2-normalised: real ones for a sample, the rest between them."""
    real = encoder.encode_passages([f"{c.context}\n{c.text}" for c in chunks[:_SAMPLE]])
    mixed = rng.dirichlet((1.0, 1.0, 1.0), len(chunks)).astype(np.float32)
    picked = rng.integers(len(real), size=(len(chunks), 3))
    made = np.einsum("ij,ijd->id", mixed, real[picked])
    noise = rng.standard_normal(made.shape).astype(np.float32)
    made += 0.4 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    made[: len(real)] = real
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made, np.float32)


def report(name: str, queries: Sequence[str], ask: Callable[[str], object]) -> None:
    """Print the median and the 95th percentile of `ask`, in milliseconds."""
    ask(queries[0])
    times_ms = []
    for query in queries:
        began = time.perf_counter()
        ask(query)
        times_ms.append((time.perf_counter() - began) * 1000)
    p50, p95 = np.percentile(times_ms, [50, 95])
    print(f"{name:<42} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms", flush=True)


def filled(
    folder: Path, chunks: Sequence[Chunk], vectors: NDArray[np.float32]
) -> tuple[LexicalIndex, VectorIndex, ExactVectors]:
    """The three indexes over the passages; prints how fast they were made."""
    began = time.perf_counter()
    lexical = LexicalIndex.create(folder / "lexical")
    for some in _batches(chunks):
        lexical.add(some)
        lexical.commit()
    print(f"keyword index: {len(chunks) / (time.perf_counter() - began):,.0f} passages/s")
    began = time.perf_counter()
    dense = VectorIndex(folder / "vectors", vectors.shape[1])
    for some in _batches(chunks):
        _add(dense, some, vectors)
    print(f"vector index: {len(chunks) / (time.perf_counter() - began):,.0f} passages/s")
    exact = ExactVectors(vectors.shape[1])
    exact.append([c.id for c in chunks], [c.document_id for c in chunks], vectors)
    for name in ("lexical", "vectors"):
        size = sum(file.stat().st_size for file in (folder / name).rglob("*") if file.is_file())
        print(f"{name}: {size / 1e6:,.0f} MB on disk")
    return lexical, dense, exact


def measure(folder: Path, work: Path, n: int, n_queries: int, prepared: Path) -> None:
    """Build the library and report."""
    rng = np.random.default_rng(0)
    card = BUNDLED[0]
    if read_prepared(prepared) is None:
        prepare_encoder(card, weights_folder(card.id), prepared, lambda: None)
    encoder, cross_encoder = load_encoder(card, prepared), load_cross_encoder()
    chunks = passages(folder, n, rng)
    vectors = vectors_for(chunks, encoder, rng)
    lexical, dense, exact = filled(work, chunks, vectors)
    with (folder / "queries.jsonl").open(encoding="utf-8") as lines:
        queries = [json.loads(line)["text"] for line in lines][:n_queries]
    encoded = {query: encoder.encode_queries([query])[0] for query in queries}
    shared = [
        len(_ids(exact, encoded[query]) & _ids(dense, encoded[query])) / 100 for query in queries
    ]
    print(f"vector index finds {np.mean(shared):.1%} of the exact best 100")
    parts = Parts(
        lexical=lexical,
        dense=lambda vector, k, _: dense.search(vector, k),
        encode_query=lambda query: encoder.encode_queries([query])[0],
        load_passages=lambda ids: {id_: chunks[id_] for id_ in ids},
        score_pairs=lambda query, texts: cross_encoder.score(query, texts).tolist(),
    )
    report("encode the query", queries, parts.encode_query)
    report("keywords", queries, lambda q: lexical.search(q, _DEPTH))
    report(
        "keywords, last word unfinished", queries, lambda q: lexical.search(q, _DEPTH, prefix=True)
    )
    report("vectors, Chroma", queries, lambda q: dense.search(encoded[q], _DEPTH))
    report("vectors, exact", queries, lambda q: exact.search(encoded[q], _DEPTH))
    report("whole search, lexical", queries, lambda q: search(Options(q, mode="lexical"), parts))
    report("whole search, dense", queries, lambda q: search(Options(q, mode="dense"), parts))
    report("whole search, hybrid", queries, lambda q: search(Options(q), parts))
    report("whole search, hybrid, 100 results", queries, lambda q: search(Options(q, k=100), parts))
    report("whole search, reranked", queries[:50], lambda q: search(Options(q, rerank=True), parts))
    stop = threading.Event()
    writer = threading.Thread(target=_write_on, args=(lexical, dense, chunks, vectors, stop))
    writer.start()
    report("whole search, hybrid, while indexing", queries, lambda q: search(Options(q), parts))
    stop.set()
    writer.join()
    lexical.close()
    dense.close()


def _write_on(
    lexical: LexicalIndex,
    dense: VectorIndex,
    chunks: Sequence[Chunk],
    vectors: NDArray[np.float32],
    stop: threading.Event,
) -> None:
    """Take documents out and put them in again until `stop`."""
    while not stop.is_set():
        for some in _batches(chunks):
            if stop.is_set():
                return
            gone = {chunk.document_id for chunk in some}
            lexical.delete(gone)
            lexical.add(some)
            lexical.commit()
            dense.delete_documents(gone)
            _add(dense, some, vectors)


def _add(dense: VectorIndex, some: Sequence[Chunk], vectors: NDArray[np.float32]) -> None:
    ids = [chunk.id for chunk in some]
    dense.add(ids, [chunk.document_id for chunk in some], vectors[ids])


def _batches(chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
    for start in range(0, len(chunks), _BATCH):
        yield chunks[start : start + _BATCH]


def _ids(index: ExactVectors | VectorIndex, vector: NDArray[np.float32]) -> set[int]:
    return {line.chunk_id for line in index.search(vector, 100)}


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a dataset in BEIR's layout")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--prepared", type=Path, help="where the prepared encoder is or shall be")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        prepared = arguments.prepared or Path(work) / "onnx"
        measure(arguments.folder, Path(work), arguments.passages, arguments.queries, prepared)


if __name__ == "__main__":
    main()
