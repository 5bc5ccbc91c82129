"""Looking at the library's pictures once more, for a model that has not seen them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from engine.encoders.catalogue import file_sha256
from engine.encoders.image_encoder import ImageEncoder
from engine.errors import EngineError
from engine.evaluation.beir import read_beir
from engine.ingest.extract import Extractor, FileOutcome, MemberOutcome
from engine.jobs.job import Job
from engine.parts import Parts
from engine.picture_vectors import PictureVectors
from engine.records import ActivationReport, Sight
from engine.requests import TryModel
from engine.settings import Settings
from engine.storage import picture_files, pictures
from engine.storage.picture_files import PictureFile

_AT_ONCE = 32
_TOLD = 3


def activate(parts: Parts, settings: Settings, job: Job, model_id: str) -> ActivationReport:
    """Have a model look at all pictures while the active one serves, then switch.

    A picture that cannot be read now is left out; what was encoded stays when the job is stopped.
    """
    began = time.monotonic()
    encoder = parts.image_models.open_for(job, model_id)
    encoded = encode_lacking(parts, settings, job, encoder)
    parts.pictures.serve(encoder, model_id)
    return ActivationReport(model_id, encoded, time.monotonic() - began)


def try_model(parts: Parts, settings: Settings, request: TryModel) -> tuple[float, ...]:
    """How well words fit pictures by a model that need not be active, cosines as asked for.

    Its vectors of them are kept. A picture that cannot be read has -1.
    """
    job = Job("evaluate", "Trying a model", lambda _: None)
    encoder = parts.image_models.open(request.model, lambda: None)
    encode_lacking(parts, settings, job, encoder, request.document_ids)
    with parts.library.read() as connection:
        hashes = pictures.hashes(connection, request.document_ids)
    ids, vectors = PictureVectors(parts.embeddings, encoder).load(hashes)
    scores = vectors.meaning @ encoder.encode_queries([request.query])[0]
    found = dict(zip(ids, scores.tolist(), strict=True))
    return tuple(found.get(document, -1.0) for document in request.document_ids)


def encode_lacking(
    parts: Parts,
    settings: Settings,
    job: Job,
    encoder: ImageEncoder,
    document_ids: Collection[int] | None = None,
) -> int:
    """Have the vectors of all pictures, or of some, in the cache; returns how many were encoded.

    What cannot be read is told in one warning.
    """
    vectors = PictureVectors(parts.embeddings, encoder)
    with parts.library.read() as connection:
        files = picture_files.files(connection, document_ids)
    lacking = vectors.lacking({file.content_hash for file in files})
    n_lacking = len(lacking)
    if not lacking:
        return 0
    waiting: dict[str, Sight] = {}
    with Extractor(settings.extract_timeout_s, settings.extract_memory_mb) as extractor:
        for key, sight, name in _sights(files, lacking, extractor, encoder, job):
            lacking.discard(key)
            waiting[key] = sight
            if len(waiting) == _AT_ONCE:
                vectors.encode(waiting, job.checkpoint)
                waiting.clear()
            job.progress(
                "Looking at pictures", n_lacking - len(lacking), n_lacking, "pictures", name
            )
    vectors.encode(waiting, job.checkpoint)
    if lacking:
        left = sorted({_name(file) for file in files if file.content_hash in lacking})
        more = f" and {len(left) - _TOLD:,} more" if len(left) > _TOLD else ""
        job.warned(
            "Pictures left out",
            f"{len(lacking):,} of {n_lacking:,} pictures cannot be read now:"
            f" {', '.join(left[:_TOLD])}{more}.",
            "Where a drive is away, connect it and index once more.",
        )
    return n_lacking - len(lacking)


def _sights(
    files: Collection[PictureFile],
    wanted: Collection[str],
    extractor: Extractor,
    encoder: ImageEncoder,
    job: Job,
) -> Iterator[tuple[str, Sight, str]]:
    """The sights of pictures that are wanted, each with content hash and name; each hash once."""
    done: set[str] = set()
    for inside, hashes in _by_place(files, wanted).items():
        paths = (path for path, keys in hashes.items() if keys - done)
        outcomes = extractor.extract_many(
            paths,
            lambda member: member.content_hash in wanted and member.content_hash not in done,
            preprocessing=encoder.preprocessing,
        )
        for outcome in outcomes:
            job.checkpoint()
            if isinstance(outcome, MemberOutcome):
                key, name = outcome.member.content_hash, outcome.member.inside
            elif isinstance(outcome, FileOutcome) and not inside:
                key, name = _hash_now(outcome.path, hashes[outcome.path]), outcome.path.name
            else:
                continue
            if key in wanted and key not in done and outcome.sight and outcome.sight.pixels:
                done.add(key)
                yield key, outcome.sight, name


def _by_place(
    files: Collection[PictureFile], wanted: Collection[str]
) -> dict[bool, dict[Path, set[str]]]:
    """The files to be read, and the hashes wanted of each: pictures first, then what holds some."""
    places: dict[bool, dict[Path, set[str]]] = {False: {}, True: {}}
    images: dict[str, Mapping[str, str]] = {}
    for file in files:
        if file.content_hash not in wanted:
            continue
        path = Path(file.path)
        if file.dataset:
            if file.dataset not in images:
                images[file.dataset] = _images_of(Path(file.dataset))
            path = Path(file.dataset) / images[file.dataset].get(file.path, file.path)
        places[bool(file.inside)].setdefault(path, set()).add(file.content_hash)
    return places


def _images_of(dataset: Path) -> dict[str, str]:
    """A dataset's pictures by document id; nothing where it was moved or changed."""
    try:
        return {document.id: document.image for document in read_beir(dataset).documents}
    except EngineError:
        return {}


def _hash_now(path: Path, expected: Collection[str]) -> str:
    """The content hash of a file, if it is still what it was; else empty."""
    try:
        found = file_sha256(path)
    except OSError:
        return ""
    return found if found in expected else ""


def _name(file: PictureFile) -> str:
    return Path(file.inside or file.path).name
