"""What tuning brings and costs: `python -m tests.benchmarks.tuning PREPARED BEIR [options]`.

PREPARED is a folder with MiniLM's `onnx/`, BEIR a dataset's folder with a train and a test split.
Tunes MiniLM on the train split, the whole way (mining, training, export, encoding, gate), and
prints what each stage took, the gate's verdict, and nDCG@10 of dense search on the test split,
which the tuning never sees, before and after.

    --recipe FILE      a recipe in JSON; --preset NAME one of the program's (Balanced)
    --seed N           give it several times for several runs, whose gains are put together
    --queries N        only so many of the judged queries, drawn by seed
    --poison           random positives, as if everything had been judged wrong: to be refused
    --forgetting BEIR  another dataset, on whose test split it is seen what is unlearnt; repeatable
    --json FILE        write every figure there
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import psutil

from engine.encoders.catalogue import BUNDLED, weights_folder
from engine.encoders.cross_encoder import load_cross_encoder
from engine.encoders.prepare import prepare_encoder
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.evaluation.beir import Dataset, read_beir
from engine.evaluation.metrics import mean
from engine.evaluation.significance import bootstrap_interval, randomisation_p
from engine.events import Measured, Progress
from engine.recipe import BALANCED, PRESETS, Origin, Recipe
from engine.storage.encoding_key import encoding_text
from engine.training import gate
from engine.training.corpus import Corpus
from engine.training.dense_ndcg import dense_ndcg
from engine.training.examples import MakePairs
from engine.training.general_set import read_general_set
from engine.training.heuristic_queries import SourcePassage, heuristic_pairs
from engine.training.hidden import AlikeTexts
from engine.training.pairs import JudgedQuery, from_qrels
from engine.training.plan import TuneSpec
from engine.training.stages import Stages
from engine.training.training_set import TrainingSet, WeakPair
from engine.training.tune import ReadyModel, Tuned, tune
from engine.training_records import WEIGHTS
from engine.tuning import size_of

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
        elif isinstance(event, Measured) and event.series in (str(gate.MEASURE), "validation loss"):
            print(f"{at:7.1f} s  {event.series} {event.value:.4f} at step {event.step:.0f}")

    def _measure(self) -> None:
        while True:
            for child in psutil.Process().children(recursive=True):
                try:
                    self.peak_bytes = max(self.peak_bytes, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
            time.sleep(0.5)


class Collection:
    """A dataset as a model sees it."""

    def __init__(self, folder: Path, base: TextEncoder) -> None:
        self.dataset: Dataset = read_beir(folder)
        self.name = folder.name
        self.texts = tuple(encoding_text(d.title, d.text) for d in self.dataset.documents)
        self.documents = tuple(d.id for d in self.dataset.documents)
        self.corpus = Corpus(self.documents, self.texts, base.encode_passages(self.texts))
        self.before = self.ndcg(base, self.corpus)

    def ndcg(self, encoder: TextEncoder, corpus: Corpus | None = None) -> dict[str, float]:
        """nDCG@10 of each test query by dense search."""
        if corpus is None:
            corpus = replace(self.corpus, vectors=encoder.encode_passages(self.texts))
        qrels = self.dataset.splits["test"]
        vectors = encoder.encode_queries([self.dataset.queries[query] for query in qrels])
        return dense_ndcg(qrels, vectors, corpus.documents, corpus.vectors)

    def maker(self) -> MakePairs:
        """Titles as queries; none is a test query."""
        test = self.dataset.splits["test"]
        wordings = AlikeTexts(self.dataset.queries[query] for query in test)
        passages = [SourcePassage(d.id, d.title, d.title, d.text) for d in self.dataset.documents]

        def make(origin: Origin, n: int, seed: int) -> Sequence[WeakPair]:
            if origin not in ("title", "heading"):
                return ()
            return [
                WeakPair(origin, pair.query, pair.document, pair.positive, WEIGHTS[origin])
                for pair in heuristic_pairs(passages, origin, n, seed)
                if not wordings.have(pair.query)
            ]

        return make


def judged(
    collection: Collection, n_queries: int | None, poison: bool, seed: int
) -> tuple[JudgedQuery, ...]:
    """The queries of the train split, perhaps fewer, perhaps with each other's positives."""
    queries = list(from_qrels(collection.dataset.queries, collection.dataset.splits["train"]))
    chance = random.Random(seed)
    if n_queries is not None:
        queries = chance.sample(queries, n_queries)
    if poison:
        positives = [query.positives for query in queries]
        chance.shuffle(positives)
        queries = [replace(q, positives=p) for q, p in zip(queries, positives, strict=True)]
    return tuple(queries)


def one_run(
    collection: Collection,
    others: Sequence[Collection],
    base: ReadyModel,
    recipe: Recipe,
    queries: tuple[JudgedQuery, ...],
) -> tuple[float, dict[str, object]]:
    """Tune once and report; returns the gain on the test split, and every figure."""
    watch = Watch()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "checkpoints").mkdir()
        card = replace(MINILM, id="tuned", origin="tuned", base=MINILM.id)
        loaded: list[TextEncoder] = []

        def prepare(weights: Path) -> ReadyModel:
            prepare_encoder(card, weights, folder / "onnx", lambda: None)
            loaded.append(load_encoder(card, folder / "onnx"))
            return ReadyModel(loaded[0], size_of(folder / "onnx"))

        spec = TuneSpec(
            weights_folder(MINILM.id),
            folder / "weights",
            folder / "checkpoints",
            TrainingSet(queries, (), {}, collection.name, ""),
            collection.corpus,
            recipe,
            general=read_general_set(),
            make=collection.maker(),
            score=lambda query, texts: load_cross_encoder().score(query, texts).tolist(),
        )
        stages = Stages("benchmark", gate.MEASURE, watch.hear, lambda: None)
        began = time.perf_counter()
        tuned = tune(spec, base, prepare, stages)
        seconds = time.perf_counter() - began
        after = collection.ndcg(loaded[0])
        kept = {other.name: other.ndcg(loaded[0]) for other in others}
    figures = _figures(collection, tuned, after, seconds, watch.peak_bytes)
    for other in others:
        print(f"{other.name}: {_change(other.before, kept[other.name])}")
        figures[other.name] = [mean(other.before), mean(kept[other.name])]
    return mean(after) - mean(collection.before), figures


def _figures(
    collection: Collection,
    tuned: Tuned,
    after: Mapping[str, float],
    seconds: float,
    peak_bytes: int,
) -> dict[str, object]:
    peak_mb = peak_bytes / 2**20
    print(f"{tuned.n_examples} examples, {seconds:.0f} s, workers up to {peak_mb:.0f} MB")
    print(tuned.notes)
    print(tuned.gate.reason)
    for check in tuned.gate.checks:
        print(f"  {'passed' if check.passed else 'failed'}  {check.name}: {check.words}")
    print(f"test: {_change(collection.before, after)}")
    return {
        "examples": tuned.n_examples,
        "seconds": seconds,
        "peak_mb": peak_mb,
        "accepted": tuned.gate.accepted,
        "gate": [tuned.gate.before, tuned.gate.after, tuned.gate.p],
        "kept_step": tuned.trained.kept_step,
        "kept_share": tuned.trained.kept_share,
        "general": [tuned.general_before, tuned.general_after],
        "test": [mean(collection.before), mean(after)],
    }


def _change(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    values = np.array([[before[query], after[query]] for query in before]).T
    low, high = bootstrap_interval(*values)
    first, second = values.mean(axis=1)
    return (
        f"{first:.4f} -> {second:.4f}, {second - first:+.4f} "
        f"({low:+.4f} to {high:+.4f}, p = {randomisation_p(*values):.4f})"
    )


def main() -> None:
    """Tune and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("beir", type=Path)
    parser.add_argument("--recipe", type=Path)
    parser.add_argument("--preset", default=BALANCED.name, choices=[p.name for p in PRESETS])
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--queries", type=int)
    parser.add_argument("--poison", action="store_true")
    parser.add_argument("--forgetting", type=Path, action="append", default=[])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    recipe = next(preset for preset in PRESETS if preset.name == asked.preset)
    if asked.recipe is not None:
        recipe = msgspec.json.decode(asked.recipe.read_bytes(), type=Recipe)
    encoder = load_encoder(MINILM, asked.prepared / "onnx")
    base = ReadyModel(encoder, size_of(asked.prepared / "onnx"))
    collection = Collection(asked.beir, encoder)
    others = [Collection(folder, encoder) for folder in asked.forgetting]
    runs, gains = [], []
    for seed in asked.seed or [recipe.seed]:
        seeded = msgspec.structs.replace(recipe, seed=seed)
        queries = judged(collection, asked.queries, asked.poison, seed)
        print(f"\n{collection.name}, {len(queries)} queries, recipe {recipe.name}, seed {seed}")
        gain, figures = one_run(collection, others, base, seeded, queries)
        gains.append(gain)
        runs.append(figures | {"seed": seed})
        if asked.json is not None:
            asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(runs)))
    if len(gains) > 1:
        spread = np.std(gains, ddof=1)
        print(f"\n{len(gains)} seeds: {np.mean(gains):+.4f} ± {spread:.4f} on the test")


if __name__ == "__main__":
    main()
