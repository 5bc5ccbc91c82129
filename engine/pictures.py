"""How the pictures of a library look and what they mean, and their thumbnails.

What is seen of a picture is kept by content hash: its vectors in the cache of vectors, for each
encoder that ever served, and its thumbnail in a file.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.image_encoder import ImageEncoder, ImageVectors
from engine.errors import EngineError, InvalidInput, ModelRejected
from engine.image_models import ImageModels
from engine.ingest.extract import Extractor, FileOutcome
from engine.ingest.intake import Looking
from engine.ingest.media_types import is_picture, media_type
from engine.jobs.job import Job
from engine.picture_vectors import PictureVectors
from engine.records import Sight
from engine.served_pictures import ServedPictures
from engine.storage import pictures
from engine.storage.database import Database
from engine.storage.embeddings import Embeddings

Vector = NDArray[np.float32]


class Pictures:
    """Owns the vectors of the library's pictures by the active model, and their thumbnails."""

    def __init__(
        self, workspace: Path, library: Database, embeddings: Embeddings, models: ImageModels
    ) -> None:
        self._thumbnails = workspace / "thumbnails"
        self._n_bytes: int | None = None
        """Of all thumbnails; None until it is counted (again)."""
        self._library = library
        self._embeddings = embeddings
        self._models = models
        self._changing = threading.RLock()
        self._asking = threading.Lock()
        self._extractor: Extractor | None = None
        self._known: frozenset[str] = frozenset()
        """Content hashes of the pictures at the last refresh."""
        self.served: ServedPictures | None = None
        """None until the active model is loaded. Take it once: another one may serve next."""
        self.wordless: frozenset[int] = frozenset()
        """Documents of which there are no words, but for a name that a camera gave."""

    def load(self) -> None:
        """Load the active model, where it was prepared, and the vectors that are cached."""
        if not self._exist():
            return
        if self._models.is_prepared(self._models.active_id()):
            self._open(lambda: None)
        else:
            self.refresh()

    def ready(self, job: Job, *, wanted: bool = False) -> Looking:
        """What looking at pictures needs; the model is prepared where there are any, or `wanted`.

        Pictures whose vectors or thumbnail are gone are noted to be looked at once more.
        """
        if not wanted and not self._exist():
            return Looking()
        try:
            if not self._models.is_prepared(self._models.active_id()):
                job.progress("Preparing the model for pictures", 0)
            self._open(job.checkpoint)
        except EngineError as error:
            job.warned(error.title, error.message, error.hint)
        every = self._every()
        drawn = {file.stem for file in self._thumbnails.glob("*/*.jpg")}
        encoded = every if self.served is None else self.served.held
        lacking = [n for n, key in every.items() if n not in encoded or key not in drawn]
        if lacking:
            with self._library.write() as connection:
                pictures.forget_looks(connection, lacking)
        return self.looking(job.checkpoint)

    def looking(self, checkpoint: Callable[[], None]) -> Looking:
        """How pictures are looked at just now."""
        served = self.served
        return Looking(
            served.encoder.preprocessing if served else None,
            lambda sights: self._keep(served, sights, checkpoint),
            lambda key: self._lacks(served, key),
        )

    def mend(self, *, rebuild: bool) -> tuple[int, int]:
        """Have thumbnails and vectors that are missing or damaged made with the next look.

        With `rebuild` all thumbnails are. Returns how many pictures had no sound thumbnail, and how
        many no vectors.
        """
        every = self._every()
        if rebuild:
            self._sweep(())
        undrawn = {n for n, key in every.items() if not _is_whole(self._thumbnail_file(key))}
        for n in undrawn:
            # What is damaged is not overwritten as long as it is there.
            with contextlib.suppress(OSError):
                self._thumbnail_file(every[n]).unlink()
        self._n_bytes = None
        served = self.served
        gone = set(served.vectors.lacking(list(every.values()))) if served else set()
        unencoded = {n for n, key in every.items() if key in gone}
        with self._library.write() as connection:
            pictures.forget_looks(connection, undrawn | unencoded)
        return len(undrawn), len(unencoded)

    def refresh(self) -> None:
        """Take in what changed in the library, and forget the thumbnails of what left it."""
        every = self._every()
        with self._library.read() as connection:
            self.wordless = frozenset(pictures.wordless(connection))
        with self._changing:
            known, self._known = self._known, frozenset(every.values())
            if known - self._known:
                self._sweep(self._known)
            if self.served is not None:
                self.served.refresh(every)

    def words_changed(self, document_ids: Sequence[int]) -> None:
        """Take in that something else is said of these pictures."""
        wordless = set(self.wordless.difference(document_ids))
        with self._library.read() as connection:
            wordless.update(pictures.wordless(connection, document_ids))
        self.wordless = frozenset(wordless)

    def serve(self, encoder: ImageEncoder, model_id: str) -> None:
        """Switch to a model: one row, once its vectors are at hand."""
        served = ServedPictures(encoder, self._embeddings)
        served.refresh(self._every())
        with self._changing:
            self._models.activate(model_id)
            self.served = served
        self.refresh()

    def vectors(self, encoder: ImageEncoder) -> tuple[list[int], ImageVectors]:
        """The cached vectors of all pictures by an encoder, and the documents of their rows."""
        return PictureVectors(self._embeddings, encoder).load(self._every())

    def n_seen(self) -> int:
        """Pictures of which the model that serves knows what they show."""
        return len(self.served.meaning) if self.served else 0

    def require_served(self) -> ServedPictures:
        """What serves just now; raises ModelRejected where nothing does yet."""
        if self.served is None:
            raise ModelRejected(
                "Pictures are not searched yet",
                "The model for pictures is being prepared, or the library has no pictures.",
                "Add a folder with pictures and wait until it is indexed.",
            )
        return self.served

    def look_of_file(self, served: ServedPictures, path: Path) -> Vector:
        """How any picture file looks, (d_look,) float32; raises an EngineError."""
        if not is_picture(media_type(path) or ""):
            raise InvalidInput(
                "Not a picture", f"{path.name} is of no type that pictures have.", "Choose another."
            )
        with self._asking:
            self._extractor = self._extractor or Extractor()
            (outcome,) = (
                outcome
                for outcome in self._extractor.extract_many(
                    [path], preprocessing=served.encoder.preprocessing
                )
                if isinstance(outcome, FileOutcome)
            )
        if isinstance(outcome.outcome, EngineError):
            raise outcome.outcome
        assert outcome.sight is not None
        pixels = served.vectors.pixels([outcome.sight])
        vector: Vector = served.encoder.encode_images(pixels).look[0]
        return vector

    def thumbnails(self, document_ids: Sequence[int]) -> tuple[bytes, ...]:
        """JPEG files in the same order; empty for what has none."""
        with self._library.read() as connection:
            hashes = pictures.hashes(connection, document_ids)
        return tuple(self._thumbnail(hashes.get(document, "")) for document in document_ids)

    def size(self) -> int:
        """Bytes of the thumbnails on disk; counted once, as the library's state is asked often."""
        if self._n_bytes is None:
            self._n_bytes = sum(_size(file) for file in self._thumbnails.glob("*/*.jpg"))
        return self._n_bytes

    def close(self) -> None:
        """End the worker that decodes pictures to search with."""
        if self._extractor is not None:
            self._extractor.close()

    def _exist(self) -> bool:
        with self._library.read() as connection:
            return pictures.any_to_look_at(connection)

    def _every(self) -> dict[int, str]:
        with self._library.read() as connection:
            return pictures.every_hash(connection)

    def _open(self, checkpoint: Callable[[], None]) -> None:
        """Have the active model serve."""
        with self._changing:
            encoder = self._models.open(self._models.active_id(), checkpoint)
            if self.served is None or self.served.encoder is not encoder:
                served = ServedPictures(encoder, self._embeddings)
                served.refresh(self._every())
                self.served = served
        self.refresh()

    def _lacks(self, served: ServedPictures | None, content_hash: str) -> bool:
        """Whether a picture's vectors or thumbnail are missing."""
        if not self._thumbnail_file(content_hash).exists():
            return True
        return served is not None and bool(served.vectors.lacking([content_hash]))

    def _keep(
        self,
        served: ServedPictures | None,
        sights: Mapping[str, Sight],
        checkpoint: Callable[[], None],
    ) -> None:
        for content_hash, sight in sights.items():
            self._write_thumbnail(self._thumbnail_file(content_hash), sight.thumbnail)
        if served is not None:
            served.vectors.encode(sights, checkpoint)

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
            before = _size(file)
            os.replace(part, file)
            if self._n_bytes is not None:
                self._n_bytes += len(content) - before

    def _sweep(self, kept: Collection[str]) -> None:
        self._n_bytes = None
        for file in self._thumbnails.glob("*/*"):
            if file.stem not in kept:
                with contextlib.suppress(OSError):
                    file.unlink()


def _size(file: Path) -> int:
    """Bytes; none of a file that is not there."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _is_whole(thumbnail: Path) -> bool:
    """Whether a JPEG is there from its first mark to its last."""
    try:
        content = thumbnail.read_bytes()
    except OSError:
        return False
    return content.startswith(b"\xff\xd8") and content.endswith(b"\xff\xd9")
