"""What a tuning needs to go on after it was interrupted, in `jobs/<id>/` of the workspace.

`spec.json` is written last: without it the folder is nothing, and is swept away. The workspace has
one owner, so which folders are at work is known in this process.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from engine.encoders.catalogue import ModelCard
from engine.flush import flush_file, flush_folder
from engine.recipe import Recipe
from engine.training.plan import Plan

_SPEC, _PLAN, _REACHED, _CHECKPOINTS = "spec.json", "plan.msgpack", "reached.json", "checkpoints"
_at_work: set[Path] = set()


class KeptSpec(msgspec.Struct, frozen=True):
    """What was asked, and of what."""

    job: str
    evalset: str | None
    split: str
    recipe: Recipe
    base: str
    """Id of the model that is tuned."""
    card: ModelCard
    """Of the model that comes of it."""
    source: str
    """What it learns from, in words."""
    data_hash: str
    began_at: float
    last_event: int
    """The newest relevance event that it has seen."""


class Reached(msgspec.Struct, frozen=True):
    """How far training was at its last checkpoint."""

    step: int
    n_steps: int


class KeptTuning:
    """One tuning's folder."""

    def __init__(self, folder: Path, spec: KeptSpec) -> None:
        self.folder = folder
        self.spec = spec

    @property
    def checkpoints(self) -> Path:
        """Where the trainer keeps its state."""
        return self.folder / _CHECKPOINTS

    def plan(self, weights: Path, target: Path) -> Plan:
        """What was to be learnt and tested, with these folders for the models."""
        plan = msgspec.msgpack.decode((self.folder / _PLAN).read_bytes(), type=Plan)
        order = msgspec.structs.replace(
            plan.order,
            weights=str(weights),
            target=str(target),
            checkpoints=str(self.checkpoints),
        )
        return msgspec.structs.replace(plan, order=order)

    def reach(self, step: int, n_steps: int) -> None:
        """Note that a checkpoint is on the disk."""
        _write(self.folder / _REACHED, msgspec.json.encode(Reached(step, n_steps)))

    def reached(self) -> Reached:
        """How far it is."""
        try:
            return msgspec.json.decode((self.folder / _REACHED).read_bytes(), type=Reached)
        except (OSError, msgspec.DecodeError):
            return Reached(0, 0)

    def remove(self) -> None:
        """Throw it away, the spec first: half of it is nothing."""
        (self.folder / _SPEC).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this lasts it is not interrupted."""
        _at_work.add(self.folder)
        try:
            yield
        finally:
            _at_work.discard(self.folder)


def new_folder(workspace: Path, job: str) -> Path:
    """An empty folder for a tuning, with room for checkpoints."""
    folder = workspace / "jobs" / job
    shutil.rmtree(folder, ignore_errors=True)
    (folder / _CHECKPOINTS).mkdir(parents=True)
    return folder


def checkpoints_of(folder: Path) -> Path:
    """Where the trainer of a tuning keeps its state."""
    return folder / _CHECKPOINTS


def keep(folder: Path, spec: KeptSpec, plan: Plan) -> KeptTuning:
    """Have all that a tuning needs on the disk."""
    _write(folder / _PLAN, msgspec.msgpack.encode(plan))
    _write(folder / _SPEC, msgspec.json.format(msgspec.json.encode(spec)))
    flush_folder(folder)
    return KeptTuning(folder, spec)


def every(workspace: Path) -> tuple[KeptTuning, ...]:
    """The tunings that were interrupted, the newest first; what cannot be read is left out."""
    found = []
    for folder in _folders(workspace):
        if folder in _at_work:
            continue
        try:
            spec = msgspec.json.decode((folder / _SPEC).read_bytes(), type=KeptSpec)
        except (OSError, msgspec.DecodeError):
            continue
        found.append(KeptTuning(folder, spec))
    return tuple(sorted(found, key=lambda kept: -kept.spec.began_at))


def sweep(workspace: Path) -> None:
    """Remove what was interrupted before it could go on again."""
    whole = {kept.folder for kept in every(workspace)} | _at_work
    for folder in _folders(workspace):
        if folder not in whole and not (folder / _SPEC).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _folders(workspace: Path) -> list[Path]:
    jobs = workspace / "jobs"
    return [folder for folder in jobs.iterdir() if folder.is_dir()] if jobs.is_dir() else []


def _write(file: Path, content: bytes) -> None:
    """Have a file whole on the disk, or as it was."""
    building = file.with_name(f".{file.name}")
    building.write_bytes(content)
    flush_file(building)
    os.replace(building, file)
