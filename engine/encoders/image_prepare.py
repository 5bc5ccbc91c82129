"""Prepares an image encoder on this machine: once, in a worker, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.encoders.catalogue import IMAGE_CLASSIFIER, weights_folder
from engine.encoders.clip_config import check_whole, read_clip_source
from engine.encoders.image_export_worker import Answer, ExportClassifier, ImportClip, Order
from engine.encoders.image_prepared import PreparedImages, write_prepared_images
from engine.encoders.prepare import carried_out, replaced_folder
from engine.errors import ModelRejected
from engine.jobs.worker import WorkerError

_WORKER = "engine.encoders.image_export_worker"
_BUILT_IN = "the model for pictures"
_FREE_BYTES = 200_000_000
_MEMORY_MB = 6144
_COPIES_ON_DISK = 3
_COPIES_IN_MEMORY = 8
"""Of a checkpoint in half precision: twice as large in torch, and again in each traced form."""


def prepare_classifier(target: Path, checkpoint: Callable[[], None]) -> None:
    """Make the built-in image encoder's folder `target`, replacing what is there.

    `checkpoint` is called a few times a second and may raise (JobCancelled) to give up; nothing is
    left behind then. Raises ModelRejected, WorkerFailed, StorageFull.
    """
    weights = weights_folder(IMAGE_CLASSIFIER)
    with replaced_folder(target, _BUILT_IN, _FREE_BYTES) as building:
        order = ExportClassifier(str(weights), str(building.absolute()))
        _export(order, _BUILT_IN, building, checkpoint, _MEMORY_MB)


def prepare_clip(
    source: Path,
    target: Path,
    checkpoint: Callable[[], None],
    architecture: str | None = None,
    known: Mapping[str, str] | None = None,
) -> PreparedImages:
    """Import a CLIP of open_clip's from `source` into the folder `target`, replacing what is there.

    `source` is a folder with open_clip_config.json and safetensors, or a checkpoint file with that
    configuration beside it or its `architecture` named. `checkpoint` and errors are as above; a
    model that is among those `known`, names by fingerprint, is rejected.
    """
    found = read_clip_source(source, architecture)
    check_whole(found.weights)
    size = found.weights.stat().st_size
    memory_mb = max(_MEMORY_MB, _COPIES_IN_MEMORY * size // 1_000_000)
    with replaced_folder(target, found.name, _FREE_BYTES + _COPIES_ON_DISK * size) as building:
        order = ImportClip(
            str(source.absolute()), architecture, str(building.absolute()), dict(known or {})
        )
        return _export(order, found.name, building, checkpoint, memory_mb)


def _export(
    order: Order, name: str, building: Path, checkpoint: Callable[[], None], memory_mb: int
) -> PreparedImages:
    """Have a worker carry out the order, and write the record."""
    answer: Answer = carried_out(order, _WORKER, Answer, name, checkpoint, memory_mb)
    if isinstance(answer, WorkerError):
        raise ModelRejected(answer.title, answer.message, answer.hint)
    write_prepared_images(answer.prepared, building)
    return answer.prepared
