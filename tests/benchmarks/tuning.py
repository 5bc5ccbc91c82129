"""What tuning brings and costs: `python -m tests.benchmarks.tuning PREPARED BEIR [--seed N]`.

PREPARED is a folder with MiniLM's `onnx/`, BEIR a dataset's folder with a train and a test split.
Tunes MiniLM on the train split with the default recipe, the whole way (mining, training, export,
encoding, gate), and prints what each stage took, the gate's verdict, and nDCG@10 of dense search on
the test split, which the tuning never sees, before and after.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from engine.encoders.catalogue import BUNDLED, weights_folder
from engine.encoders.prepare import prepare_encoder
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.evaluation.beir import Dataset, read_beir
from engine.evaluation.metrics import mean, per_query
from engine.evaluation.significance import bootstrap_interval, randomisation_p
from engine.events import Measured, Progress
from engine.storage.encoding_key import encoding_text
from engine.training import gate
from engine.training.corpus import Corpus, dense_run
from engine.training.pairs import from_qrels
from engine.recipe import Recipe
from engine.training.tune import TuneSpec, tune

MINILM = BUNDLED[0]


class Watch:
    """Notes when each stage began, prints the curve, and keeps the highest memory of children."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._stage = ""
        self.peak_bytes = 0
        threading.Thread(target=self._measure, daemon=True).start()

    def hear(self, event: Progress | Measured) -> None:
        at = time.perf_counter() - self._began
        if isinstance(event, Progress) and event.stage != self._stage:
            self._stage = event.stage
            print(f"{at:7.1f} s  {event.stage}", flush=True)
        elif isinstance(event, Measured) and event.series != "loss":
            print(f"{at:7.1f} s  {event.series} {event.value:.4f} at step {event.step:.0f}")

    def _measure(self) -> None:
        while True:
            for child in psutil.Process().children(recursive=True):
                try:
                    self.peak_bytes = max(self.peak_bytes, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
            time.sleep(0.5)


def test_split(dataset: Dataset, encoder: TextEncoder, corpus: Corpus) -> dict[str, float]:
    """nDCG@10 of each test query."""
    qrels = dataset.splits["test"]
    vectors = encoder.encode_queries([dataset.queries[query] for query in qrels])
    by_id = dict(zip(qrels, vectors, strict=True))
    return per_query(gate.MEASURE, qrels, dense_run(by_id, corpus.documents, corpus.vectors, k=10))


def main() -> None:
    """Tune and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("beir", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    dataset = read_beir(arguments.beir)
    base = load_encoder(MINILM, arguments.prepared / "onnx")
    texts = tuple(encoding_text(d.title, d.text) for d in dataset.documents)
    corpus = Corpus(tuple(d.id for d in dataset.documents), texts, base.encode_passages(texts))
    queries = from_qrels(dataset.queries, dataset.splits["train"])
    with tempfile.TemporaryDirectory() as folder:
        card = replace(MINILM, id="tuned", origin="tuned", base=MINILM.id)
        loaded: list[TextEncoder] = []

        def prepare(weights: Path) -> TextEncoder:
            prepare_encoder(card, weights, Path(folder) / "onnx", lambda: None)
            loaded.append(load_encoder(card, Path(folder) / "onnx"))
            return loaded[0]

        spec = TuneSpec(
            "benchmark",
            weights_folder(MINILM.id),
            Path(folder) / "weights",
            queries,
            corpus,
            Recipe(seed=arguments.seed),
        )
        watch = Watch()
        tuned = tune(spec, base, prepare, watch.hear, lambda: None)
        after = test_split(dataset, loaded[0], replace(corpus, vectors=tuned.vectors))
    before = test_split(dataset, base, corpus)
    values = np.array([[before[query], after[query]] for query in before]).T
    low, high = bootstrap_interval(*values)
    print(f"{tuned.n_examples} examples, {tuned.seconds:.0f} s, {base.variant} before,")
    print(f"{loaded[0].variant} after; workers took up to {watch.peak_bytes / 2**20:.0f} MB")
    print(tuned.gate.reason)
    print(f"test: {mean(before):.4f} -> {mean(after):.4f}, {mean(after) - mean(before):+.4f}")
    print(f"95 % interval {low:+.4f} to {high:+.4f}, p = {randomisation_p(*values):.4f}")


if __name__ == "__main__":
    main()
