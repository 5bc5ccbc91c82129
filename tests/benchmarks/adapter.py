"""What the instant adapter brings and takes: `python -m tests.benchmarks.adapter PREPARED BEIR`.

PREPARED is a folder with MiniLM's `onnx/`, BEIR a dataset's folder with a train and a test split.
Fits the adapter to 50, 200 and 800 queries of the train split, drawn several times, and prints
seconds and nDCG@10 of dense search on the test split, which nothing is chosen by.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import BUNDLED
from engine.encoders.text_adapter import TextAdapter
from engine.encoders.text_encoder import load_encoder
from engine.evaluation.beir import read_beir
from engine.evaluation.metrics import mean
from engine.ingest.chunk import Chunker
from engine.records import Extracted
from engine.storage.encoding_key import encoding_text
from engine.training.adapter import fit_map
from engine.training.corpus import Corpus
from engine.training.dense_ndcg import dense_ndcg
from engine.training.pairs import from_qrels

DRAWS = {50: 8, 200: 4, 800: 2}


def main() -> None:
    """Fit and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("beir", type=Path)
    arguments = parser.parse_args()
    dataset = read_beir(arguments.beir)
    encoder = load_encoder(BUNDLED[0], arguments.prepared / "onnx")
    chunker = Chunker()
    documents, texts = [], []
    for document in dataset.documents:
        text = document.text or document.title
        for span in chunker.chunk(Extracted(document.title, text, "text/plain")):
            documents.append(document.id)
            texts.append(encoding_text(span.context, text[span.start : span.end]))
    corpus = Corpus(tuple(documents), tuple(texts), encoder.encode_passages(texts))
    learnt = from_qrels(dataset.queries, dataset.splits["train"])
    vectors = encoder.encode_queries([query.text for query in learnt])
    qrels = dataset.splits["test"]
    asked = encoder.encode_queries([dataset.queries[query] for query in qrels])

    def ndcg(some: NDArray[np.float32]) -> float:
        return mean(dense_ndcg(qrels, some, corpus.documents, corpus.vectors))

    before = ndcg(asked)
    print(f"base {before:.4f}")
    for n, draws in DRAWS.items():
        gains, took = [], []
        for seed in range(draws):
            rows = np.random.default_rng(seed).permutation(len(learnt))[:n]
            began = time.perf_counter()
            fitted = fit_map([learnt[row] for row in rows], vectors[rows], corpus, seed)
            took.append(time.perf_counter() - began)
            gains.append(ndcg(TextAdapter("", fitted.weights).queries(asked)) - before)
        print(
            f"{n} queries, {draws} draws: {np.mean(gains):+.4f} on average, {min(gains):+.4f} to "
            f"{max(gains):+.4f}, {max(took):.1f} s at most",
            flush=True,
        )


if __name__ == "__main__":
    main()
