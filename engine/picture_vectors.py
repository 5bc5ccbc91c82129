"""The vectors of pictures in the cache, by content hash: how they look, and what they mean.

Those of an encoder that was fitted on another follow from the other's, which are cached alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.encoders.fitted import FittedEncoder
from engine.encoders.image_encoder import ImageEncoder, ImageVectors
from engine.records import Sight
from engine.storage.embeddings import Embeddings

_AT_ONCE = 32
"""Pictures that are encoded between two looks at whether to go on."""
_LOOK, _MEANING = "look", "meaning"


class PictureVectors:
    """The cache as one encoder uses it; any thread may."""

    def __init__(self, embeddings: Embeddings, encoder: ImageEncoder) -> None:
        self.encoder = encoder
        self._embeddings = embeddings
        self._pixels = pixel_encoder(encoder)

    @staticmethod
    def count(embeddings: Embeddings, fingerprint: str) -> int:
        """Pictures that have vectors of the pixel encoder of this fingerprint."""
        return embeddings.count(_key(fingerprint, _MEANING)) if fingerprint else 0

    @staticmethod
    def forget(embeddings: Embeddings, fingerprint: str) -> None:
        """Drop the vectors of a pixel encoder."""
        for part in (_LOOK, _MEANING):
            embeddings.forget(_key(fingerprint, part))

    def lacking(self, hashes: Collection[str]) -> set[str]:
        """Those of the pictures that have no vectors yet."""
        keys = [bytes.fromhex(key) for key in hashes]
        look, meaning = (self._cached(part, keys).keys() for part in (_LOOK, _MEANING))
        return set(hashes) - {key.hex() for key in look & meaning}

    def encode(self, sights: Mapping[str, Sight], checkpoint: Callable[[], None]) -> None:
        """Encode what is lacking of sights by content hash; those without pixels are left."""
        new = [key for key, sight in sights.items() if sight.pixels]
        lacking = self.lacking(new)
        new = [key for key in new if key in lacking]
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            vectors = self._pixels.encode_images(self.pixels([sights[key] for key in some]))
            keys = [bytes.fromhex(key) for key in some]
            for part, matrix in ((_LOOK, vectors.look), (_MEANING, vectors.meaning)):
                self._embeddings.put(_key(self._pixels.fingerprint, part), keys, matrix)
            checkpoint()

    def load(self, hashes: Mapping[int, str]) -> tuple[list[int], ImageVectors]:
        """The vectors of documents by their content hash, and whose rows they are.

        What has none yet is left out.
        """
        keys = {document: bytes.fromhex(key) for document, key in hashes.items()}
        look, meaning = (self._cached(part, list(keys.values())) for part in (_LOOK, _MEANING))
        ids = [document for document, key in keys.items() if key in look and key in meaning]
        vectors = ImageVectors(
            _rows([look[keys[n]] for n in ids], self._pixels.d_look),
            _rows([meaning[keys[n]] for n in ids], self._pixels.d_meaning),
        )
        return ids, _as_fitted(self.encoder, vectors) if ids else vectors

    def pixels(self, sights: Sequence[Sight]) -> NDArray[np.uint8]:
        """What the encoder takes, (n, size, size, 3) uint8."""
        side = self._pixels.size
        flat = np.frombuffer(b"".join(sight.pixels for sight in sights), np.uint8)
        return flat.reshape(len(sights), side, side, 3)

    def _cached(self, part: str, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        return self._embeddings.get(_key(self._pixels.fingerprint, part), keys)


def pixel_encoder(encoder: ImageEncoder) -> ImageEncoder:
    """The encoder that looks at the pixels, at the bottom of what was fitted on it."""
    while isinstance(encoder, FittedEncoder):
        encoder = encoder.base
    return encoder


def _as_fitted(encoder: ImageEncoder, pictures: ImageVectors) -> ImageVectors:
    """An encoder's vectors of pictures, from those of its `pixel_encoder`."""
    if not isinstance(encoder, FittedEncoder):
        return pictures
    below = _as_fitted(encoder.base, pictures)
    return ImageVectors(below.look, encoder.meaning_of(below))


def _key(fingerprint: str, part: str) -> str:
    return f"{fingerprint}:{part}"


def _rows(vectors: Sequence[NDArray[np.float32]], dim: int) -> NDArray[np.float32]:
    return np.stack(vectors) if vectors else np.empty((0, dim), np.float32)
