"""Pairs that the cross-encoder labels, for queries that nobody judged."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.parts import Parts
from engine.settings import Settings
from engine.training_records import DistillReport
from engine.training_requests import Distill


def distill(parts: Parts, settings: Settings, request: Distill, job: Job) -> DistillReport:
    """Asking the cross-encoder."""
    raise NotImplementedError
