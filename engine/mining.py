"""Hard negatives, checked by the cross-encoder, and the doubtful ones reviewed by the user."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.parts import Parts
from engine.settings import Settings
from engine.training_records import DoubtfulNegative, MiningReport
from engine.training_requests import MineNegatives


def doubtful(parts: Parts, limit: int) -> tuple[DoubtfulNegative, ...]:
    """Mined negatives that wait for somebody to look at them."""
    raise NotImplementedError


def review(parts: Parts, number: int, answers: bool | None) -> None:
    """Say whether a doubtful passage answers its query; raises NotFound."""
    raise NotImplementedError


def mine(parts: Parts, settings: Settings, request: MineNegatives, job: Job) -> MiningReport:
    """Looking for hard negatives."""
    raise NotImplementedError
