"""What there is to train on: gathered, looked at, excluded, exported."""

from __future__ import annotations

from collections.abc import Sequence

from engine.parts import Parts
from engine.training_records import PairPage, TrainingOverview
from engine.training_requests import ExportPairs, ForgetMade, ListPairs


def overview(parts: Parts, evalset: str | None, split: str) -> TrainingOverview:
    """What there is to train on, and how good it is."""
    raise NotImplementedError


def page(parts: Parts, request: ListPairs) -> PairPage:
    """Training pairs that fit a filter."""
    raise NotImplementedError


def exclude(parts: Parts, pairs: Sequence[str], excluded: bool) -> None:
    """Leave pairs out of training, or take them in again."""
    raise NotImplementedError


def export(parts: Parts, request: ExportPairs) -> str:
    """Write the pairs that would be trained on; raises InvalidInput."""
    raise NotImplementedError


def forget_made(parts: Parts, request: ForgetMade) -> None:
    """Throw away pairs that were made."""
    raise NotImplementedError
