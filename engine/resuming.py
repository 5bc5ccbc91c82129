"""Tunings that were interrupted: listed, resumed, discarded."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import TuneReport
from engine.settings import Settings
from engine.training_records import InterruptedTuning


def interrupted(parts: Parts) -> tuple[InterruptedTuning, ...]:
    """Tunings that can go on, the newest first."""
    raise NotImplementedError


def discard(parts: Parts, job_id: str) -> None:
    """Throw an interrupted tuning away; raises NotFound."""
    raise NotImplementedError


def resume(parts: Parts, settings: Settings, job_id: str, job: Job) -> TuneReport:
    """Go on with the tuning of another job from its last checkpoint."""
    raise NotImplementedError
