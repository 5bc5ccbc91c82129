"""How the pictures of a library look and what they mean, and their thumbnails.

The vectors are in the cache by content hash, for the encoder's fingerprint with `:look` and
`:meaning`; all of them are held in memory and searched exactly.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import IMAGE_CLASSIFIER
from engine.encoders.image_encoder import ImageEncoder
from engine.encoders.image_loading import load_image_encoder
from engine.encoders.image_prepare import prepare_classifier
from engine.encoders.image_prepared import read_prepared_images
from engine.errors import EngineError, InvalidInput, ModelRejected, NotFound
from engine.ingest.extract import Extractor, FileOutcome
from engine.ingest.intake import Looking
from engine.ingest.media_types import is_picture, media_type
from engine.jobs.job import Job
from engine.records import Sight
from engine.retrieval.background_queries import BACKGROUND_QUERIES
from engine.retrieval.exact import ExactVectors
from engine.retrieval.picture_search import by_chance
from engine.serving import Models
from engine.storage import pictures
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings

_AT_ONCE = 32
"""Pictures that are encoded between two looks at whether to go on."""

Vector = NDArray[np.float32]


class Pictures:
    """Owns the image encoder, the vectors of the library's pictures and their thumbnails."""

    def __init__(
        self, workspace: Path, library: Database, embeddings: Embeddings, models: Models
    ) -> None:
        self._model = workspace / "image_models" / IMAGE_CLASSIFIER
        self._thumbnails = workspace / "thumbnails"
        self._library = library
        self._embeddings = embeddings
        self._models = models
        self._changing = threading.RLock()
        self._asking = threading.Lock()
        self._extractor: Extractor | None = None
        self._background: Vector = np.empty((0, 0), np.float32)
        self._held: dict[int, str] = {}
        """Content hash by document id."""
        self.encoder: ImageEncoder | None = None
        """None until it is loaded."""
        self.look = ExactVectors(0)
        self.meaning = ExactVectors(0)
        self.by_chance = 1.0
        """What pictures score for words that none of them answers; see `picture_search`."""
        self.wordless: frozenset[int] = frozenset()
        """Documents of which there are no words, but for a name that a camera gave."""

    def load(self) -> None:
        """Load the encoder, where it was prepared, and the vectors that are cached."""
        if read_prepared_images(self._model) is not None and self._exist():
            self._open(lambda: None)

    def ready(self, job: Job, *, wanted: bool = False) -> Looking:
        """What looking at pictures needs; the encoder is prepared where there are any, or `wanted`.

        Pictures whose vectors or thumbnail are gone are noted to be looked at once more.
        """
        if not wanted and not self._exist():
            return Looking()
        try:
            if read_prepared_images(self._model) is None:
                job.progress("Preparing the model for pictures", 0)
            self._open(job.checkpoint)
        except EngineError as error:
            job.warned(error.title, error.message, error.hint)
        with self._library.read() as connection:
            every = pictures.every_hash(connection)
        drawn = {file.stem for file in self._thumbnails.glob("*/*.jpg")}
        encoded = every if self.encoder is None else self._held
        lacking = [n for n, key in every.items() if n not in encoded or key not in drawn]
        if lacking:
            with self._library.write() as connection:
                pictures.forget_looks(connection, lacking)
        return self.looking(job.checkpoint)

    def looking(self, checkpoint: Callable[[], None]) -> Looking:
        """How pictures are looked at just now."""
        encoder = self.encoder
        return Looking(
            encoder.preprocessing if encoder else None,
            lambda sights: self._keep(sights, checkpoint),
            self._lacks,
        )

    def refresh(self) -> None:
        """Take in what changed in the library, and forget the thumbnails of what left it."""
        encoder = self.encoder
        with self._library.read() as connection:
            every = pictures.every_hash(connection)
            self.wordless = frozenset(pictures.wordless(connection))
        with self._changing:
            gone = self._held.keys() - every.keys()
            if gone:
                self.look.remove_documents(gone)
                self.meaning.remove_documents(gone)
                self._held = {n: key for n, key in self._held.items() if n not in gone}
                self._sweep(set(every.values()))
            if encoder is not None:
                new = {n: key for n, key in every.items() if n not in self._held}
                self._append(encoder, new)
                if new or gone:
                    self.by_chance = by_chance(self.meaning, self._background)

    def encode_query(self, text: str) -> Vector:
        """A query's vector, (d_meaning,) float32; only where there is an encoder."""
        assert self.encoder is not None
        vector: Vector = self.encoder.encode_queries([text])[0]
        return vector

    def look_of(self, document_id: int) -> Vector:
        """How a picture of the library looks, (d_look,) float32; raises NotFound."""
        _, documents, vectors = self.look.arrays()
        rows = np.flatnonzero(documents == document_id)
        if not len(rows):
            raise NotFound(
                "Not looked at yet",
                "This is no picture, or it has not been looked at yet.",
                "Wait until indexing has finished, or choose another.",
            )
        vector: Vector = vectors[rows[0]]
        return vector

    def look_of_file(self, path: Path) -> Vector:
        """How any picture file looks, (d_look,) float32; raises an EngineError."""
        if self.encoder is None:
            raise ModelRejected(
                "Pictures are not searched yet",
                "The model for pictures is being prepared, or the library has no pictures.",
                "Add a folder with pictures and wait until it is indexed.",
            )
        if not is_picture(media_type(path) or ""):
            raise InvalidInput(
                "Not a picture", f"{path.name} is of no type that pictures have.", "Choose another."
            )
        with self._asking:
            self._extractor = self._extractor or Extractor()
            (outcome,) = (
                outcome
                for outcome in self._extractor.extract_many(
                    [path], preprocessing=self.encoder.preprocessing
                )
                if isinstance(outcome, FileOutcome)
            )
        if isinstance(outcome.outcome, EngineError):
            raise outcome.outcome
        assert outcome.sight is not None
        vector: Vector = self.encoder.encode_images(self._pixels([outcome.sight])).look[0]
        return vector

    def thumbnails(self, document_ids: Sequence[int]) -> tuple[bytes, ...]:
        """JPEG files in the same order; empty for what has none."""
        with self._library.read() as connection:
            hashes = pictures.hashes(connection, document_ids)
        return tuple(self._thumbnail(hashes.get(document, "")) for document in document_ids)

    def size(self) -> int:
        """Bytes of the thumbnails on disk."""
        return sum(file.stat().st_size for file in self._thumbnails.glob("*/*.jpg"))

    def close(self) -> None:
        """End the worker that decodes pictures to search with."""
        if self._extractor is not None:
            self._extractor.close()

    def _exist(self) -> bool:
        with self._library.read() as connection:
            return pictures.any_to_look_at(connection)

    def _open(self, checkpoint: Callable[[], None]) -> None:
        with self._changing:
            if self.encoder is None:
                if read_prepared_images(self._model) is None:
                    self._model.parent.mkdir(parents=True, exist_ok=True)
                    prepare_classifier(self._model, checkpoint)
                # Always the same text encoder: another would mean to look at all pictures again.
                text = self._models.bundled_encoder(checkpoint)
                encoder = load_image_encoder(self._model, text, self._models.threads)
                self.look, self.meaning = (
                    ExactVectors(encoder.d_look),
                    ExactVectors(encoder.d_meaning),
                )
                self._background = encoder.encode_queries(BACKGROUND_QUERIES)
                self.encoder = encoder
        self.refresh()

    def _lacks(self, content_hash: str) -> bool:
        """Whether a picture's vectors or thumbnail are missing."""
        if not self._thumbnail_file(content_hash).exists():
            return True
        return self.encoder is not None and not self._cached(self.encoder, [content_hash])

    def _keep(self, sights: Mapping[str, Sight], checkpoint: Callable[[], None]) -> None:
        for content_hash, sight in sights.items():
            self._write_thumbnail(self._thumbnail_file(content_hash), sight.thumbnail)
        encoder = self.encoder
        if encoder is None:
            return
        new = [key for key, sight in sights.items() if sight.pixels]
        cached = self._cached(encoder, new)
        new = [key for key in new if key not in cached]
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            vectors = encoder.encode_images(self._pixels([sights[key] for key in some]))
            keys = [bytes.fromhex(key) for key in some]
            self._embeddings.put(f"{encoder.fingerprint}:look", keys, vectors.look)
            self._embeddings.put(f"{encoder.fingerprint}:meaning", keys, vectors.meaning)
            checkpoint()

    def _cached(self, encoder: ImageEncoder, hashes: Collection[str]) -> set[str]:
        keys = [bytes.fromhex(key) for key in hashes]
        both = [
            self._embeddings.get(f"{encoder.fingerprint}:{part}", keys).keys()
            for part in ("look", "meaning")
        ]
        return {key.hex() for key in both[0] & both[1]}

    def _append(self, encoder: ImageEncoder, new: Mapping[int, str]) -> None:
        keys = [bytes.fromhex(key) for key in new.values()]
        look = self._embeddings.get(f"{encoder.fingerprint}:look", keys)
        meaning = self._embeddings.get(f"{encoder.fingerprint}:meaning", keys)
        present = [
            (document, key)
            for document, key in zip(new, keys, strict=True)
            if key in look and key in meaning
        ]
        if present:
            ids = [document for document, _ in present]
            self.look.append(ids, ids, np.stack([look[key] for _, key in present]))
            self.meaning.append(ids, ids, np.stack([meaning[key] for _, key in present]))
            self._held.update({document: key.hex() for document, key in present})

    def _pixels(self, sights: Sequence[Sight]) -> NDArray[np.uint8]:
        assert self.encoder is not None
        side = self.encoder.size
        flat = np.frombuffer(b"".join(sight.pixels for sight in sights), np.uint8)
        return flat.reshape(len(sights), side, side, 3)

    def _thumbnail_file(self, content_hash: str) -> Path:
        return self._thumbnails / content_hash[:2] / f"{content_hash}.jpg"

    def _thumbnail(self, content_hash: str) -> bytes:
        try:
            return self._thumbnail_file(content_hash).read_bytes()
        except OSError:
            return b""

    def _write_thumbnail(self, file: Path, content: bytes) -> None:
        """Whole or not at all; where the disk is full, the picture goes without."""
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_bytes(content)
            os.replace(part, file)

    def _sweep(self, kept: Collection[str]) -> None:
        for file in self._thumbnails.glob("*/*"):
            if file.stem not in kept:
                with contextlib.suppress(OSError):
                    file.unlink()
