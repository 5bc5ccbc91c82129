"""Models written to folders, and read from them: the whole of a model, or nothing."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.encoders.catalogue import (
    ONNX,
    SAFETENSORS,
    TOKENIZER,
    ModelCard,
    check_kind,
    file_sha256,
    write_card,
)
from engine.encoders.onnx_manifest import MANIFEST, OnnxManifest, read_manifest
from engine.encoders.prepare import carried_out, prepare_encoder
from engine.encoders.text_layout import write_layout
from engine.encoders.text_source import MODULES, TextSource, read_text_source
from engine.errors import InvalidInput, ModelRejected, NotFound
from engine.flush import flush_folder
from engine.jobs.job import Job
from engine.jobs.worker import WorkerError
from engine.model_details import details
from engine.model_exchange_worker import Answer, Tried, Try, TryOnnx, Write, Written
from engine.model_readme import readme
from engine.new_folder import new_folder
from engine.new_folder import sweep as sweep_folders
from engine.parts import Parts
from engine.places import CHECK_SET, GENERAL_SET
from engine.records import ImportReport
from engine.storage import model_registry
from engine.training_records import ExportReport
from engine.training_requests import ExportModel, ImportTextModel

_MODULE = "engine.model_exchange_worker"
_README = "README.md"
_TIMES_ITS_SIZE = 4
"""Room that an export takes for a moment: the graph, its smoothed form and the int8 one."""
_SLACK_BYTES = 100_000_000
_LONGEST_ID = 60
_OF_PICTURES = "open_clip_config.json"
A = TypeVar("A", Written, Tried)


class _Config(msgspec.Struct):
    """Of a transformer's configuration, what tells its kind."""

    model_type: str = ""


def export_model(parts: Parts, request: ExportModel, job: Job) -> ExportReport:
    """Write a model to a new or empty folder; raises NotFound, InvalidInput, StorageFull."""
    began = time.monotonic()
    model = details(parts, request.model)
    card = replace(
        parts.models.card(request.model),
        name=model.info.name,
        licence=_licence(parts, request.model),
    )
    if model.info.adapter:
        raise InvalidInput(
            "An adapter has no weights of its own",
            f"{card.name} only turns the queries of {card.base}.",
            f"Export {card.base}, or tune a model and export that.",
        )
    weights = parts.models.weights(request.model)
    kind = check_kind(weights)
    if request.format == "sentence-transformers" and kind == "onnx":
        raise InvalidInput(
            "This model cannot be exported so",
            f"{card.name} comes compressed, without the weights that sentence-transformers reads.",
            "Export it as ONNX.",
        )
    target = Path(request.path).expanduser().absolute()
    size = (weights / (SAFETENSORS if kind == "safetensors" else ONNX)).stat().st_size
    notes = _notes(parts)
    sweep_folders(notes)
    job.progress("Writing the model", 0)
    with new_folder(target, size * _TIMES_ITS_SIZE + _SLACK_BYTES, notes) as building:
        order = Write(
            card,
            str(weights),
            request.format,
            str(building),
            str(CHECK_SET),
            str(GENERAL_SET),
        )
        written = _carried_out(order, Written, card.name, job.checkpoint)
        (building / _README).write_text(readme(card, model, date.today()), encoding="utf-8")
        files = sorted(file for file in building.rglob("*") if file.is_file())
        names = tuple(file.relative_to(building).as_posix() for file in files)
        size = sum(file.stat().st_size for file in files)
    return ExportReport(
        model=request.model,
        path=str(target),
        files=names,
        size_bytes=size,
        agreement=written.agreement,
        ndcg=written.ndcg,
        seconds=time.monotonic() - began,
    )


def sweep(parts: Parts) -> None:
    """Remove what was being exported when the program was killed."""
    sweep_folders(_notes(parts))


def is_text_model(path: Path) -> bool:
    """Whether a folder holds a model for texts, rather than one for pictures."""
    if (path / _OF_PICTURES).is_file():
        return False
    if any((path / name).is_file() for name in (MODULES, MANIFEST)):
        return True
    try:
        config = msgspec.json.decode((path / "config.json").read_bytes(), type=_Config)
    except (OSError, msgspec.DecodeError):
        return False
    return bool(config.model_type) and "clip" not in config.model_type


def import_model(parts: Parts, request: ImportTextModel, job: Job) -> ImportReport:
    """Take in a model; it is put to work by activating it.

    What is converted belongs to no model until it is whole, and is removed if anything stops the
    job. Raises NotFound, ModelRejected, StorageFull, WorkerFailed.
    """
    began = time.monotonic()
    source = Path(request.path).expanduser().absolute()
    if not source.is_dir():
        raise NotFound("No such folder", f"{source} is no folder.", "Check the path and try again.")
    job.progress("Reading the model", 0)
    manifest = read_manifest(source)
    told = read_text_source(source) if manifest is None else manifest
    card = _card(parts, told, (request.name or "").strip() or _name_of(source, manifest), source)
    folder = parts.models.folder(card.id)
    try:
        (folder / "weights").mkdir(parents=True)
        write_card(replace(card, notes=""), folder)
        job.progress("Comparing vectors", 0)
        if isinstance(told, TextSource):
            tried = _take_in(parts, card, told, folder / "weights", job)
        else:
            tried = _take_in_graph(parts, card, told, source, folder / "weights", job)
        job.progress("Preparing it for this computer", 0)
        prepare_encoder(card, folder / "weights", folder / "onnx", job.checkpoint)
        write_card(card, folder)
        flush_folder(folder)
        with parts.library.write() as connection:
            model_registry.register(connection, card.id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return ImportReport(card.id, tried.difference, time.monotonic() - began)


def _take_in(parts: Parts, card: ModelCard, told: TextSource, weights: Path, job: Job) -> Tried:
    """Copy a model of safetensors and see that it gives the vectors that it gives by itself."""
    write_layout(card, told.transformer, weights)
    _check_new(parts, card, weights)
    source = told.folder if told.whole else weights
    name = told.query_prompt_name if told.whole else ""
    order = Try(card, str(weights), str(source), name, str(CHECK_SET))
    return _carried_out(order, Tried, card.name, job.checkpoint)


def _take_in_graph(
    parts: Parts, card: ModelCard, told: OnnxManifest, source: Path, weights: Path, job: Job
) -> Tried:
    """Copy the better graph of an exported folder, as it is."""
    tried = _carried_out(TryOnnx(card, str(source)), Tried, card.name, job.checkpoint)
    shutil.copyfile(source / told.variants[tried.variant].file, weights / ONNX)
    shutil.copyfile(source / TOKENIZER, weights / TOKENIZER)
    _check_new(parts, card, weights)
    return tried


def _card(parts: Parts, told: TextSource | OnnxManifest, name: str, source: Path) -> ModelCard:
    plain = re.sub(r"[^a-z0-9.]+", "-", name.casefold()).strip("-.") or "model"
    wanted = plain[:_LONGEST_ID].rstrip("-.")
    number, model_id = 1, wanted
    while parts.models.folder(model_id).exists() or _is_registered(parts, model_id):
        number += 1
        model_id = f"{wanted}-{number}"
    return ModelCard(
        id=model_id,
        name=name,
        origin="imported",
        base=None,
        pooling=told.pooling,
        query_prompt=told.query_prompt,
        max_tokens=told.max_tokens,
        dim=told.dim,
        created_at=time.time(),
        notes=f"Imported from {source.name}.",
        licence=told.licence,
    )


def _licence(parts: Parts, model_id: str) -> str:
    """A model's licence, else that of the one it was made from."""
    card = parts.models.card(model_id)
    while not card.licence and card.base:
        card = parts.models.card(card.base)
    return card.licence


def _name_of(source: Path, manifest: OnnxManifest | None) -> str:
    return manifest.name if manifest is not None else source.name


def _is_registered(parts: Parts, model_id: str) -> bool:
    with parts.library.read() as connection:
        every = {**model_registry.every(connection), **model_registry.every(connection, "image")}
    return model_id.casefold() in {known.casefold() for known in every}


def _check_new(parts: Parts, card: ModelCard, weights: Path) -> None:
    """Refuse what is here already: two models of the same vectors could not be told apart."""
    with parts.library.read() as connection:
        every = list(model_registry.every(connection))
    for known in every:
        other = parts.models.card(known)
        if not other.adapter and _is_same(card, weights, other, parts.models.weights(known)):
            raise ModelRejected(
                "Already here",
                f"It is the same model as {known}.",
                f"Use {known}, or delete it first.",
            )


def _is_same(card: ModelCard, weights: Path, other: ModelCard, its_weights: Path) -> bool:
    """Whether two models give the same vectors."""
    for field in ("pooling", "query_prompt", "max_tokens", "dim"):
        if getattr(card, field) != getattr(other, field):
            return False
    file = SAFETENSORS if (weights / SAFETENSORS).is_file() else ONNX
    return all(
        (its_weights / name).is_file()
        and (weights / name).stat().st_size == (its_weights / name).stat().st_size
        and file_sha256(weights / name) == file_sha256(its_weights / name)
        for name in (TOKENIZER, file)
    )


def _carried_out(
    order: Write | Try | TryOnnx, wanted: type[A], name: str, checkpoint: Callable[[], None]
) -> A:
    answer = carried_out(order, _MODULE, Answer, name, checkpoint)
    if isinstance(answer, WorkerError):
        raise ModelRejected(answer.title, answer.message, answer.hint)
    assert isinstance(answer, wanted)
    return answer


def _notes(parts: Parts) -> Path:
    """Where it is noted what is being exported."""
    return parts.folder / "exports"
