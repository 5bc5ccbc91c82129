"""Speed of encoding: `python -m tests.benchmarks.encoding PREPARED CORPUS [--texts N]`.

PREPARED is a folder with MiniLM's `onnx/`, CORPUS a BEIR corpus.jsonl. Alternates between
SentenceTransformer.encode with its defaults and the prepared encoder on the same texts, so that
both meet the same load, and prints medians; then the latency of a query, alone and while passages
are encoded, and of reranking twenty passages.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from engine.encoders.catalogue import BUNDLED, weights_folder
from engine.encoders.cross_encoder import load_cross_encoder
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.encoders.torchvision_ops import define_missing
from engine.errors import JobCancelled

MINILM = BUNDLED[0]
QUERY = "does vitamin d supplementation lower the risk of respiratory infection"


def seconds(call: Callable[[], object]) -> tuple[float, float]:
    """Wall seconds and processor seconds of a call."""
    began, used = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - began, time.process_time() - used


def compare(encoder: TextEncoder, texts: list[str], rounds: int) -> None:
    """Passages a second of both, alternating."""
    define_missing()
    from sentence_transformers import SentenceTransformer

    baseline = SentenceTransformer(str(weights_folder(MINILM.id)), device="cpu")
    calls: dict[str, Callable[[], object]] = {
        "SentenceTransformer.encode": lambda: baseline.encode(texts),
        "TextEncoder.encode_passages": lambda: encoder.encode_passages(texts),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            taken[name].append(seconds(call))
    for name, pairs in taken.items():
        wall, used = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(
            f"{name:30} {len(texts) / wall:7.1f} passages/s"
            f" {len(texts) / used:7.1f} a processor second"
        )
    slow, fast = taken.values()
    ratios = [before[0] / after[0] for before, after in zip(slow, fast, strict=True)]
    print(f"ratio of each round: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")


def query_latency(encoder: TextEncoder, texts: list[str]) -> None:
    """Milliseconds of a query, alone and beside passages."""

    def measure(what: str) -> None:
        taken = sorted(
            1000 * seconds(lambda: encoder.encode_queries([QUERY]))[0] for _ in range(60)
        )
        print(f"query {what:24} p50 {taken[30]:6.1f} ms  p95 {taken[57]:6.1f} ms")

    measure("alone")
    stop = threading.Event()

    def progress(_: int) -> None:
        if stop.is_set():
            raise JobCancelled

    def encode() -> None:
        try:
            encoder.encode_passages(texts * 1000, progress)
        except JobCancelled:
            return

    passages = threading.Thread(target=encode)
    passages.start()
    time.sleep(0.5)
    measure("while passages are encoded")
    stop.set()
    passages.join()


def rerank_latency(texts: list[str], threads: int) -> None:
    """Milliseconds of scoring twenty passages."""
    cross_encoder = load_cross_encoder(threads)
    cross_encoder.score(QUERY, texts[:20])
    taken = []
    for start in range(0, len(texts) - 20, 20):
        passages = texts[start : start + 20]
        taken.append(seconds(partial(cross_encoder.score, QUERY, passages))[0] * 1000)
    print(f"reranking 20 passages p50 {statistics.median(taken):.1f} ms  max {max(taken):.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with arguments.corpus.open(encoding="utf-8") as lines:
        documents = [
            json.loads(line) for line, _ in zip(lines, range(arguments.texts), strict=False)
        ]
    texts = [f"{document['title']}\n{document['text']}" for document in documents]

    import torch

    torch.set_num_threads(arguments.threads)
    encoder = load_encoder(MINILM, arguments.prepared / "onnx", arguments.threads)
    compare(encoder, texts, arguments.rounds)
    query_latency(encoder, texts)
    rerank_latency(texts, arguments.threads)


if __name__ == "__main__":
    main()
