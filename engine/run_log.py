"""Every job that was run, kept and exported."""

from __future__ import annotations

from engine.parts import Parts
from engine.training_records import RunFilter, RunRecord
from engine.training_requests import ExportRuns


def every(parts: Parts, wanted: RunFilter) -> tuple[RunRecord, ...]:
    """Jobs that were run, the newest first."""
    raise NotImplementedError


def one(parts: Parts, job_id: str) -> RunRecord:
    """One job that was run, with its curves; raises NotFound."""
    raise NotImplementedError


def export(parts: Parts, request: ExportRuns) -> str:
    """Write runs as CSV or JSON lines; raises InvalidInput."""
    raise NotImplementedError
