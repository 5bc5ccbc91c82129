"""Flips bits in the files of a library and cuts them off, and opens it again.

The long form: `python -m tests.faults.damage_files --trials 100`. Whatever is damaged, a process
that opens the library ends by itself with the right results, or with an error for people that names
the backup to put back, after which the results are right. Only where an index was not closed may
one process be ended by it, never two in a row.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.errors import EngineError
from engine.retrieval.damage import IndexDamaged
from engine.storage import backup
from engine.storage.library import restore_now
from tests.engine.retrieval.shelf import Shelf

Store = Literal["library", "embeddings", "lexical", "vectors", "vectors not closed"]
Way = Literal["flip", "cut"]
STORES: tuple[Store, ...] = ("library", "embeddings", "lexical", "vectors", "vectors not closed")
WAYS: tuple[Way, ...] = ("flip", "cut")

_PROJECT = Path(__file__).parents[2]
_NUMBERS = (3, 71, 444)
_ENOUGH_FOR_FILES = 11_000
"""Chroma writes its graph to files from 10,000 vectors on."""


@dataclass(frozen=True)
class Opened:
    """How a process that opened the library ended."""

    outcome: Literal["right", "told", "wrong", "died"]
    text: str = ""


def make_library(folder: Path, passages: int = _ENOUGH_FOR_FILES) -> None:
    """A closed library of numbered notes, indexed, with a backup."""
    folder.mkdir()
    shelf = Shelf(folder)
    shelf.add(*(f"note number {number}" for number in range(passages)))
    shelf.catch_up()
    shelf.close()
    backup.make(folder / "library.db", folder / "backups", "asked")


def damage(folder: Path, store: Store, way: Way, draw: random.Random) -> str:
    """Damage one file of a store; returns which, and how."""
    pattern = {
        "library": "library.db",
        "embeddings": "embeddings.db",
        "lexical": "index/lexical-*/*",
    }.get(store, "index/vectors-*/**/*")
    files = [path for path in folder.glob(pattern) if path.is_file() and path.stat().st_size]
    for seal in folder.glob("index/vectors-*/seal.json"):
        files.remove(seal) if seal in files else None
        if store == "vectors not closed":
            seal.unlink()
    path = draw.choice(sorted(files))
    content = bytearray(path.read_bytes())
    if way == "cut":
        del content[draw.randrange(len(content)) :]
        what = f"cut to {len(content):,} bytes"
    else:
        n = draw.choice((1, 8, 64))
        for _ in range(n):
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        what = f"{n} bits flipped"
    path.write_bytes(content)
    return f"{path.relative_to(folder)}: {what}"


def open_again(folder: Path) -> Opened:
    """Open the library in a process of its own, catch up and search."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.damage_files", "--open", str(folder)],
        capture_output=True,
        text=True,
        cwd=_PROJECT,
        timeout=120,
    )
    if done.returncode < 0:
        return Opened("died", f"by signal {-done.returncode}")
    if done.returncode:
        return Opened("wrong", done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if "hint" in answer:
        return Opened("told", answer["hint"])
    return Opened("right" if answer["found"] else "wrong", str(answer))


def survive(folder: Path, store: Store, way: Way, seed: int) -> str:
    """Damage a library and open it until its results are right; returns how that went.

    Raises AssertionError where it goes another way than the module says.
    """
    what = damage(folder, store, way, random.Random(f"{store} {way} {seed}"))
    steps = []
    opened = open_again(folder)
    steps.append(opened.outcome)
    if opened.outcome == "died":
        assert store == "vectors not closed", f"{what}: {opened.text}"
        opened = open_again(folder)
        steps.append(opened.outcome)
    if opened.outcome == "told":
        assert store == "library", f"{what}: {opened.text}"
        (copy,) = backup.every(folder / "backups")
        assert copy.name in opened.text, f"{what}: {opened.text}"
        restore_now(folder, copy.name)
        opened = open_again(folder)
        steps.append(opened.outcome)
    assert opened.outcome == "right", f"{what}: {steps}: {opened.text}"
    return " → ".join(steps)


def _open_here(folder: Path) -> dict[str, object]:
    """What `open_again` has a process of its own do."""
    try:
        shelf = Shelf(folder)
        soon = [shelf.nearest(f"note number {n}") for n in _NUMBERS]
        shelf.catch_up()
        later = [shelf.nearest(f"note number {n}") for n in _NUMBERS]
        words = [shelf.words(f'"number {n}"') for n in _NUMBERS]
        shelf.close()
    except EngineError as error:
        if isinstance(error, IndexDamaged):
            raise
        return {"hint": error.hint}
    right = [{f"note number {n}"} for n in _NUMBERS]
    return {
        "found": later == right == words,
        "soon": soon == right,
        "words": list(map(list, words)),
    }


def main() -> None:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20, help="of each store and way")
    parser.add_argument("--open", type=Path)
    arguments = parser.parse_args()
    if arguments.open:
        print(json.dumps(_open_here(arguments.open)))
        return
    folder = Path(tempfile.mkdtemp(prefix="attune-damage-"))
    make_library(folder / "whole")
    outcomes: Counter[str] = Counter()
    for seed in range(arguments.trials):
        for store in STORES:
            for way in WAYS:
                shutil.copytree(folder / "whole", folder / "damaged")
                outcomes[f"{store}, {way}: {survive(folder / 'damaged', store, way, seed)}"] += 1
                shutil.rmtree(folder / "damaged")
    for outcome, times in sorted(outcomes.items()):
        print(f"{times:5} × {outcome}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
