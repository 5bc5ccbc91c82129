"""The pairs of a workspace with what is wrong with them, kept until something changes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from engine.pair_gathering import Gathered, gather
from engine.parts import Parts
from engine.storage import pair_exclusions, training_state
from engine.storage.database import Database
from engine.storage.training_state import State
from engine.training.pair_problems import LEFT_OUT, LeakTest, problems
from engine.training_records import Problem

_KEPT = 4
"""Sources, of which a window shows one at a time."""

Source = tuple[str | None, str]
"""A set and its split; None is the user's own feedback."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was gathered, and the problems of each row of its candidates."""

    gathered: Gathered
    problems: Mapping[int, tuple[Problem, ...]]
    leak_test: LeakTest
    """Kept with them: what it has seen need not be looked at again."""


_kept: WeakKeyDictionary[Database, dict[Source, tuple[State, Prepared]]] = WeakKeyDictionary()
_preparing = threading.Lock()


def prepare(parts: Parts, evalset: str | None, split: str) -> Prepared:
    """What there is to train on; raises NotFound, NotEnoughData for a set's split."""
    source = evalset, split if evalset is not None else ""
    with _preparing, parts.library.read() as connection:
        now = training_state.state(connection)
        kept = _kept.setdefault(parts.library, {})
        known = kept.pop(source, None)
        if known is None or known[0] != now:
            gathered = gather(parts, evalset, split)
            test = known[1].leak_test if known is not None else None
            if test is None or test.tested != gathered.tested:
                test = LeakTest(gathered.tested)
            known = now, Prepared(gathered, problems(gathered.candidates, test), test)
        kept[source] = known
        while len(kept) > _KEPT:
            del kept[next(iter(kept))]
        return known[1]


def excluded_rows(parts: Parts, prepared: Prepared) -> frozenset[int]:
    """Rows that the user does not want to be learnt."""
    with parts.library.read() as connection:
        excluded = pair_exclusions.every(connection)
    return frozenset(
        row
        for row, candidate in enumerate(prepared.gathered.candidates)
        if candidate.id in excluded
    )


def left_out_rows(prepared: Prepared, excluded: frozenset[int]) -> frozenset[int]:
    """Rows that are not trained on, for whatever reason."""
    return excluded | {
        row for row, found in prepared.problems.items() if not LEFT_OUT.isdisjoint(found)
    }
