"""From feedback to a better model: what there is to train on, tuning, the gate, the switch."""

from __future__ import annotations

import time

from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import ActivationReport, TrainingSummary, TuneReport
from engine.requests import Finetune


def activate(parts: Parts, job: Job, model_id: str) -> ActivationReport:
    """Encode the library with a model while the active one serves, then switch."""
    began = time.monotonic()
    encoded = parts.models.open_for(job, model_id).catch_up(
        job.checkpoint,
        lambda done, total: job.progress("Understanding passages", done, total, "passages"),
    )
    parts.models.activate(model_id)
    return ActivationReport(model_id, encoded, time.monotonic() - began)


def summary(parts: Parts) -> TrainingSummary:
    """What there is to train on."""
    raise AssertionError


def finetune(parts: Parts, request: Finetune, job: Job) -> TuneReport:
    """Tune the active model."""
    raise AssertionError
