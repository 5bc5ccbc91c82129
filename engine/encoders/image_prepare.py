"""Prepares an image encoder on this machine: once, in a worker, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.encoders.catalogue import IMAGE_CLASSIFIER, weights_folder
from engine.encoders.image_export_worker import Answer, ExportClassifier, Order
from engine.encoders.image_prepared import write_prepared_images
from engine.encoders.prepare import carried_out, replaced_folder
from engine.errors import ModelRejected
from engine.jobs.worker import WorkerError

_WORKER = "engine.encoders.image_export_worker"


def prepare_classifier(target: Path, checkpoint: Callable[[], None]) -> None:
    """Make the built-in image encoder's folder `target`, replacing what is there.

    `checkpoint` is called a few times a second and may raise (JobCancelled) to give up; nothing is
    left behind then. Raises ModelRejected, WorkerFailed, StorageFull.
    """
    weights = weights_folder(IMAGE_CLASSIFIER)
    with replaced_folder(target, "the model for pictures", 200_000_000) as building:
        _export(ExportClassifier(str(weights), str(building)), building, checkpoint)


def _export(order: Order, building: Path, checkpoint: Callable[[], None]) -> None:
    """Have a worker carry out the order, and write the record."""
    answer: Answer = carried_out(order, _WORKER, Answer, "the model for pictures", checkpoint)
    if isinstance(answer, WorkerError):
        raise ModelRejected(answer.title, answer.message, answer.hint)
    write_prepared_images(answer.prepared, building)
