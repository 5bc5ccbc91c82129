"""Prepares an encoder on this machine: once a model, in a worker, all or nothing."""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine.encoders.catalogue import ModelCard, check_kind
from engine.encoders.export_worker import Answer, Export
from engine.encoders.prepared import Prepared, read_prepared, write_prepared
from engine.errors import ModelRejected, StorageFull, WorkerFailed
from engine.flush import flush_file, flush_folder
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.places import CHECK_SET

__all__ = ["Prepared", "carried_out", "prepare_encoder", "read_prepared", "replaced_folder"]

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
    with replaced_folder(target, card.name, _FREE_BYTES) as building:
        order = Export(card, str(weights), str(CHECK_SET), str(building))
        answer: Answer = carried_out(
            order, "engine.encoders.export_worker", Answer, card.name, checkpoint
        )
        if isinstance(answer, WorkerError):
            raise ModelRejected(answer.title, answer.message, answer.hint)
        write_prepared(answer.prepared, building)


@contextlib.contextmanager
def replaced_folder(target: Path, name: str, free_bytes: int) -> Iterator[Path]:
    """An empty folder that takes the place of `target` when what fills it ends well.

    `name` is for people. Raises StorageFull where fewer than `free_bytes` are free.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(target.parent).free < free_bytes:
        raise StorageFull(
            "Disk is full",
            f"Preparing {name} needs {free_bytes // 1_000_000} MB for a moment.",
            "Free some space and try again.",
        )
    for left_over in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    building = target.parent / f".{target.name}-{uuid.uuid4().hex[:8]}"
    building.mkdir()
    try:
        yield building
        _flush(building)
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def carried_out(
    order: object,
    module: str,
    answers: Any,
    name: str,
    checkpoint: Callable[[], None],
    memory_mb: int = _MEMORY_MB,
) -> Any:
    """What a worker answers to an order, one of `answers`; raises WorkerFailed.

    `name` is what is prepared, for people; `checkpoint` is called while waiting.
    """
    deadline = time.monotonic() + _PATIENCE_S
    worker: WorkerProcess[Any] = WorkerProcess(module, answers, memory_mb=memory_mb)
    with worker:
        worker.send(order)
        while time.monotonic() < deadline:
            checkpoint()
            try:
                return worker.receive(_POLL_S)
            except WorkerTimeout:
                continue
    raise WorkerFailed(
        "Took too long", f"Preparing {name} did not end.", "Close other programs first."
    )


def _flush(folder: Path) -> None:
    """Have the folder's files on the disk before their folder gets its name."""
    for file in folder.iterdir():
        flush_file(file)
    flush_folder(folder)
