"""What a recipe would cost on this machine, from a probe of some steps."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.parts import Parts
from engine.settings import Settings
from engine.training_records import EstimateReport
from engine.training_requests import EstimateTuning


def estimate(parts: Parts, settings: Settings, request: EstimateTuning, job: Job) -> EstimateReport:
    """Estimating what tuning takes."""
    raise NotImplementedError
