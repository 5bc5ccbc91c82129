"""How long searches take while a model is tuned: `python -m tests.benchmarks.search_while_tuning`.

It needs `BEIR`, a dataset's folder with a train and a test split, and takes `--workspace FOLDER`, a
library that holds the dataset already; else one is made, which is encoded first. The test queries
are searched as the window does it, over the pipe of a real engine, one after another with a short
pause; in turn while the engine is idle and while it trains on the train split.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.client import EngineClient
from engine.events import Cancelled, Event, Failed, Finished, Measured
from engine.recipe import PRESETS, THOROUGH
from engine.requests import CancelJob, Finetune, ImportEvalSet, ListEvalSets, Search

_PAUSE_S = 0.1


class Window:
    """What a window hears of its engine."""

    def __init__(self, workspace: Path) -> None:
        self._heard: list[Event] = []
        self._changed = threading.Condition()
        self.client = EngineClient(workspace, self._hear, lambda state, error: None)

    def _hear(self, event: Event) -> None:
        with self._changed:
            self._heard.append(event)
            self._changed.notify_all()

    def wait_for(self, job: str, *kinds: type[Event]) -> Event:
        """The first event of these kinds that a job tells of."""
        seen = 0
        with self._changed:
            while True:
                for event in self._heard[seen:]:
                    if isinstance(event, kinds) and getattr(event, "job", "") == job:
                        return event
                seen = len(self._heard)
                self._changed.wait()

    def search(self, queries: Iterator[str], seconds: float, *, rerank: bool) -> list[float]:
        """Times of searches, in milliseconds."""
        took_ms, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.perf_counter()
            self.client.ask(Search(next(queries), mode="hybrid", rerank=rerank)).result(60)
            took_ms.append((time.perf_counter() - began) * 1000)
            time.sleep(_PAUSE_S)
        return took_ms


def measure(folder: Path, workspace: Path, preset: str, seconds: float) -> None:
    """Search while idle, while training, and while idle again; print it."""
    name = folder.name
    window = Window(workspace)
    if name not in {one.name for one in window.client.ask(ListEvalSets()).result(60)}:
        job = window.client.ask(ImportEvalSet(str(folder), name)).result(60).id
        window.wait_for(job, Finished, Failed)
    queries = _test_queries(folder)
    recipe = next(one for one in PRESETS if one.name == preset)
    window.search(queries, 3, rerank=True)
    idle = {rerank: window.search(queries, seconds / 2, rerank=rerank) for rerank in (False, True)}
    job = window.client.ask(Finetune(name, "train", recipe=recipe)).result(60).id
    told = window.wait_for(job, Measured, Finished, Failed)
    assert isinstance(told, Measured), told
    busy = {rerank: window.search(queries, seconds, rerank=rerank) for rerank in (False, True)}
    window.client.ask(CancelJob(job)).result(60)
    assert isinstance(window.wait_for(job, Finished, Failed, Cancelled), Cancelled)
    for rerank in (False, True):
        idle[rerank] += window.search(queries, seconds / 2, rerank=rerank)
        print("reranked" if rerank else "hybrid")
        for when, took in (("idle", idle[rerank]), (f"{preset} trains", busy[rerank])):
            p50, p95 = np.percentile(took, [50, 95])
            print(f"  {when:<18} n {len(took):4}   p50 {p50:7.1f} ms   p95 {p95:7.1f} ms")
        ratio = np.percentile(busy[rerank], 95) / np.percentile(idle[rerank], 95)
        print(f"  p95 {ratio:.2f} times that of the idle engine", flush=True)
    window.client.close()


def _test_queries(folder: Path) -> Iterator[str]:
    """The queries of the test split, over and over."""
    lines = (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]
    asked = {line.split("\t")[0] for line in lines}
    rows = map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines())
    return itertools.cycle([row["text"] for row in rows if row["_id"] in asked])


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("beir", type=Path)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--preset", default=THOROUGH.name, choices=[one.name for one in PRESETS])
    parser.add_argument("--seconds", type=float, default=40, help="of each kind of search")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        measure(asked.beir, asked.workspace or Path(made), asked.preset, asked.seconds)


if __name__ == "__main__":
    main()
