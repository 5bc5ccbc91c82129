"""The models of a workspace: each prepared on this machine, one of them at work."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import (
    BUNDLED,
    CARD,
    IMAGE_CLASSIFIER,
    ModelCard,
    read_card,
    weights_folder,
)
from engine.encoders.cross_encoder import CrossEncoder, load_cross_encoder
from engine.encoders.image_card import has_image_card
from engine.encoders.prepare import prepare_encoder
from engine.encoders.prepared import Prepared, read_prepared
from engine.encoders.text_adapter import read_adapter
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.errors import EngineError, InvalidInput
from engine.jobs.job import Job
from engine.records import Chunk, GateReport, IndexHealth, ModelInfo
from engine.retrieval.dense_generation import DenseGeneration
from engine.retrieval.embedding import embed
from engine.retrieval.generation_folder import discard, health
from engine.storage import ab_tests, generations, model_registry
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings
from engine.storage.encoding_key import encoding_text

_ENCODING = "Understanding passages"


class ServedModel:
    """Owns the encoder and the vectors of one model."""

    def __init__(
        self,
        card: ModelCard,
        encoder: TextEncoder,
        dense: DenseGeneration,
        embeddings: Embeddings,
    ) -> None:
        self.card = card
        self.encoder = encoder
        self.dense = dense
        self._embeddings = embeddings

    def encode_query(self, query: str) -> NDArray[np.float32]:
        """A query's vector, (dim,) float32, L2-normalised."""
        vector: NDArray[np.float32] = self.encoder.encode_queries([query])[0]
        return vector

    def encode_chunks(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """Chunks' vectors, (n, dim) float32, L2-normalised."""
        return self.encoder.encode_passages(
            [encoding_text(chunk.context, chunk.text) for chunk in chunks]
        )

    def embed(self, chunks: Sequence[Chunk], job: Job) -> list[NDArray[np.float32]]:
        """Chunks' vectors in order, as they are cached: (dim,) float32 each, L2-normalised."""
        vectors, _ = embed(
            self._embeddings,
            self.encoder.fingerprint,
            chunks,
            self.encode_chunks,
            job.checkpoint,
            lambda done: job.progress(_ENCODING, done, len(chunks), "passages"),
        )
        return vectors

    def catch_up(self, job: Job) -> int:
        """Encode what the library has and this model has not; see `DenseGeneration.catch_up`."""
        return self.dense.catch_up(
            self.encode_chunks,
            job.checkpoint,
            lambda done, total: job.progress(_ENCODING, done, total, "passages"),
        )


class Models:
    """The registered models; those that were used stay open until the workspace closes."""

    def __init__(
        self, workspace: Path, library: Database, embeddings: Embeddings, threads: int
    ) -> None:
        self._workspace = workspace
        self._library = library
        self._embeddings = embeddings
        self.threads = threads
        self._opened: dict[str, ServedModel] = {}
        self._opening = threading.RLock()
        self._cross_encoder: CrossEncoder | None = None
        self._bundled_encoder: TextEncoder | None = None
        self._register_bundled()
        self._sweep()

    def _register_bundled(self) -> None:
        with self._library.write() as connection:
            for card in BUNDLED:
                model_registry.register(connection, card.id)
            if model_registry.active(connection) is None:
                model_registry.activate(connection, BUNDLED[0].id)
            model_registry.register(connection, IMAGE_CLASSIFIER, kind="image")
            if model_registry.active(connection, "image") is None:
                model_registry.activate(connection, IMAGE_CLASSIFIER)

    def _sweep(self) -> None:
        """Remove the folders of models whose making was interrupted before they were registered.

        A finished model that is not registered was made after the backup that was put back: it is
        needed again if a newer one is.
        """
        with self._library.read() as connection:
            registered = {
                model_id
                for kind in ("text", "image")
                for model_id in model_registry.every(connection, kind)
            }
        for folder in (self._workspace / "models").iterdir():
            if folder.name not in registered and not _finished(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def active_id(self) -> str:
        """Id of the active model."""
        with self._library.read() as connection:
            return model_registry.active(connection) or BUNDLED[0].id

    def served(self) -> ServedModel | None:
        """The active model, unless it is still being prepared or loaded."""
        return self._opened.get(self.active_id())

    def opened(self, model_id: str) -> ServedModel | None:
        """A model that was opened before."""
        return self._opened.get(model_id)

    def opened_fingerprints(self) -> set[str]:
        """Of the encoders whose vectors are open."""
        return {model.dense.fingerprint for model in self._opened.values()}

    def load(self) -> None:
        """Load the models that search where they have been prepared: a second or two.

        These are the active one, and those of a running A/B test.
        """
        for model_id in self._at_work():
            if self.prepared(model_id) is not None:
                self.open(model_id, lambda: None)

    def _at_work(self) -> list[str]:
        with self._library.read() as connection:
            competing = model_registry.in_running_test(connection)
        return list(dict.fromkeys([self.active_id(), *sorted(competing)]))

    def health(self, n_chunks: int, model_id: str | None = None) -> IndexHealth:
        """How a model's vectors stand, loaded or not, for a library of `n_chunks`.

        The active one's where none is named.
        """
        model_id = model_id or self.active_id()
        if served := self._opened.get(model_id):
            return served.dense.health(n_chunks)
        prepared = self.prepared(model_id)
        with self._library.read() as connection:
            generation = prepared and generations.newest(
                connection, "vectors", prepared.fingerprint
            )
        done = generation.n_chunks if generation and not generation.dirty else 0
        return health(min(done, n_chunks), n_chunks)

    def serve_active(self, job: Job) -> ServedModel:
        """The active model, prepared first where it has to be."""
        return self.open_for(job, self.active_id())

    def catch_up(self, job: Job) -> int:
        """Have the active model, and those of a running A/B test, know the whole library.

        Returns how many passages were encoded.
        """
        return sum(self.open_for(job, model_id).catch_up(job) for model_id in self._at_work())

    def open_for(self, job: Job, model_id: str) -> ServedModel:
        """A model, prepared within a job where it has to be."""
        if self.prepared(model_id) is None:
            job.progress(f"Preparing {model_id} for this computer", 0)
        return self.open(model_id, job.checkpoint)

    def open(self, model_id: str, checkpoint: Callable[[], None]) -> ServedModel:
        """A registered model, ready to encode; preparing it the first time takes seconds.

        Raises NotFound, ModelRejected, WorkerFailed.
        """
        with self._opening:
            if model_id not in self._opened:
                card = self.card(model_id)
                opened = self._adapted if card.adapter else self._by_itself
                self._opened[model_id] = opened(card, checkpoint)
            return self._opened[model_id]

    def _by_itself(self, card: ModelCard, checkpoint: Callable[[], None]) -> ServedModel:
        onnx = self._onnx(card.id)
        if read_prepared(onnx) is None:
            prepare_encoder(card, self.weights(card.id), onnx, checkpoint)
        encoder = load_encoder(card, onnx, self.threads)
        dense = DenseGeneration(
            self._library,
            self._embeddings,
            self._workspace / "index",
            encoder.fingerprint,
            encoder.dim,
        )
        return ServedModel(card, encoder, dense, self._embeddings)

    def _adapted(self, card: ModelCard, checkpoint: Callable[[], None]) -> ServedModel:
        """An adapter's model: its base's encoder and vectors, and queries of its own."""
        base = self.open(self.source(card.id), checkpoint)
        adapter = read_adapter(self.folder(card.id), base.encoder.fingerprint, base.encoder.dim)
        return ServedModel(card, base.encoder.adapted(adapter), base.dense, self._embeddings)

    def activate(self, model_id: str) -> None:
        """Switch to a model: one row."""
        with self._library.write() as connection:
            if model_registry.active(connection) != model_id:
                model_registry.activate(connection, model_id)

    def register(self, model_id: str, gate: GateReport, last_event: int) -> None:
        """Register a tuned model whose folder is complete."""
        with self._library.write() as connection:
            model_registry.register(connection, model_id, gate, last_event)

    def remove(self, model_id: str) -> None:
        """Delete a tuned model with its vectors; raises InvalidInput where it is needed.

        An adapter's are its base's, and stay.
        """
        self.check_removable(model_id, self.active_id(), *(card.id for card in BUNDLED))
        with self._library.read() as connection:
            others = model_registry.every(connection).keys() - {model_id}
        if above := [name for name in sorted(others) if self.card(name).base == model_id]:
            raise InvalidInput(
                "This model is needed",
                f"{above[0]} was tuned from it.",
                f"Remove {above[0]} first.",
            )
        prepared = self.prepared(model_id) if self.source(model_id) == model_id else None
        if prepared is not None and any(
            known is not None and known.fingerprint == prepared.fingerprint
            for known in map(self.prepared, others)
        ):
            prepared = None  # one that was tuned alike has the same vectors, and needs them
        with self._opening:
            opened = self._opened.pop(model_id, None)
            if opened is not None and not opened.card.adapter:
                opened.dense.close()
        with self._library.write() as connection:
            if model_id in model_registry.in_running_test(connection):
                ab_tests.stop(connection)
            model_registry.remove(connection, model_id)
        # Without its card, what an interruption leaves of it is swept away at the next opening.
        (self.folder(model_id) / CARD).unlink(missing_ok=True)
        if prepared is not None:
            with self._library.read() as connection:
                generation = generations.newest(connection, "vectors", prepared.fingerprint)
            if generation is not None:
                discard(self._library, self._workspace / "index", generation)
            self._embeddings.forget(prepared.fingerprint)
        shutil.rmtree(self.folder(model_id), ignore_errors=True)

    def check_removable(self, model_id: str, active_id: str, *bundled: str) -> None:
        """Refuse to remove what is at work or came with the program; raises InvalidInput."""
        if model_id in bundled:
            raise InvalidInput(
                "This model stays",
                f"{model_id} came with the program, and takes hardly any room here.",
                "Activate another one if you do not want to use it.",
            )
        if model_id == active_id:
            raise InvalidInput(
                "This model is at work",
                f"{model_id} is what searches your library just now.",
                "Activate another one first.",
            )

    def cross_encoder(self) -> CrossEncoder:
        """The bundled reranker."""
        with self._opening:
            if self._cross_encoder is None:
                self._cross_encoder = load_cross_encoder(self.threads)
            return self._cross_encoder

    def bundled_encoder(self, checkpoint: Callable[[], None]) -> TextEncoder:
        """The encoder of the first bundled model, whichever is active; see `open` for errors."""
        with self._opening:
            card = BUNDLED[0]
            if card.id in self._opened:
                return self._opened[card.id].encoder
            if self._bundled_encoder is None:
                onnx = self._onnx(card.id)
                if read_prepared(onnx) is None:
                    prepare_encoder(card, self.weights(card.id), onnx, checkpoint)
                self._bundled_encoder = load_encoder(card, onnx, self.threads)
            return self._bundled_encoder

    def infos(self, n_chunks: int) -> tuple[ModelInfo, ...]:
        """The registered models, for a library of `n_chunks`."""
        with self._library.read() as connection:
            gates = model_registry.every(connection)
            before = model_registry.previous(connection)
            said = {model_id: model_registry.said(connection, model_id) for model_id in gates}
        active = self.active_id()
        infos = (
            self._info(
                model_id, gate, n_chunks, active=model_id == active, previous=model_id == before
            )
            for model_id, gate in gates.items()
        )
        return tuple(
            replace(info, name=said[info.id].name or info.name, overruled=said[info.id].overruled)
            for info in infos
        )

    def card(self, model_id: str) -> ModelCard:
        """A registered model's card; raises NotFound."""
        with self._library.read() as connection:
            model_registry.require(connection, model_id)
        for card in BUNDLED:
            if card.id == model_id:
                return card
        return read_card(self.folder(model_id))

    def source(self, model_id: str) -> str:
        """Id of the model whose encoder and vectors this one has: an adapter's base, else itself.

        Raises NotFound.
        """
        card = self.card(model_id)
        return card.base if card.adapter and card.base else model_id

    def prepared(self, model_id: str) -> Prepared | None:
        """What is known of the encoder that a model searches with; None until it is prepared."""
        try:
            return read_prepared(self._onnx(self.source(model_id)))
        except EngineError:
            return None  # opening it tells what is wrong

    def weights(self, model_id: str) -> Path:
        """Folder of a model's weights, in sentence-transformers layout: for an adapter its base's.

        Raises NotFound.
        """
        model_id = self.source(model_id)
        if any(card.id == model_id for card in BUNDLED):
            return weights_folder(model_id)
        return self.folder(model_id) / "weights"

    def folder(self, model_id: str) -> Path:
        """A model's folder in the workspace."""
        return self._workspace / "models" / model_id

    def close(self) -> None:
        """Release every model's files."""
        with self._opening:
            for dense in {id(model.dense): model.dense for model in self._opened.values()}.values():
                dense.close()
            self._opened.clear()

    def _onnx(self, model_id: str) -> Path:
        return self.folder(model_id) / "onnx"

    def _info(
        self,
        model_id: str,
        gate: GateReport | None,
        n_chunks: int,
        *,
        active: bool,
        previous: bool,
    ) -> ModelInfo:
        card = self.card(model_id)
        prepared = self.prepared(model_id)
        folder = self.folder(model_id)
        files = (file for file in folder.rglob("*") if file.is_file()) if folder.exists() else ()
        return ModelInfo(
            id=card.id,
            name=card.name,
            origin=card.origin,
            base=card.base,
            dim=card.dim,
            max_tokens=card.max_tokens,
            fingerprint=prepared.fingerprint if prepared else "",
            variant=prepared.variant if prepared else "",
            created_at=card.created_at,
            size_bytes=sum(file.stat().st_size for file in files),
            active=active,
            encoded=min(self._embeddings.count(prepared.fingerprint), n_chunks) if prepared else 0,
            gate=gate,
            notes=card.notes,
            previous=previous,
            adapter=card.adapter,
            licence=card.licence,
        )


def _finished(folder: Path) -> bool:
    """Whether a model's folder is complete; a tuned one's card tells the gate's verdict then."""
    if has_image_card(folder):
        return True
    try:
        return bool(read_card(folder).notes)
    except EngineError:
        return False
