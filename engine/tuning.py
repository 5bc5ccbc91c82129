"""From what there is to learn to a better model: planning, training, the gate, the switch.

What a tuning needs lies in `jobs/<id>/` from before its first step until its verdict. So a tuning
that was ended by a crash, a kill or the end of the program goes on from its last checkpoint with
the same data (`engine.resuming`), and until the verdict there is no model.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from engine import picture_tuning, recipes, training_data
from engine.encoders.catalogue import ModelCard, check_kind, write_card
from engine.encoders.prepare import prepare_encoder
from engine.encoders.text_encoder import load_encoder
from engine.errors import (
    EngineError,
    InvalidInput,
    JobCancelled,
    NotEnoughData,
    StorageFull,
    WorkerFailed,
)
from engine.jobs.job import Job
from engine.making_pairs import maker
from engine.measuring import load_topic
from engine.parts import Parts
from engine.query_changes import query_changes
from engine.records import ActivationReport, Chunk, GateRules, TrainingSummary, TuneReport
from engine.requests import Finetune
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import documents, labels, model_registry, pictures
from engine.storage import settings as stored_settings
from engine.storage.encoding_key import encoding_text
from engine.training import gate, kept_tuning
from engine.training.corpus import Corpus
from engine.training.general_set import read_general_set
from engine.training.kept_tuning import KeptSpec, KeptTuning
from engine.training.model_record import versions, write_record, write_training_set
from engine.training.pairs import from_labels, of_texts
from engine.training.plan import MIN_QUERIES, Plan, TuneSpec, missing, planned
from engine.training.stages import Stages
from engine.training.tune import ReadyModel, Tuned, carried_out
from engine.training_records import ModelRecord


@dataclass(frozen=True, slots=True)
class Library:
    """What is searched while a model is tuned and tested."""

    chunks: list[Chunk]
    names: Mapping[int, str]
    """Keys of the documents, by id."""


def summary(parts: Parts) -> TrainingSummary:
    """What there is to train on; labels of pictures by what they show train no text model."""
    with parts.library.read() as connection:
        given = of_texts(labels.in_force(connection))
        seen = model_registry.last_tuned_event(connection)
    queries = from_labels(given)
    return TrainingSummary(
        n_thumbs_up=sum(label.kind == "feedback" and label.value > 0 for label in given),
        n_thumbs_down=sum(label.kind == "feedback" and label.value < 0 for label in given),
        n_judgments=sum(label.kind == "judgment" for label in given),
        n_queries=len(queries),
        n_pairs=sum(len(query.positives) for query in queries),
        n_needed=MIN_QUERIES,
        missing=missing(len(queries)),
        new_since_last=sum(label.id > seen for label in given),
    )


def finetune(parts: Parts, request: Finetune, job: Job) -> TuneReport:
    """Tune the active model; put the tuned one to work if it passes the gate.

    One for pictures is fitted, and waits for the user (`picture_tuning`). Refused or accepted, it
    is registered with the gate's verdict.
    """
    if request.kind == "image":
        return picture_tuning.finetune(parts, request, job)
    began = time.monotonic()
    kept_tuning.sweep(parts.folder)
    with parts.library.read() as connection:
        settings = stored_settings.load(connection)
        last_event = labels.last_event(connection) if request.evalset is None else 0
    recipe = request.recipe or recipes.of_settings(parts, settings)
    base_id = parts.models.source(parts.models.active_id())
    weights = tunable(parts, base_id)
    data = training_data.training_set(parts, request.evalset, request.split)
    if lack := missing(len(data.queries)):
        raise NotEnoughData("Too little to learn from", lack)
    served = parts.models.open_for(job, base_id)
    library = library_of(parts, request.evalset, request.split)
    corpus = corpus_of(served, library, job)
    card = _card(served.card, job)
    folder = kept_tuning.new_folder(parts.folder, job.info.id)
    stages = _stages(job)
    try:
        spec = TuneSpec(
            weights,
            parts.models.folder(card.id) / "weights",
            kept_tuning.checkpoints_of(folder),
            data,
            corpus,
            recipe,
            settings.gate,
            read_general_set(),
            maker(parts, request.evalset, request.split),
            lambda query, texts: parts.models.cross_encoder().score(query, texts).tolist(),
        )
        plan = planned(spec, served.encoder, stages)
        kept = kept_tuning.keep(
            folder,
            KeptSpec(
                job.info.id,
                request.evalset,
                request.split,
                recipe,
                base_id,
                card,
                data.source,
                data.hash,
                time.time(),
                last_event,
            ),
            plan,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _to_the_verdict(parts, settings, kept, plan, library, corpus, job, stages, began)


def go_on(parts: Parts, settings: Settings, kept: KeptTuning, job: Job) -> TuneReport:
    """Go on with a tuning that was interrupted: with its data, over the library as it is now."""
    began = time.monotonic()
    spec = kept.spec
    weights = tunable(parts, spec.base)
    served = parts.models.open_for(job, spec.base)
    library = library_of(parts, spec.evalset, spec.split)
    corpus = corpus_of(served, library, job)
    plan = kept.plan(weights, parts.models.folder(spec.card.id) / "weights")
    stages = _stages(job)
    return _to_the_verdict(parts, settings, kept, plan, library, corpus, job, stages, began)


def _to_the_verdict(
    parts: Parts,
    settings: Settings,
    kept: KeptTuning,
    plan: Plan,
    library: Library,
    corpus: Corpus,
    job: Job,
    stages: Stages,
    began: float,
) -> TuneReport:
    """Train, judge, register, and switch where it is accepted.

    What was kept goes with the verdict, or where the user gives up, or where going on would end
    alike; it stays where something else ended the job.
    """
    with kept.at_work():
        try:
            tuned = _made(parts, settings.gate, kept, plan, library, corpus, job, stages)
        except JobCancelled:
            if not job.interrupted:
                kept.remove()
            raise
        except (WorkerFailed, StorageFull):
            raise
        except EngineError:
            kept.remove()
            raise
        kept.remove()
    model_id = kept.spec.card.id
    _keep_vectors(parts, job, model_id, library.chunks, tuned)
    if tuned.gate.accepted:
        activate(parts, job, model_id)
    return TuneReport(
        model=model_id,
        base=kept.spec.base,
        accepted=tuned.gate.accepted,
        reason=tuned.gate.reason,
        gate=tuned.gate,
        seconds=time.monotonic() - began,
    )


def _made(
    parts: Parts,
    rules: GateRules,
    kept: KeptTuning,
    plan: Plan,
    library: Library,
    corpus: Corpus,
    job: Job,
    stages: Stages,
) -> Tuned:
    """The model, complete in its folder and registered; or nothing of it."""
    spec = kept.spec
    folder = parts.models.folder(spec.card.id)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        write_card(spec.card, folder)
        onnx = folder / "onnx"

        def prepare(tuned_weights: Path) -> ReadyModel:
            prepare_encoder(spec.card, tuned_weights, onnx, job.checkpoint)
            encoder = load_encoder(spec.card, onnx, parts.models.threads)
            return ReadyModel(encoder, size_of(onnx))

        served = parts.models.open_for(job, spec.base)
        base = ReadyModel(
            served.encoder, size_of(parts.models.folder(parts.models.source(spec.base)) / "onnx")
        )
        tuned = carried_out(
            plan,
            corpus,
            rules,
            read_general_set(),
            base,
            prepare,
            replace(stages, saved=kept.reach),
        )
        write_training_set(plan, folder)
        write_record(_record(parts, kept, plan, tuned, library.names, stages), folder)
        write_card(replace(spec.card, notes=tuned.notes), folder)
        parts.models.register(spec.card.id, tuned.gate, spec.last_event)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return tuned


def _record(
    parts: Parts,
    kept: KeptTuning,
    plan: Plan,
    tuned: Tuned,
    names: Mapping[int, str],
    stages: Stages,
) -> ModelRecord:
    trained = tuned.trained
    return ModelRecord(
        parents=parents_of(parts, kept.spec.base),
        data=kept.spec.source,
        data_hash=kept.spec.data_hash,
        n_pairs=plan.n_examples,
        recipe=kept.spec.recipe,
        seed=kept.spec.recipe.seed,
        versions=versions(),
        device=trained.device,
        bf16=trained.bf16,
        seconds=trained.seconds,
        curves=tuple(stages.curve),
        changes=query_changes(plan.held_out, tuned.before, tuned.after, names),
        general_before=tuned.general_before,
        general_after=tuned.general_after,
        query_ms=tuned.query_ms,
        size_bytes=tuned.size_bytes,
        kept_step=trained.kept_step,
        n_steps=trained.n_steps,
        kept_share=trained.kept_share,
    )


def parents_of(parts: Parts, base_id: str) -> tuple[str, ...]:
    """The model that was tuned, what that was tuned from, and so on."""
    parents = [base_id]
    while (base := parts.models.card(parents[-1]).base) is not None and base not in parents:
        parents.append(base)
    return tuple(parents)


def activate(parts: Parts, job: Job, model_id: str) -> ActivationReport:
    """Encode the library with a model while the active one serves, then switch."""
    began = time.monotonic()
    encoded = parts.models.open_for(job, model_id).catch_up(job)
    parts.models.activate(model_id)
    return ActivationReport(model_id, encoded, time.monotonic() - began)


def library_of(parts: Parts, evalset: str | None, split: str) -> Library:
    """The passages that a model is tuned and tested on, and the keys of their documents."""
    if evalset is None:
        with parts.library.read() as connection:
            wordless = set(pictures.wordless(connection))
            every = (number for number in documents.every_id(connection) if number not in wordless)
            names = {number: str(number) for number in every}
            return Library(list(documents.chunks(connection, names)), names)
    topic = load_topic(parts, evalset, split)
    names = {number: places[0] for number, places in topic.names.items()}
    with parts.library.read() as connection:
        return Library(list(documents.chunks(connection, names)), names)


def corpus_of(served: ServedModel, library: Library, job: Job) -> Corpus:
    """The library's passages with their vectors by a model."""
    chunks = library.chunks
    return Corpus(
        documents=tuple(library.names[chunk.document_id] for chunk in chunks),
        texts=tuple(encoding_text(chunk.context, chunk.text) for chunk in chunks),
        vectors=np.stack(served.embed(chunks, job)),
    )


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def _stages(job: Job) -> Stages:
    return Stages(
        job.info.id,
        gate.MEASURE,
        job.tell,
        job.checkpoint,
        lambda: job.paused,
        lambda: job.wraps_up,
    )


def tunable(parts: Parts, model_id: str) -> Path:
    """The folder of a model's weights; raises InvalidInput where they cannot be tuned."""
    weights = parts.models.weights(model_id)
    if check_kind(weights) != "safetensors":
        raise InvalidInput(
            "This model cannot be tuned",
            f"{model_id} comes compressed, for searching only.",
            "Activate all-MiniLM-L6-v2, or a model tuned from it, on the Models page first.",
        )
    return weights


def _card(base: ModelCard, job: Job) -> ModelCard:
    now = datetime.now()
    return replace(
        base,
        id=f"tuned-{now:%Y%m%d-%H%M%S}-{job.info.id[:4]}",
        name=f"Tuned on {now.day} {now:%B %Y, %H:%M}",
        origin="tuned",
        base=base.base if base.adapter else base.id,
        adapter=False,
        created_at=now.timestamp(),
        notes="",
    )


def _keep_vectors(
    parts: Parts, job: Job, model_id: str, chunks: Sequence[Chunk], tuned: Tuned
) -> None:
    """Cache what the gate has encoded already, for activating the model now or later."""
    fingerprint = parts.models.open_for(job, model_id).encoder.fingerprint
    hashes = [chunks[row].encoding_hash for row in tuned.rows]
    parts.embeddings.put(fingerprint, hashes, tuned.vectors)
