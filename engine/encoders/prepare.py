"""Prepares an encoder on this machine: once a model, in a worker, all or nothing."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from engine.encoders.catalogue import ModelCard, check_kind
from engine.encoders.export_worker import Answer, Export
from engine.encoders.prepared import Prepared, read_prepared, write_prepared
from engine.errors import ModelRejected, StorageFull, WorkerFailed
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.places import CHECK_SET

__all__ = ["Prepared", "prepare_encoder", "read_prepared"]

_POLL_S = 0.2
_PATIENCE_S = 1800.0
_MEMORY_MB = 6144
_FREE_BYTES = 500_000_000
"""An export writes the weights three times over before it drops what is not used."""


def prepare_encoder(
    card: ModelCard, weights: Path, target: Path, checkpoint: Callable[[], None]
) -> None:
    """Turn a model's weights into the encoder folder `target`, replacing what is there.

    `checkpoint` is called a few times a second and may raise (JobCancelled) to give up; nothing is
    left behind then. Raises ModelRejected, WorkerFailed, StorageFull.
    """
    check_kind(weights)
    target.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(target.parent).free < _FREE_BYTES:
        raise StorageFull(
            "Disk is full",
            f"Preparing {card.name} needs {_FREE_BYTES // 1_000_000} MB for a moment.",
            "Free some space and try again.",
        )
    for left_over in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    building = target.parent / f".{target.name}-{uuid.uuid4().hex[:8]}"
    building.mkdir()
    try:
        order = Export(card, str(weights), str(CHECK_SET), str(building))
        write_prepared(_exported(order, checkpoint), building)
        _flush(building)
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _exported(order: Export, checkpoint: Callable[[], None]) -> Prepared:
    """Have a worker carry out the order."""
    deadline = time.monotonic() + _PATIENCE_S
    worker: WorkerProcess[Answer] = WorkerProcess(
        "engine.encoders.export_worker", Answer, memory_mb=_MEMORY_MB
    )
    with worker:
        worker.send(order)
        while time.monotonic() < deadline:
            checkpoint()
            try:
                answer = worker.receive(_POLL_S)
            except WorkerTimeout:
                continue
            if isinstance(answer, WorkerError):
                raise ModelRejected(answer.title, answer.message, answer.hint)
            return answer.prepared
    raise WorkerFailed(
        "Took too long", f"Preparing {order.card.name} did not end.", "Close other programs first."
    )


def _flush(folder: Path) -> None:
    """Have the folder's files on the disk before their folder gets its name."""
    for file in folder.iterdir():
        with file.open("rb+") as opened:
            os.fsync(opened.fileno())
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
