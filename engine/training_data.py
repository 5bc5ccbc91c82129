"""What there is to train on: gathered, looked at, excluded, exported."""

from __future__ import annotations

from collections.abc import Sequence

from engine.pair_gathering import gather
from engine.parts import Parts
from engine.storage import pair_exclusions
from engine.training.assemble import assemble
from engine.training.pair_problems import LEFT_OUT, problems
from engine.training.training_set import TrainingSet
from engine.training_records import PairPage, TrainingOverview
from engine.training_requests import ExportPairs, ForgetMade, ListPairs


def training_set(parts: Parts, evalset: str | None, split: str) -> TrainingSet:
    """All that may be trained on: the user's own feedback, or a split of an evaluation set.

    Visits and pairs that were made come with it. Left out is what the user excluded, what
    contradicts itself, what was said before, and what the test split of an evaluation set knows,
    unless that split is what is trained on. A document's key is its id as text, in a dataset its
    first place. Raises NotFound, NotEnoughData where nothing is judged in the split.
    """
    gathered = gather(parts, evalset, split)
    with parts.library.read() as connection:
        excluded = pair_exclusions.every(connection)
    found = problems(gathered.candidates, gathered.known)
    left_out = {
        row
        for row, candidate in enumerate(gathered.candidates)
        if candidate.id in excluded or LEFT_OUT & set(found.get(row, ()))
    }
    return assemble(gathered.queries, gathered.candidates, left_out, {}, gathered.source)


def overview(parts: Parts, evalset: str | None, split: str) -> TrainingOverview:
    """What there is to train on, and how good it is."""
    raise NotImplementedError


def page(parts: Parts, request: ListPairs) -> PairPage:
    """Training pairs that fit a filter."""
    raise NotImplementedError


def exclude(parts: Parts, pairs: Sequence[str], excluded: bool) -> None:
    """Leave pairs out of training, or take them in again; judgments and thumbs stay."""
    with parts.library.write() as connection:
        (pair_exclusions.add if excluded else pair_exclusions.remove)(connection, pairs)


def export(parts: Parts, request: ExportPairs) -> str:
    """Write the pairs that would be trained on; raises InvalidInput."""
    raise NotImplementedError


def forget_made(parts: Parts, request: ForgetMade) -> None:
    """Throw away pairs that were made."""
    raise NotImplementedError
