"""Importing models for pictures: converted, checked, registered; all of it or nothing."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

from engine.encoders.clip_config import read_clip_source
from engine.encoders.image_card import ImageCard, write_image_card
from engine.encoders.image_prepare import prepare_clip
from engine.encoders.stated_licence import stated_licence
from engine.errors import NotFound
from engine.flush import flush_folder
from engine.image_models import ImageModels
from engine.jobs.job import Job
from engine.records import ImportReport

_LONGEST_ID = 60


def import_model(
    models: ImageModels,
    job: Job,
    source: Path,
    architecture: str | None = None,
    name: str = "",
    licence: str = "",
) -> ImportReport:
    """Import a CLIP of open_clip's from a folder or file; it is not put to work yet.

    `name` and `licence` are taken from the files where they are empty. What is converted belongs
    to no model until it is whole, and is removed if anything stops the job. Raises NotFound,
    ModelRejected, StorageFull, WorkerFailed.
    """
    began = time.monotonic()
    if not source.exists():
        raise NotFound("No such file", f"{source} does not exist.", "Check the path and try again.")
    job.progress("Reading the model", 0)
    name = name or read_clip_source(source, architecture).name
    model_id = _free_id(models, name)
    folder = models.folder(model_id)
    card = ImageCard(
        id=model_id,
        name=name,
        origin="imported",
        base=None,
        created_at=time.time(),
        licence=licence or stated_licence(source if source.is_dir() else source.parent),
        notes=f"Imported from {source.name}." if not licence else "Downloaded.",
    )
    job.progress("Converting the model", 0)
    try:
        known = models.fingerprints()
        prepared = prepare_clip(source, folder, job.checkpoint, architecture, known)
        write_image_card(card, folder)
        flush_folder(folder)
        models.register(model_id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return ImportReport(model_id, prepared.agreement, time.monotonic() - began)


def _free_id(models: ImageModels, name: str) -> str:
    """An id after a name, as a folder may be called on every system, that nothing has yet."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-").removeprefix("clip-")
    wanted = f"clip-{plain or 'model'}"[:_LONGEST_ID].rstrip("-")
    number, model_id = 1, wanted
    while models.folder(model_id).exists():
        number += 1
        model_id = f"{wanted}-{number}"
    return model_id
