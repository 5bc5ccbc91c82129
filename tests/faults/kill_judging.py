"""Kills the engine at random moments while somebody judges, as fast as keys can be pressed.

In the end no acknowledged judgment is lost, and undo takes back one after the other.

The long form: `python -m tests.faults.kill_judging --kills 100`.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.evaluation_records import GRADED, GivenJudgment
from engine.storage import evalset_documents, evalset_queries, evalsets, judgments
from engine.storage.evalset_documents import KeptDocument
from engine.storage.library import open_library

_SET, _RATER = "judged", "ann"
_DOCUMENTS = 40


@dataclass(frozen=True)
class Outcome:
    """What became of the judgments."""

    acknowledged: int
    """Events (judgments, undos and redos) that were answered."""
    kept: int
    """Judgments in force in the end."""


def make_set(workspace: Path) -> None:
    """A set with one query and documents of its own, all of them pooled."""
    with closing(open_library(workspace)) as library, library.write() as connection:
        evalset = evalsets.create(connection, _SET, "", GRADED, None)
        evalset_queries.add_texts(connection, evalset.id, ["a query"], "test", "typed")
        kept = [KeptDocument(f"d{n}", f"Title {n}", "Text.", "") for n in range(_DOCUMENTS)]
        evalset_documents.put(connection, evalset.id, kept)


def judge_on(workspace: Path, seed: int) -> None:
    """Judge, undo and redo without end, telling each step on stdout once it was answered."""
    from engine.errors import NotFound
    from engine.evaluation_requests import GiveJudgment, RedoJudgment, UndoJudgment
    from engine.workspace import Workspace

    draw = random.Random(seed)
    with Workspace(workspace, lambda _: None) as opened:
        while True:
            grade, document = draw.randrange(4), f"d{draw.randrange(_DOCUMENTS)}"
            step = draw.choices(("give", "undo", "redo"), (6, 3, 2))[0]
            print("begin", step, document, grade, flush=True)
            try:
                if step == "give":
                    said = GivenJudgment("q1", document, _RATER, grade, seconds=1.0)
                    opened.judging.give_judgment(GiveJudgment(_SET, said))
                elif step == "undo":
                    opened.judging.undo_judgment(UndoJudgment(_SET, _RATER))
                else:
                    opened.judging.redo_judgment(RedoJudgment(_SET, _RATER))
            except NotFound:
                print("nothing", flush=True)
                continue
            print("done", flush=True)


class History:
    """What a list of steps makes of judgments: those done, and those that can be redone."""

    def __init__(self) -> None:
        self.done: list[tuple[str, int]] = []
        self.undone: list[tuple[str, int]] = []

    def after(self, step: str, document: str, grade: int) -> History:
        """The history one step later."""
        later = History()
        later.done, later.undone = list(self.done), list(self.undone)
        if step == "give":
            later.done.append((document, grade))
            later.undone.clear()
        elif step == "undo" and later.done:
            later.undone.append(later.done.pop())
        elif step == "redo" and later.undone:
            later.done.append(later.undone.pop())
        return later


def run(workspace: Path, kills: int, seed: int) -> Outcome:
    """Judge in a process that is killed `kills` times, and look at everything after each kill."""
    make_set(workspace)
    draw = random.Random(seed)
    history, acknowledged = History(), 0
    for round_ in range(kills):
        told = _judge_until_killed(workspace, seed + round_, draw.uniform(0.0, 0.5))
        begun: tuple[str, str, int] | None = None
        for line in told:
            word, *rest = line.split()
            if word == "begin":
                begun = rest[0], rest[1], int(rest[2])
                continue
            assert begun
            if word == "done":
                history = history.after(*begun)
                acknowledged += 1
            begun = None
        history = _check(workspace, history, begun)
    _undo_all(workspace, history)
    return Outcome(acknowledged, len(dict(history.done)))


def _judge_until_killed(workspace: Path, seed: int, after_s: float) -> list[str]:
    """Lines that the judging process told before it was killed, `after_s` after the first."""
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.faults.kill_judging",
            "--judge",
            workspace,
            "--seed",
            str(seed),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout
    lines = [child.stdout.readline()]
    killer = threading.Timer(after_s, child.kill)
    killer.start()
    lines += child.stdout.readlines()
    killer.join()
    child.wait(30)
    child.stdout.close()
    return [line.strip() for line in lines if line.endswith("\n")]


def _check(workspace: Path, known: History, begun: tuple[str, str, int] | None) -> History:
    """The history that the library tells: what was answered, and perhaps what had begun."""
    with closing(sqlite3.connect(workspace / "library.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute(
            "SELECT document, grade, undone FROM judgment_events WHERE undone < 2 ORDER BY id"
        ).fetchall()
    found = History()
    found.done = [(document, grade) for document, grade, undone in rows if not undone]
    found.undone = [(document, grade) for document, grade, undone in rows[::-1] if undone]
    possible = [known] + ([known.after(*begun)] if begun else [])
    told = [(each.done, each.undone) for each in possible]
    assert (found.done, found.undone) in told, f"{begun} was cut off: {found.done[-3:]}"
    return found


def _undo_all(workspace: Path, history: History) -> None:
    """Undo takes back every judgment, the newest first, until there is none."""
    with closing(open_library(workspace)) as library, library.write() as connection:
        evalset = evalsets.find(connection, _SET)
        grades = judgments.grades(connection, evalset.id).get("q1", {})
        assert grades == dict(history.done)
        for document, _ in reversed(history.done):
            assert judgments.undo(connection, evalset, _RATER) == ("q1", document)
        assert judgments.grades(connection, evalset.id) == {}


def main() -> None:
    """The long form, and the process that is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--judge", type=Path)
    arguments = parser.parse_args()
    if arguments.judge:
        with contextlib.suppress(BrokenPipeError):
            judge_on(arguments.judge, arguments.seed)
        return
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attune-judging-") as folder:
        outcome = run(Path(folder), arguments.kills, arguments.seed)
    print(
        f"{arguments.kills} kills in {time.monotonic() - began:.0f} s: lost 0 of"
        f" {outcome.acknowledged} acknowledged judgments, undos and redos;"
        f" undo history intact after each"
    )


if __name__ == "__main__":
    main()
