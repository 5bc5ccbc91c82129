"""From feedback to a better model: what there is to train on, tuning, the gate, the switch."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from engine import picture_tuning
from engine.encoders.catalogue import ModelCard, check_kind, write_card
from engine.encoders.prepare import prepare_encoder
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.errors import InvalidInput, NotEnoughData
from engine.jobs.job import Job
from engine.measuring import load_topic
from engine.parts import Parts
from engine.records import ActivationReport, Chunk, TrainingSummary, TuneReport
from engine.requests import Finetune
from engine.serving import ServedModel
from engine.storage import documents, labels, model_registry, pictures
from engine.storage.encoding_key import encoding_text
from engine.training.corpus import Corpus
from engine.training.pairs import JudgedQuery, from_labels, from_qrels, of_texts
from engine.training.tune import MIN_QUERIES, Tuned, TuneSpec, missing, tune


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
    is registered with the gate's verdict. Until then its folder belongs to no model, and is removed
    if anything stops the job.
    """
    if request.kind == "image":
        return picture_tuning.finetune(parts, request, job)
    began = time.monotonic()
    base_id = parts.models.active_id()
    weights = parts.models.weights(base_id)
    if check_kind(weights) != "safetensors":
        raise InvalidInput(
            "This model cannot be tuned",
            f"{base_id} comes compressed, for searching only.",
            "Activate all-MiniLM-L6-v2, or a model tuned from it, on the Models page first.",
        )
    with parts.library.read() as connection:
        last_event = labels.last_event(connection) if request.evalset is None else 0
    queries, chunks, names = _training_data(parts, request)
    if lack := missing(len(queries)):
        raise NotEnoughData("Too little to learn from", lack)
    served = parts.models.open_for(job, base_id)
    corpus = _corpus(served, chunks, names, job)
    card = _card(served.card, job)
    folder = parts.models.folder(card.id)
    try:
        folder.mkdir(parents=True)
        write_card(card, folder)

        def prepare(tuned_weights: Path) -> TextEncoder:
            prepare_encoder(card, tuned_weights, folder / "onnx", job.checkpoint)
            return load_encoder(card, folder / "onnx", parts.models.threads)

        spec = TuneSpec(job.info.id, weights, folder / "weights", queries, corpus)
        tuned = tune(spec, served.encoder, prepare, job.tell, job.checkpoint)
        write_card(replace(card, notes=tuned.notes), folder)
        parts.models.register(card.id, tuned.gate, last_event)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _keep_vectors(parts, job, card.id, chunks, tuned)
    if tuned.gate.accepted:
        activate(parts, job, card.id)
    return TuneReport(
        model=card.id,
        base=base_id,
        accepted=tuned.gate.accepted,
        reason=tuned.gate.reason,
        gate=tuned.gate,
        seconds=time.monotonic() - began,
    )


def activate(parts: Parts, job: Job, model_id: str) -> ActivationReport:
    """Encode the library with a model while the active one serves, then switch."""
    began = time.monotonic()
    encoded = parts.models.open_for(job, model_id).catch_up(job)
    parts.models.activate(model_id)
    return ActivationReport(model_id, encoded, time.monotonic() - began)


def _training_data(
    parts: Parts, request: Finetune
) -> tuple[tuple[JudgedQuery, ...], list[Chunk], Mapping[int, str]]:
    """The judged queries, the passages of the library to find them in, and documents' keys."""
    if request.evalset is None:
        with parts.library.read() as connection:
            given = labels.in_force(connection)
            wordless = set(pictures.wordless(connection))
            every = (number for number in documents.every_id(connection) if number not in wordless)
            names = {number: str(number) for number in every}
            return from_labels(given), list(documents.chunks(connection, names)), names
    topic = load_topic(parts, request.evalset, request.split)
    names = {number: places[0] for number, places in topic.names.items()}
    first = {place: places[0] for places in topic.names.values() for place in places}
    qrels = {
        query: {first[document]: grade for document, grade in judged.items()}
        for query, judged in topic.qrels.items()
    }
    with parts.library.read() as connection:
        chunks = list(documents.chunks(connection, names))
    return from_qrels(topic.queries, qrels), chunks, names


def _corpus(served: ServedModel, chunks: list[Chunk], names: Mapping[int, str], job: Job) -> Corpus:
    return Corpus(
        documents=tuple(names[chunk.document_id] for chunk in chunks),
        texts=tuple(encoding_text(chunk.context, chunk.text) for chunk in chunks),
        vectors=np.stack(served.embed(chunks, job)),
    )


def _card(base: ModelCard, job: Job) -> ModelCard:
    now = datetime.now()
    return replace(
        base,
        id=f"tuned-{now:%Y%m%d-%H%M%S}-{job.info.id[:4]}",
        name=f"Tuned on {now.day} {now:%B %Y, %H:%M}",
        origin="tuned",
        base=base.id,
        created_at=now.timestamp(),
        notes="",
    )


def _keep_vectors(parts: Parts, job: Job, model_id: str, chunks: list[Chunk], tuned: Tuned) -> None:
    """Cache what the gate has encoded already, for activating the model now or later."""
    fingerprint = parts.models.open_for(job, model_id).encoder.fingerprint
    hashes = [chunks[row].encoding_hash for row in tuned.rows]
    parts.embeddings.put(fingerprint, hashes, tuned.vectors)
