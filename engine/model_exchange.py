"""Models written to folders, and read from them."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import ImportReport
from engine.settings import Settings
from engine.training_records import ExportReport
from engine.training_requests import ExportModel, ImportTextModel


def export_model(parts: Parts, settings: Settings, request: ExportModel, job: Job) -> ExportReport:
    """Exporting a model."""
    raise NotImplementedError


def import_model(
    parts: Parts, settings: Settings, request: ImportTextModel, job: Job
) -> ImportReport:
    """Importing a model."""
    raise NotImplementedError
