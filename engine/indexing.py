"""Bringing the library up to date: files into documents, documents into both indexes."""

from __future__ import annotations

import time
from pathlib import Path

from engine.errors import NotFound
from engine.evaluation.beir import read_beir
from engine.ingest.exclude import Exclusions
from engine.ingest.extract import Extractor
from engine.ingest.look import Tally
from engine.ingest.pipeline import ingest_dataset, ingest_root
from engine.ingest.scan import Rules
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import IndexReport
from engine.settings import Settings
from engine.storage import evalsets, roots
from engine.watching import Round


def index(parts: Parts, settings: Settings, job: Job, turn: Round) -> IndexReport:
    """Read what changed below a round's roots, then index it by keywords, then by meaning."""
    began = time.monotonic()
    tally = Tally()
    with parts.library.read() as connection:
        folders = [root for root in roots.every(connection) if root.kind == "folder"]
    for warning in turn.warnings:
        job.warned(warning.title, warning.message, warning.hint)
    exclusions = Exclusions.of(settings.exclude)
    with Extractor(settings.extract_timeout_s, settings.extract_memory_mb) as extractor:
        for root in folders:
            if turn.root_ids is not None and root.id not in turn.root_ids:
                continue
            others = (Path(other.path) for other in folders if other.id != root.id)
            rules = Rules(
                max_file_bytes=settings.max_file_mb * 1024 * 1024,
                settle_s=turn.settle_s,
                exclusions=exclusions,
                elsewhere=(parts.folder, *others),
            )
            try:
                ingest_root(
                    parts.library,
                    root,
                    extractor,
                    parts.chunker,
                    job,
                    lambda: parts.lexical.catch_up(job.checkpoint),
                    tally,
                    ocr=settings.ocr,
                    rules=rules,
                    retry_failed=turn.retry_failed,
                    asked_for=turn.asked_for.get(root.id, ()),
                )
            except NotFound as away:
                job.warned(away.title, away.message, away.hint)
    turn.left, turn.look_s = tally.left, tally.look_s
    return _index_documents(parts, job, tally, began)


def import_dataset(parts: Parts, job: Job, folder: Path, name: str) -> IndexReport:
    """Import a BEIR folder whole, or nothing of it, then index its documents."""
    began = time.monotonic()
    job.progress("Checking the dataset", 0)
    dataset = read_beir(folder)
    with parts.library.write() as connection:
        root = roots.add(connection, folder, "dataset")
        evalsets.add(connection, name, root.id, dataset.queries, dataset.splits)
        ingest_dataset(
            parts.library,
            root.id,
            dataset.documents,
            parts.chunker,
            job,
        )
    return _index_documents(parts, job, Tally(added=len(dataset.documents)), began)


def _index_documents(parts: Parts, job: Job, tally: Tally, began: float) -> IndexReport:
    parts.lexical.catch_up(job.checkpoint)
    seconds_to_keywords = time.monotonic() - began
    encoded = parts.models.serve_active(job).catch_up(job)
    return IndexReport(
        added=tally.added,
        changed=tally.changed,
        moved=tally.moved,
        removed=tally.removed,
        unchanged=tally.unchanged,
        failed=tally.failed,
        encoded=encoded,
        seconds=time.monotonic() - began,
        seconds_to_keywords=seconds_to_keywords,
    )
