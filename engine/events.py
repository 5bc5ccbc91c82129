"""What a job reports while it runs: one closed union for thread, process and file.

A job emits `Started`, any number of `Progress`, `Measured` and `Warned`, and then exactly one of
`Finished`, `Cancelled` and `Failed`. `Changed` belongs to no job: it tells a window which of the
things that it shows are out of date.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from engine.evaluation_records import ComparisonReport, PoolReport, RunReport
from engine.records import (
    ActivationReport,
    DoctorReport,
    EvaluationReport,
    ImportReport,
    IndexReport,
    JobInfo,
    TuneReport,
)
from engine.training_records import (
    DistillReport,
    EstimateReport,
    ExportReport,
    MiningReport,
    SynthesisReport,
)

JobResult = (
    IndexReport
    | ActivationReport
    | EvaluationReport
    | ImportReport
    | TuneReport
    | DoctorReport
    | PoolReport
    | ComparisonReport
    | RunReport
    | MiningReport
    | SynthesisReport
    | DistillReport
    | EstimateReport
    | ExportReport
)


class Started(msgspec.Struct, frozen=True, tag=True):
    """A job began."""

    info: JobInfo


class Progress(msgspec.Struct, frozen=True, tag=True):
    """How far a job is."""

    job: str
    stage: str
    """What is being done, in words for the user: `Reading files`."""
    done: int
    total: int | None = None
    """None while it is not known."""
    unit: str = ""
    """What is counted: `files`, `passages`, `steps`."""
    rate: float | None = None
    """Units a second, smoothed."""
    seconds_left: float | None = None
    detail: str = ""
    """The thing at hand, such as a file's name."""


class Measured(msgspec.Struct, frozen=True, tag=True):
    """One point of a live curve."""

    job: str
    series: str
    """`loss`, or a measure such as `nDCG@10`."""
    step: float
    value: float


class Warned(msgspec.Struct, frozen=True, tag=True):
    """Something the user should know; the job goes on."""

    job: str
    title: str
    message: str
    hint: str = ""


class Finished(msgspec.Struct, frozen=True, tag=True):
    """Terminal: the job did what it was asked."""

    job: str
    result: JobResult | None = None


class Cancelled(msgspec.Struct, frozen=True, tag=True):
    """Terminal: the user stopped it; everything is as a cancelled job leaves it, consistent."""

    job: str


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Terminal: it could not be done."""

    job: str
    title: str
    message: str
    hint: str = ""


class Changed(msgspec.Struct, frozen=True, tag=True):
    """Something that is shown is out of date."""

    what: Literal[
        "library", "models", "labels", "settings", "evalsets", "backups", "training", "runs"
    ]
    """`training` is what there is to train on; `runs` is the run log."""


JobEvent = Started | Progress | Measured | Warned | Finished | Cancelled | Failed
Event = JobEvent | Changed
Emit = Callable[[Event], None]
