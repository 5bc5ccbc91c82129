"""Downloading a published model for pictures, then importing it: the one use of the network."""

from __future__ import annotations

import shutil

from engine.encoders.clip_catalogue import Published
from engine.encoders.clip_download_worker import Answer, Download, Downloaded, Downloading
from engine.errors import EngineError, StorageFull, WorkerFailed
from engine.image_import import import_model
from engine.image_models import ImageModels
from engine.jobs.job import Job
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.records import ImportReport

_WORKER = "engine.encoders.clip_download_worker"
_MEMORY_MB = 2048
_POLL_S = 0.2
_SILENCE_S = 300.0
"""Without a word from the worker, after which it is given up; its library tries again by itself."""
_SPARE_BYTES = 200_000_000
_MB = 1_000_000


def download_model(
    models: ImageModels, job: Job, published: Published, endpoint: str | None = None
) -> ImportReport:
    """Download a model's files and import them; what was downloaded is deleted in any case.

    `endpoint` is the address of another hub than the one that its library knows.
    Raises StorageFull, ModelRejected, WorkerFailed, and EngineError for what the network does.
    """
    # A folder of no model: the next start removes what a kill leaves of it.
    folder = models.folder(f".download-{job.info.id}")
    folder.mkdir(parents=True)
    try:
        if shutil.disk_usage(folder).free < published.model.size_bytes + _SPARE_BYTES:
            raise StorageFull(
                "Disk is full",
                f"The model needs {published.model.size_bytes // _MB:,} MB, and as much for a"
                " moment while it is converted.",
                "Free some space and try again.",
            )
        job.progress("Downloading", 0, published.model.size_bytes // _MB, "MB")
        weights = _downloaded(job, Download(endpoint, published.repository, str(folder.absolute())))
        is_safe = weights.endswith(".safetensors")
        return import_model(
            models,
            job,
            folder if is_safe else folder / weights,
            name=published.name,
            licence=published.model.licence,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _downloaded(job: Job, order: Download) -> str:
    """Have a worker download; returns the name of the weights' file."""
    silent = 0.0
    with WorkerProcess[Answer](_WORKER, Answer, memory_mb=_MEMORY_MB) as worker:
        worker.send(order)
        while silent < _SILENCE_S:
            job.checkpoint()
            try:
                answer = worker.receive(_POLL_S)
            except WorkerTimeout:
                silent += _POLL_S
                continue
            silent = 0.0
            match answer:
                case Downloading(done=done, total=total):
                    job.progress("Downloading", done // _MB, -(-total // _MB), "MB")
                case Downloaded(weights=weights):
                    return weights
                case WorkerError(title=title, message=message, hint=hint):
                    raise EngineError(title, message, hint)
    raise WorkerFailed(
        "Took too long",
        "Nothing has come from the network for some minutes.",
        "Try again later, or import the model from its files.",
    )
