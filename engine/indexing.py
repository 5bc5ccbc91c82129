"""Bringing the library up to date: files into documents, documents into both indexes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from engine.errors import NotFound
from engine.evaluation.beir import read_beir
from engine.ingest.exclude import Exclusions
from engine.ingest.extract import Extractor
from engine.ingest.intake import Intake, Looking
from engine.ingest.look import Tally
from engine.ingest.pipeline import (
    ingest_dataset,
    ingest_root,
    read_again,
    read_dataset_pictures,
    recut_datasets,
)
from engine.ingest.scan import Rules
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import DatasetDocument, Extracted, IndexReport, Root
from engine.settings import Settings
from engine.storage import evalsets, failures, roots
from engine.watching import Round


def index(parts: Parts, settings: Settings, job: Job, turn: Round) -> IndexReport:
    """Read what changed below a round's roots, then index it by keywords, then by meaning.

    Pictures are looked at when all else can be found; text in them is read last.
    """
    began = time.monotonic()
    tally = Tally()
    for warning in turn.warnings:
        job.warned(warning.title, warning.message, warning.hint)
    recut_datasets(parts.library, parts.chunker, job)
    folders = _folders(parts)
    due = [root for root in folders if turn.root_ids is None or root.id in turn.root_ids]
    with Extractor(settings.extract_timeout_s, settings.extract_memory_mb) as extractor:
        for root in due:
            try:
                ingest_root(
                    parts.library,
                    root,
                    extractor,
                    job,
                    lambda: parts.lexical.catch_up(job.checkpoint),
                    tally,
                    ocr=settings.ocr,
                    rules=_rules(parts, folders, root, settings, turn.settle_s),
                    retry_failed=turn.retry_failed,
                )
            except NotFound as away:
                job.warned(away.title, away.message, away.hint)
        turn.left, turn.look_s = tally.left, tally.look_s
        report = _index_documents(parts, job, tally, began)
        looking = parts.pictures.ready(job)
        intakes = [_intake(parts, root, extractor, job, tally, settings, looking) for root in due]
        n_read = sum(intake.look_at_pictures() for intake in intakes)
        if looking.preprocessing is None and n_read:
            # The first pictures of a library may lie inside its documents.
            looking = parts.pictures.ready(job)
            for intake in intakes:
                intake.looking = looking
            n_read += sum(intake.look_at_pictures() for intake in intakes)
        parts.pictures.refresh()
        n_read += sum(intake.read_pictures() for intake in intakes)
    if not n_read:
        return report
    parts.pictures.refresh()
    return _index_documents(parts, job, tally, began, report)


def retry(
    parts: Parts, settings: Settings, job: Job, file_ids: Sequence[int], password: str
) -> IndexReport:
    """Read failed files again, with a password if one is given; it is not kept."""
    began = time.monotonic()
    tally = Tally()
    folders = _folders(parts)
    with parts.library.read() as connection:
        places = failures.places(connection, file_ids)
    looking = parts.pictures.looking(job.checkpoint)
    with Extractor(settings.extract_timeout_s, settings.extract_memory_mb) as extractor:
        for root in folders:
            if paths := places.get(root.id):
                intake = _intake(parts, root, extractor, job, tally, settings, looking)
                read_again(intake, paths, password, _rules(parts, folders, root, settings))
    parts.pictures.refresh()
    return _index_documents(parts, job, tally, began)


def take_in_captions(parts: Parts, job: Job) -> IndexReport:
    """Have pictures found by the meaning, too, of what the user says of them."""
    return _index_documents(parts, job, Tally(), time.monotonic())


def import_dataset(parts: Parts, job: Job, folder: Path, name: str) -> IndexReport:
    """Import a BEIR folder whole, or nothing of it, then index its documents."""
    began = time.monotonic()
    job.progress("Checking the dataset", 0)
    dataset = read_beir(folder)
    pictures = _dataset_pictures(parts, job, folder, dataset.documents)
    with parts.library.write() as connection:
        root = roots.add(connection, folder, "dataset")
        evalsets.add(connection, name, root.id, dataset.queries, dataset.splits)
        ingest_dataset(
            parts.library,
            root.id,
            dataset.documents,
            parts.chunker,
            job,
            pictures,
        )
    parts.pictures.refresh()
    return _index_documents(parts, job, Tally(added=len(dataset.documents)), began)


def _dataset_pictures(
    parts: Parts, job: Job, folder: Path, dataset: Sequence[DatasetDocument]
) -> dict[str, tuple[str, Extracted]]:
    if not any(document.image for document in dataset):
        return {}
    looking = parts.pictures.ready(job, wanted=True)
    with Extractor() as extractor:
        return read_dataset_pictures(folder, dataset, extractor, looking, job)


def _folders(parts: Parts) -> list[Root]:
    with parts.library.read() as connection:
        return [root for root in roots.every(connection) if root.kind == "folder"]


def _intake(
    parts: Parts,
    root: Root,
    extractor: Extractor,
    job: Job,
    tally: Tally,
    settings: Settings,
    looking: Looking,
) -> Intake:
    return Intake(
        parts.library,
        root,
        extractor,
        job,
        lambda: parts.lexical.catch_up(job.checkpoint),
        tally,
        settings.ocr,
        looking,
    )


def _rules(
    parts: Parts, folders: Sequence[Root], root: Root, settings: Settings, settle_s: float = 0.0
) -> Rules:
    others = (Path(other.path) for other in folders if other.id != root.id)
    return Rules(
        max_file_bytes=settings.max_file_mb * 1024 * 1024,
        settle_s=settle_s,
        exclusions=Exclusions.of(settings.exclude),
        elsewhere=(parts.folder, *others),
    )


def _index_documents(
    parts: Parts, job: Job, tally: Tally, began: float, before: IndexReport | None = None
) -> IndexReport:
    """Bring both indexes up to date; `before` is what was reported when they last were."""
    parts.lexical.catch_up(job.checkpoint)
    seconds_to_keywords = time.monotonic() - began
    encoded = parts.models.catch_up(job)
    return IndexReport(
        added=tally.added,
        changed=tally.changed,
        moved=tally.moved,
        removed=tally.removed,
        unchanged=tally.unchanged,
        failed=tally.failed,
        encoded=encoded + (before.encoded if before else 0),
        seconds=time.monotonic() - began,
        seconds_to_keywords=before.seconds_to_keywords if before else seconds_to_keywords,
    )
