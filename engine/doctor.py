"""Checks every store of a workspace, repairs what can be repaired, and says so in plain words."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from engine.encoders.catalogue import SAFETENSORS, check_kind
from engine.encoders.prepared import RECORD, read_prepared
from engine.encoders.text_encoder import load_encoder
from engine.errors import EngineError
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import DoctorReport, Finding
from engine.retrieval import generation_folder
from engine.serving import ServedModel
from engine.storage import backup, generations, integrity, model_registry
from engine.storage.database import Database

_STAGE = "Checking"
_LEFT_OVER_AFTER_S = 3600.0
_NO_BACKUP = "There is no sound backup of it."
_LIBRARY = "Library"
_VECTORS = "Cached vectors"
_KEYWORDS = "Keyword index"
_MEANING = "Meaning index"
_PICTURES = "Pictures"


def diagnose(parts: Parts, job: Job, *, rebuild: bool) -> DoctorReport:
    """Check and repair; with `rebuild` the derived indexes are built anew, whatever their state.

    A store that cannot be checked is a finding, never the end of the others' check.
    """
    began = time.monotonic()
    findings: list[Finding] = []
    checks: tuple[tuple[str, Callable[[], list[Finding]]], ...] = (
        ("the library", lambda: _library(parts)),
        ("the vectors", lambda: _embeddings(parts)),
        ("the keyword index", lambda: _lexical(parts, job, rebuild=rebuild)),
        ("the models", lambda: _models(parts)),
        ("the meaning index", lambda: _dense(parts, job, rebuild=rebuild, before=findings)),
        ("the pictures", lambda: _pictures(parts, rebuild=rebuild)),
        ("the backups", lambda: _backups(parts.folder)),
        ("what was left over", lambda: _left_over(parts)),
    )
    for done, (detail, check) in enumerate(checks):
        job.checkpoint()
        job.progress(_STAGE, done, len(checks), "stores", detail)
        findings += check()
    job.progress(_STAGE, len(checks), len(checks), "stores")
    return DoctorReport(tuple(findings), time.monotonic() - began)


def _library(parts: Parts) -> list[Finding]:
    try:
        with parts.library.read() as connection:
            damage = integrity.damage(connection)
        mended = []
        if damage and integrity.only_indexes(damage):
            with parts.library.write() as connection:
                connection.execute("REINDEX")
                damage = integrity.damage(connection)
            mended.append("The file's own indexes were damaged and were built anew.")
        if damage:
            return [_lost(parts, "; ".join(damage[:3]))]
        with parts.library.write() as connection:
            mended += integrity.mend(connection)
            altered = integrity.altered_labels(connection)
    except EngineError as error:
        return [_lost(parts, error.message)]
    if altered:
        text = f"{altered:,} judgments or thumbs no longer hold the text that was judged."
        return [Finding(_LIBRARY, "damaged", " ".join([*mended, text, _advice(parts)]))]
    if mended:
        return [Finding(_LIBRARY, "repaired", " ".join(mended))]
    return [Finding(_LIBRARY, "sound", "Every row is where it belongs.")]


def _lost(parts: Parts, what: str) -> Finding:
    return Finding(_LIBRARY, "damaged", f"Its file is damaged: {what}. {_advice(parts)}")


def _advice(parts: Parts) -> str:
    newest = backup.newest_sound(parts.folder / "backups")
    return f"Put back the backup {newest.name}." if newest else _NO_BACKUP


def _embeddings(parts: Parts) -> list[Finding]:
    before = parts.embeddings.begun_anew
    dropped = parts.embeddings.check()
    if parts.embeddings.begun_anew > before:
        text = "Their file was damaged. It was set aside, and the passages are encoded again."
        return [Finding(_VECTORS, "repaired", text)]
    if dropped:
        text = f"{dropped:,} were damaged; their passages are encoded again."
        return [Finding(_VECTORS, "repaired", text)]
    return [Finding(_VECTORS, "sound", "All of them can be used.")]


def _lexical(parts: Parts, job: Job, *, rebuild: bool) -> list[Finding]:
    said = "It was built anew, as asked."
    wrong = rebuild
    if not rebuild:
        try:
            parts.lexical.check()
            parts.lexical.catch_up(job.checkpoint)
            wrong = not _whole(parts.library, parts.lexical.n_chunks)
            said = "It held other passages than the library, and was built anew."
        except EngineError as error:
            wrong, said = True, f"{error.message.rstrip('.')}. It was built anew."
    if wrong:
        parts.lexical.rebuild(job.checkpoint)
        return [Finding(_KEYWORDS, "sound" if rebuild else "repaired", said)]
    return [Finding(_KEYWORDS, "sound", "Its files are as they were written, and complete.")]


def _dense(parts: Parts, job: Job, *, rebuild: bool, before: Sequence[Finding]) -> list[Finding]:
    """Check the active model's vectors; where some are gone from the cache, build them anew."""
    incomplete = any(f.store == _VECTORS and f.state == "repaired" for f in before)
    try:
        served = parts.models.serve_active(job)
    except EngineError as error:
        return [Finding(_MEANING, "damaged", f"{error.message} {error.hint}")]
    if rebuild:
        _forget_others(parts)
        _rebuild(served, job)
        return [Finding(_MEANING, "sound", "It was built anew, as asked.")]
    try:
        served.dense.check()
        if not incomplete:
            served.catch_up(job)
            if _whole(parts.library, served.dense.n_chunks):
                return [Finding(_MEANING, "sound", "It finds its passages, and is complete.")]
        said = "It was built anew, as vectors were missing."
    except EngineError as error:
        said = f"{error.message.rstrip('.')}. It was built anew."
    _rebuild(served, job)
    return [Finding(_MEANING, "repaired", said)]


def _rebuild(served: ServedModel, job: Job) -> None:
    served.dense.rebuild(
        served.encode_chunks,
        job.checkpoint,
        lambda done, total: job.progress("Building the meaning index", done, total, "passages"),
    )


def _forget_others(parts: Parts) -> None:
    """Drop the other models' vector indexes: each is built from the cache when it is used."""
    opened = parts.models.opened_fingerprints()
    with parts.library.read() as connection:
        every = generations.every(connection)
    for generation in every:
        if generation.kind == "vectors" and generation.fingerprint not in opened:
            generation_folder.discard(parts.library, parts.folder / "index", generation)


def _whole(library: Database, held: int) -> bool:
    with library.read() as connection:
        return bool(held == connection.execute("SELECT count(*) FROM chunks").fetchone()[0])


def _pictures(parts: Parts, *, rebuild: bool) -> list[Finding]:
    """Check thumbnails and vectors of pictures; what is missing is made with the next look."""
    try:
        n_undrawn, n_unencoded = parts.pictures.mend(rebuild=rebuild)
    except EngineError as error:
        return [Finding(_PICTURES, "damaged", f"{error.message} {error.hint}")]
    if rebuild:
        text = "Their thumbnails are made anew, as asked, when the folders are looked at next."
        return [Finding(_PICTURES, "sound", text if n_undrawn else "There are none.")]
    said = [
        f"{n:,} {what} missing or damaged."
        for n, what in ((n_undrawn, "thumbnails were"), (n_unencoded, "pictures' vectors were"))
        if n
    ]
    if said:
        said.append("They are made again when the folders are looked at next.")
        return [Finding(_PICTURES, "repaired", " ".join(said))]
    return [Finding(_PICTURES, "sound", "All of them have been seen, and have a thumbnail.")]


def _models(parts: Parts) -> list[Finding]:
    with parts.library.read() as connection:
        ids = list(model_registry.every(connection))
    return [_model(parts, model_id) for model_id in ids]


def _model(parts: Parts, model_id: str) -> Finding:
    store = f"Model {model_id}"
    try:
        card = parts.models.card(model_id)
        weights = parts.models.weights(model_id)
        if check_kind(weights) == "safetensors":
            _try_weights(weights / SAFETENSORS)
    except (EngineError, OSError) as error:
        message = error.message if isinstance(error, EngineError) else str(error)
        return Finding(store, "damaged", f"{message} Search with another model, or tune again.")
    folder = parts.models.folder(model_id) / "onnx"
    if read_prepared(folder) is None:
        return Finding(store, "sound", "Its weights are whole; it is prepared when it is used.")
    try:
        load_encoder(card, folder, 1).encode_queries(["water"])
    except Exception as error:  # noqa: BLE001 (whatever the runtime makes of a damaged file)
        (folder / RECORD).unlink(missing_ok=True)
        what = f"Its prepared form was damaged ({type(error).__name__})."
        return Finding(store, "repaired", f"{what} It is prepared again when it is used.")
    return Finding(store, "sound", "Its files are whole.")


def _try_weights(path: Path) -> None:
    """Read the file's head, which says how long it has to be; raises OSError."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            list(file.keys())
    except SafetensorError as error:
        raise OSError(f"{path} is damaged ({error}).") from error


def _backups(workspace: Path) -> list[Finding]:
    found = backup.copies(workspace / "backups")
    wrong = {copy.path.name: what for copy in found if (what := backup.trouble(copy.path))}
    if wrong:
        names = "; ".join(f"{name}: {what}" for name, what in wrong.items())
        return [
            Finding("Backups", "damaged", f"{len(wrong)} of {len(found)} are not sound: {names}")
        ]
    return [Finding("Backups", "sound", f"All {len(found)} can be put back." if found else "None.")]


def _left_over(parts: Parts) -> list[Finding]:
    index = parts.folder / "index"
    before = set(index.iterdir())
    generation_folder.sweep(parts.library, index)
    gone = len(before - set(index.iterdir()))
    long_ago = time.time() - _LEFT_OVER_AFTER_S
    for path in _unfinished(parts.folder):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < long_ago:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                gone += 1
    kept = sorted(path.name for path in parts.folder.glob("library.db.damaged-?*"))
    said = [f"{gone:,} left-over files and folders were removed."] if gone else []
    if kept:
        said.append(f"Set aside, and yours to delete: {', '.join(kept)}.")
    return [Finding("Left-over files", "repaired" if gone else "sound", " ".join(said) or "None.")]


def _unfinished(workspace: Path) -> Iterable[Path]:
    """What only an interrupted operation leaves behind; one that runs now is minutes old."""
    yield from workspace.glob("embeddings.db.damaged*")
    yield from workspace.glob("backups/*.unfinished*")
    yield from workspace.glob("models/*/.onnx-*")
