"""Tunings that were interrupted: listed, resumed, discarded."""

from __future__ import annotations

import shutil

from engine import tuning
from engine.errors import NotFound
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import TuneReport
from engine.settings import Settings
from engine.storage import model_registry
from engine.training import kept_tuning
from engine.training.kept_tuning import KeptTuning
from engine.training_records import InterruptedTuning


def interrupted(parts: Parts) -> tuple[InterruptedTuning, ...]:
    """Tunings that can go on, the newest first."""
    found = []
    for kept in _every(parts):
        reached = kept.reached()
        found.append(
            InterruptedTuning(
                kept.spec.job,
                kept.spec.recipe.name,
                kept.spec.began_at,
                reached.step,
                reached.n_steps,
                kept.spec.source,
            )
        )
    return tuple(found)


def discard(parts: Parts, job_id: str) -> None:
    """Throw an interrupted tuning away; raises NotFound."""
    kept = _find(parts, job_id)
    kept.remove()
    # A kill just before its verdict leaves a whole model's folder, which no sweep takes away.
    shutil.rmtree(parts.models.folder(kept.spec.card.id), ignore_errors=True)


def resume(parts: Parts, settings: Settings, job_id: str, job: Job) -> TuneReport:
    """Go on with the tuning of another job from its last checkpoint.

    Raises NotFound where there is none, or the model that it tunes is gone.
    """
    kept = _find(parts, job_id)
    base = kept.spec.base
    with parts.library.read() as connection:
        there = base in model_registry.every(connection)
    if not there:
        raise NotFound(
            "The model is gone",
            f"{base}, which was being tuned, was deleted meanwhile.",
            "Discard this tuning, and tune the model that you use now.",
        )
    return tuning.go_on(parts, settings, kept, job)


def _find(parts: Parts, job_id: str) -> KeptTuning:
    for kept in _every(parts):
        if kept.spec.job == job_id:
            return kept
    raise NotFound(
        "No such tuning",
        "It has ended, was discarded, or is running.",
        "List those that can go on.",
    )


def _every(parts: Parts) -> list[KeptTuning]:
    """Those without a verdict; where a kill came just after it, what was kept is removed."""
    with parts.library.read() as connection:
        registered = model_registry.every(connection).keys()
    found = []
    for kept in kept_tuning.every(parts.folder):
        if kept.spec.card.id in registered:
            kept.remove()
        else:
            found.append(kept)
    return found
