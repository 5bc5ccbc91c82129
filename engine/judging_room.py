"""Evaluation sets from making to measuring: the engine's API about them, a method for a request.

A set is judged over time by several raters; what each said is an event that can be undone. Measures
are of a set as it stands, or of a version that was frozen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.events import JobResult
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import JobInfo, JobKind
from engine.settings import Settings


class StartJob(Protocol):
    """Queues work in the background."""

    def __call__(self, kind: JobKind, title: str, work: Callable[[Job], JobResult], /) -> JobInfo:
        """What was queued."""


class JudgingRoom:
    """Answers what is asked about evaluation sets of an open workspace."""

    def __init__(
        self,
        parts: Parts,
        settings: Callable[[], Settings],
        start: StartJob,
        changed: Callable[[], None],
    ) -> None:
        """`changed` tells that evaluation sets are other than they were."""
        self._parts = parts
        self._settings = settings
        self._start = start
        self._changed = changed
