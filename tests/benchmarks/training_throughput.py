"""Our training loop beside sentence-transformers' own trainer.

`python -m tests.benchmarks.training_throughput BEIR [--pairs N] [--rounds N] [--quality]`

BEIR is a dataset's folder with a train and a test split. Both train MiniLM on the same pairs of the
train split, each with its best BM25 passage that is not relevant, with the same batch size,
learning rate and epochs; all else is the trainer's default. They take turns, and the medians of
their pairs a second are compared; a round's first steps only warm up. With `--quality`, both then
train once on all pairs, and nDCG@10 of exact dense search on the test split is printed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from engine.encoders.catalogue import BUNDLED, weights_folder
from engine.encoders.torchvision_ops import define_missing

define_missing()
# As workers have it: threads that spin while they wait slow each other down.
os.environ |= {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
# Only now: these look for torchvision.
# ruff: noqa: E402
import torch
from datasets import Dataset as Rows
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from engine.evaluation.beir import Dataset, read_beir
from engine.evaluation.metrics import mean
from engine.recipe import Recipe, Stage
from engine.storage.encoding_key import encoding_text
from engine.training import devices
from engine.training.dense_ndcg import dense_ndcg
from engine.training.hard_negatives import Bm25
from engine.training.pairs import Example
from engine.training.probing import encode
from engine.training.train import threads
from engine.training.train_messages import Heard, Probe, StageOrder, Stepped, TrainOrder
from engine.training.training_loop import TrainingLoop

MINILM = BUNDLED[0].id
STAGE = Stage(epochs=1)
WARM_UP = 1
Train = Callable[[Sequence[Example], Path], float]


class Unhindered:
    """A parent that wants nothing."""

    def held(self) -> bool:
        return False

    def finishing(self) -> bool:
        return False


def pairs_of(dataset: Dataset, n: int) -> list[Example]:
    """The first pairs of the train split."""
    ids = [document.id for document in dataset.documents]
    texts = [encoding_text(d.title, d.text) for d in dataset.documents]
    text_of = dict(zip(ids, texts, strict=True))
    bm25 = Bm25(texts, 0)
    found: list[Example] = []
    for query, grades in dataset.splits["train"].items():
        if len(found) >= n:
            break
        ranked = bm25.scores(dataset.queries[query]).argsort()[::-1]
        negative = next(texts[row] for row in ranked if ids[row] not in grades)
        for document, grade in grades.items():
            if grade > 0 and document in text_of:
                text = dataset.queries[query]
                found.append(Example(query, text, document, text_of[document], (negative,)))
    return found[:n]


def rate(times: Sequence[float], n_pairs: Sequence[int]) -> float:
    """Pairs a second after the warm-up; `times` has one more, the beginning."""
    return sum(n_pairs[WARM_UP:]) / (times[-1] - times[WARM_UP])


def ours(examples: Sequence[Example], target: Path) -> float:
    """Train with our loop; returns pairs a second."""
    probed = examples[:2]
    probe = Probe(
        {e.query_id: e.query for e in probed},
        tuple(e.document for e in probed),
        tuple(e.positive for e in probed),
        {e.query_id: {e.document: 1} for e in probed},
    )
    recipe = Recipe(stages=(STAGE,), probes_an_epoch=1)
    checkpoints = target.with_name(f"{target.name}-checkpoints")
    checkpoints.mkdir()
    asked = TrainOrder(
        str(weights_folder(MINILM)),
        str(target),
        str(checkpoints),
        recipe,
        (StageOrder(STAGE, tuple(examples)),),
        (),
        probe,
        False,
        threads(),
    )
    times: list[float] = []

    def hear(message: Heard) -> None:
        if isinstance(message, Stepped) or not times:
            times.append(time.perf_counter())

    TrainingLoop(asked, hear, Unhindered()).run()
    return rate(times, _sizes(len(examples)))


class Clock(TrainerCallback):  # type: ignore[misc]
    """Notes when each step ended."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_train_begin(
        self, _args: TrainingArguments, _state: TrainerState, _control: TrainerControl, **_: object
    ) -> None:
        self.times.append(time.perf_counter())

    def on_step_end(
        self, _args: TrainingArguments, _state: TrainerState, _control: TrainerControl, **_: object
    ) -> None:
        self.times.append(time.perf_counter())


def theirs(examples: Sequence[Example], target: Path) -> float:
    """Train with sentence-transformers' trainer; returns pairs a second."""
    torch.use_deterministic_algorithms(False)
    model = SentenceTransformer(str(weights_folder(MINILM)), device="cpu", local_files_only=True)
    clock = Clock()
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(target.with_name("scratch")),
            num_train_epochs=STAGE.epochs,
            per_device_train_batch_size=STAGE.batch_size,
            learning_rate=STAGE.learning_rate,
            warmup_steps=STAGE.warmup_share,
            use_cpu=True,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
        ),
        train_dataset=Rows.from_dict(
            {
                "query": [e.query for e in examples],
                "positive": [e.positive for e in examples],
                "negative": [e.negatives[0] for e in examples],
            }
        ),
        loss=MultipleNegativesRankingLoss(model),
        callbacks=[clock],
    )
    trainer.train()
    model.save(str(target), create_model_card=False)
    return rate(clock.times, _sizes(len(examples)))


def _sizes(n: int) -> list[int]:
    return [min(STAGE.batch_size, n - start) for start in range(0, n, STAGE.batch_size)]


def ndcg(folder: Path, dataset: Dataset) -> float:
    """nDCG@10 of exact dense search on the test split."""
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    bf16 = devices.has_fast_bf16("cpu")
    texts = [encoding_text(d.title, d.text) for d in dataset.documents]
    passages = encode(model, texts, "cpu", bf16, queries=False)
    qrels = dataset.splits["test"]
    vectors = encode(model, [dataset.queries[q] for q in qrels], "cpu", bf16, queries=True)
    documents = [document.id for document in dataset.documents]
    return mean(dense_ndcg(qrels, vectors, documents, passages))


def main() -> None:
    """Compare and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("beir", type=Path)
    parser.add_argument("--pairs", type=int, default=800)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4, help="a round")
    parser.add_argument("--quality", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(threads())
    dataset = read_beir(arguments.beir)
    examples = pairs_of(dataset, arguments.pairs)
    trains: dict[str, Train] = {"ours": ours, "theirs": theirs}
    with tempfile.TemporaryDirectory() as folder:
        rates: dict[str, list[float]] = {name: [] for name in trains}
        for number in range(arguments.rounds):
            for name, train in trains.items():
                some = examples[: (WARM_UP + arguments.steps) * STAGE.batch_size]
                rates[name].append(train(some, Path(folder) / f"{name}-{number}"))
                print(f"round {number}: {name} {rates[name][-1]:.2f} pairs/s", flush=True)
        first, second = (median(rates[name]) for name in trains)
        print(f"median: ours {first:.2f}, theirs {second:.2f} pairs/s, {first / second:.2f} times")
        if arguments.quality:
            print(f"before: nDCG@10 {ndcg(weights_folder(MINILM), dataset):.4f}")
            for name, train in trains.items():
                target = Path(folder) / name
                train(examples, target)
                print(f"{name}: nDCG@10 {ndcg(target, dataset):.4f} after all pairs", flush=True)


if __name__ == "__main__":
    main()
