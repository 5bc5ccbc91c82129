"""The instant adapter: a linear map of queries, fitted on cached vectors, behind the same gate."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import TuneReport
from engine.settings import Settings
from engine.training_requests import FitAdapter


def fit(parts: Parts, settings: Settings, request: FitAdapter, job: Job) -> TuneReport:
    """Fitting the instant adapter."""
    raise NotImplementedError
