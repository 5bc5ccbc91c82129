"""The models for pictures of a workspace, one of them at work.

One comes with the program; others are imported, or fitted to the user's own pictures.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from engine.encoders.catalogue import BUNDLED
from engine.encoders.classifier_encoder import classifier_fingerprint
from engine.encoders.fitted import load_fitted
from engine.encoders.image_card import BUILT_IN, ImageCard, read_image_card
from engine.encoders.image_encoder import ImageEncoder
from engine.encoders.image_loading import load_image_encoder
from engine.encoders.image_prepare import prepare_classifier
from engine.encoders.image_prepared import PreparedImages, read_prepared_images
from engine.encoders.prepared import read_prepared
from engine.errors import InvalidInput, ModelRejected
from engine.jobs.job import Job
from engine.picture_vectors import PictureVectors, pixel_encoder
from engine.records import GateReport, ModelInfo
from engine.serving import Models
from engine.storage import model_registry
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings


class ImageModels:
    """The registered models for pictures; those that were used stay open."""

    def __init__(self, library: Database, embeddings: Embeddings, texts: Models) -> None:
        """`texts` hold the text encoder that the built-in model uses, and every model's folder."""
        self._library = library
        self._embeddings = embeddings
        self._texts = texts
        self._opened: dict[str, ImageEncoder] = {}
        self._opening = threading.RLock()

    def active_id(self) -> str:
        """Id of the active model."""
        with self._library.read() as connection:
            return model_registry.active(connection, "image") or BUILT_IN.id

    def folder(self, model_id: str) -> Path:
        """A model's folder in the workspace."""
        return self._texts.folder(model_id)

    def card(self, model_id: str) -> ImageCard:
        """A registered model's card; raises NotFound, and ModelRejected where it is damaged."""
        with self._library.read() as connection:
            model_registry.require(connection, model_id)
        return BUILT_IN if model_id == BUILT_IN.id else read_image_card(self.folder(model_id))

    def is_prepared(self, model_id: str) -> bool:
        """Whether opening it takes no more than loading; raises NotFound, ModelRejected."""
        return read_prepared_images(self.folder(self._root(model_id))) is not None

    def open_for(self, job: Job, model_id: str) -> ImageEncoder:
        """A model, prepared within a job where it has to be; see `open` for errors."""
        if not self.is_prepared(model_id):
            job.progress("Preparing the model for pictures", 0)
        return self.open(model_id, job.checkpoint)

    def open(self, model_id: str, checkpoint: Callable[[], None]) -> ImageEncoder:
        """A registered model, ready to encode; preparing the built-in one takes seconds, once.

        Raises NotFound, ModelRejected, WorkerFailed, StorageFull.
        """
        with self._opening:
            if model_id not in self._opened:
                self._opened[model_id] = self._load(self.card(model_id), checkpoint)
            return self._opened[model_id]

    def register(self, model_id: str, gate: GateReport | None = None, last_event: int = 0) -> None:
        """Register a model whose folder is complete, with its card."""
        with self._library.write() as connection:
            model_registry.register(connection, model_id, gate, last_event, "image")

    def activate(self, model_id: str) -> None:
        """Switch to a model: one row."""
        with self._library.write() as connection:
            if model_registry.active(connection, "image") != model_id:
                model_registry.activate(connection, model_id)

    def fingerprints(self) -> dict[str, str]:
        """Name by fingerprint of the models that were imported."""
        with self._library.read() as connection:
            registered = model_registry.every(connection, "image")
        found = {model_id: read_prepared_images(self.folder(model_id)) for model_id in registered}
        return {one.fingerprint: self._known_card(key).name for key, one in found.items() if one}

    def n_encoded(self, model_id: str, n_pictures: int) -> int:
        """How many pictures of a library of `n_pictures` have a vector of a model."""
        fingerprint = self._pixel_fingerprint(self._root(model_id))
        return min(PictureVectors.count(self._embeddings, fingerprint), n_pictures)

    def infos(self, n_pictures: int) -> tuple[ModelInfo, ...]:
        """The registered models, for a library of `n_pictures`."""
        with self._library.read() as connection:
            gates = model_registry.every(connection, "image")
            before = model_registry.previous(connection, "image")
        active = self.active_id()
        return tuple(
            self._info(
                self._known_card(model_id),
                gate,
                n_pictures,
                active=model_id == active,
                previous=model_id == before,
            )
            for model_id, gate in gates.items()
        )

    def remove(self, model_id: str) -> None:
        """Delete a model with its vectors; raises InvalidInput where it is needed."""
        self._texts.check_removable(model_id, self.active_id(), BUILT_IN.id)
        with self._library.read() as connection:
            others = model_registry.every(connection, "image").keys() - {model_id}
        if above := [name for name in sorted(others) if self._known_card(name).base == model_id]:
            raise InvalidInput(
                "This model is needed",
                f"{self._known_card(above[0]).name} was fitted on top of it and cannot do without.",
                f"Remove {above[0]} first.",
            )
        card = self._known_card(model_id)
        with self._opening:
            encoder = self._opened.pop(model_id, None)
        fingerprint = "" if card.base else self._pixel_fingerprint(model_id, encoder)
        with self._library.write() as connection:
            model_registry.remove(connection, model_id)
        shutil.rmtree(self.folder(model_id), ignore_errors=True)
        if fingerprint:
            PictureVectors.forget(self._embeddings, fingerprint)

    def _known_card(self, model_id: str) -> ImageCard:
        """A registered model's card; one that is damaged says so, and can be removed still."""
        try:
            return self.card(model_id)
        except ModelRejected as error:
            return ImageCard(model_id, model_id, "imported", None, 0.0, notes=error.message)

    def _load(self, card: ImageCard, checkpoint: Callable[[], None]) -> ImageEncoder:
        folder = self.folder(card.id)
        if card.base is not None:
            return load_fitted(self.open(card.base, checkpoint), folder)
        if card.origin == "bundled" and read_prepared_images(folder) is None:
            prepare_classifier(folder, checkpoint)
        # Always the same text encoder: another would mean to look at all pictures again.
        text = self._texts.bundled_encoder(checkpoint)
        return load_image_encoder(folder, text, self._texts.threads)

    def _root(self, model_id: str) -> str:
        """The model that looks at the pixels, at the bottom of what was fitted on it."""
        while base := self._known_card(model_id).base:
            model_id = base
        return model_id

    def _pixel_fingerprint(self, root: str, opened: ImageEncoder | None = None) -> str:
        """Of the vectors in the cache; empty until the model has been prepared."""
        if encoder := opened or self._opened.get(root):
            return pixel_encoder(encoder).fingerprint
        prepared = read_prepared_images(self.folder(root))
        if prepared is None or prepared.kind == "clip":
            return prepared.fingerprint if prepared else ""
        text = read_prepared(self.folder(BUNDLED[0].id) / "onnx")
        return classifier_fingerprint(self.folder(root), text.fingerprint) if text else ""

    def _info(
        self,
        card: ImageCard,
        gate: GateReport | None,
        n_pictures: int,
        *,
        active: bool,
        previous: bool,
    ) -> ModelInfo:
        root = self._root(card.id)
        prepared: PreparedImages | None = read_prepared_images(self.folder(root))
        opened = self._opened.get(card.id)
        of_root = "" if card.base else self._pixel_fingerprint(root)
        folder = self.folder(card.id)
        files = (file for file in folder.rglob("*") if file.is_file()) if folder.exists() else ()
        return ModelInfo(
            id=card.id,
            name=card.name,
            origin=card.origin,
            base=card.base,
            dim=(prepared and prepared.d_meaning) or BUNDLED[0].dim,
            max_tokens=prepared.text.context_length if prepared and prepared.text else 0,
            fingerprint=opened.fingerprint if opened else of_root,
            variant="fp32" if prepared else "",
            created_at=card.created_at,
            size_bytes=sum(file.stat().st_size for file in files),
            active=active,
            encoded=self.n_encoded(card.id, n_pictures),
            gate=gate,
            notes=card.notes,
            previous=previous,
            kind="image",
            licence=card.licence,
        )
