"""From key to next document in the judging room: `python -m tests.benchmarks.judging_room FOLDER`.

FOLDER is a dataset in BEIR's layout. A set of 50 of its queries with the first 100 documents of
each is judged in a window drawn into memory, over a real engine process: keys are pressed at the
pace of a quick person, then as fast as the room takes them. A time is from the key's press until
the next document is laid out and painted.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from engine.evaluation_records import JudgingOrder

R = TypeVar("R")

_RATER, _SET = "ann", "judged"
_QUERIES, _DEPTH = 50, 100
_ANSWERED_S = 600


def main() -> None:
    """Measure, and print median, 95th percentile and maximum in ms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workspace", type=Path, help="made there and kept; else a temporary one")
    parser.add_argument("--order", choices=("pool", "active"), default="pool")
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--pause-ms", type=int, default=300)
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        workspace = arguments.workspace or Path(made) / "library"
        pause_s = arguments.pause_ms / 1000
        measure(workspace, arguments.folder, arguments.order, arguments.keys, pause_s)


def measure(
    workspace: Path, folder: Path, order: JudgingOrder, n_keys: int, pause_s: float
) -> None:
    """Make the set where it is not there yet, and judge."""
    from PySide6.QtWidgets import QApplication

    from engine.client import EngineClient
    from engine.evaluation_requests import GetJudgingProgress
    from engine.events import Event, Failed, Finished
    from engine.request import Request
    from engine.requests import ListEvalSets
    from gui.background import Engine
    from gui.pages.judging import JudgingPage
    from gui.theme import Theme

    app = QApplication([])
    Theme(app)
    ended: dict[str, Event] = {}
    engine = Engine(lambda event, state: EngineClient(workspace, event, state))
    engine.event_heard.connect(
        lambda event: (
            ended.update({event.job: event}) if isinstance(event, Finished | Failed) else 0
        )
    )

    def wait_for(there: Callable[[], object]) -> None:
        until = time.monotonic() + _ANSWERED_S
        while not there():
            assert time.monotonic() < until, "the engine does not answer"
            app.processEvents()
            time.sleep(0.0005)

    def ask(request: Request[R]) -> R:
        answers: list[R] = []
        engine.ask(request, answers.append)
        wait_for(lambda: answers)
        return answers[0]

    wait_for(lambda: engine.state == "ready")
    if _SET not in [each.name for each in ask(ListEvalSets())]:
        make_set(folder, ask, lambda job: wait_for(lambda: job in ended))
    left = ask(GetJudgingProgress(_SET, _RATER))
    print(f"{left.n_total - left.n_done} pairs to judge", flush=True)

    page = JudgingPage(engine)
    page.resize(1192, 640)
    page.show()
    page.begin(_SET, _RATER, order)
    wait_for(lambda: page.session is not None and page.session.task is not None)
    settled = time.monotonic() + 1
    wait_for(lambda: time.monotonic() > settled)
    for name, pause in ((f"a key each {pause_s:g} s", pause_s), ("without a pause", 0.0)):
        times_ms = press(page, n_keys, pause, wait_for)
        p50, p95 = np.percentile(times_ms, [50, 95])
        print(
            f"{name:<20} median {p50:6.1f} ms   p95 {p95:6.1f} ms   max {max(times_ms):6.1f} ms",
            flush=True,
        )
        wait_for(lambda: page.session is None or not page.session.saves.n_waiting)
    done = ask(GetJudgingProgress(_SET, _RATER)).n_done - left.n_done
    assert done == 2 * n_keys, f"{done} judgments were saved"
    engine.close()


def press(
    page: object, n_keys: int, pause_s: float, wait_for: Callable[[Callable[[], object]], None]
) -> list[float]:
    """Milliseconds from each key to the next document."""
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from gui.pages.judging import JudgingPage

    assert isinstance(page, JudgingPage)
    assert page.session is not None
    session, times_ms = page.session, []
    for _, grade in zip(range(n_keys), itertools.cycle("0123"), strict=False):
        before = session.task
        began = time.perf_counter()
        QTest.keyClicks(page.room, grade)
        QApplication.processEvents()
        if session.task is None:
            wait_for(lambda: session.task is not None)
            QApplication.processEvents()
        times_ms.append((time.perf_counter() - began) * 1000)
        assert session.task is not before
        if pause_s:
            wait_for(partial(_is_past, time.monotonic() + pause_s))
    return times_ms


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def make_set(folder: Path, ask: Callable[..., object], wait_for_job: Callable[[str], None]) -> None:
    """Index the dataset, and pool for some of its queries."""
    from engine.evaluation_records import System
    from engine.evaluation_requests import AddQueries, CreateEvalSet, Pool
    from engine.records import JobInfo, LibraryStatus
    from engine.requests import GetStatus, ImportEvalSet

    def do(request: object) -> None:
        job = ask(request)
        assert isinstance(job, JobInfo)
        wait_for_job(job.id)

    do(ImportEvalSet(str(folder.absolute()), "dataset"))
    status = ask(GetStatus())
    assert isinstance(status, LibraryStatus)
    lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()[:_QUERIES]
    ask(CreateEvalSet(_SET, root_id=status.roots[0].id))
    ask(AddQueries(_SET, tuple(json.loads(line)["text"] for line in lines)))
    do(Pool(_SET, (System("lexical"),), _DEPTH))


if __name__ == "__main__":
    main()
