"""Queries made from passages: by rules, or by a language model on a server of the user's choice."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.parts import Parts
from engine.settings import Settings
from engine.training_records import LlmServer, SynthesisReport
from engine.training_requests import Synthesize


def try_server(parts: Parts, server: LlmServer) -> tuple[str, ...]:
    """Queries that a language model makes of one passage; raises EngineError."""
    raise NotImplementedError


def synthesize(parts: Parts, settings: Settings, request: Synthesize, job: Job) -> SynthesisReport:
    """Making queries from passages."""
    raise NotImplementedError
