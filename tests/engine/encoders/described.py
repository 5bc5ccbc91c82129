"""Pictures with texts that describe them, for tests of what is fitted to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.encoders.descriptions import Descriptions
from engine.encoders.image_encoder import ImageVectors, Preprocessing, unit

D_LOOK, DIM = 24, 16
Vectors = NDArray[np.float32]


def world(
    pictures: int, texts_each: int = 2, noise: float = 0.3, told: float = 0.1
) -> Descriptions:
    """Pictures whose texts follow from their look by a linear map, and which say little of it.

    `told` is how much of what their texts say is in their own meaning.
    """
    random = np.random.default_rng(5)

    def normal(*shape: int) -> Vectors:
        return random.normal(size=shape).astype(np.float32)

    look = unit(normal(pictures, D_LOOK))
    said = unit(look @ normal(D_LOOK, DIM))
    picture_of = np.repeat(np.arange(pictures), texts_each)
    texts = unit(said[picture_of] + noise * normal(len(picture_of), DIM) / DIM**0.5)
    meaning = unit(told * said + normal(pictures, DIM) / DIM**0.5)
    return described(ImageVectors(look, meaning), texts, picture_of)


def two_spaces(pictures: int, noise: float = 0.3) -> Descriptions:
    """Pictures and texts in one space of which the texts' side is turned and moved away."""
    random = np.random.default_rng(6)

    def normal(*shape: int) -> Vectors:
        return random.normal(size=shape).astype(np.float32)

    meant = unit(normal(pictures, DIM))
    turned = np.linalg.qr(np.eye(DIM) + 0.35 * random.normal(size=(DIM, DIM)))[0]
    picture_of = np.repeat(np.arange(pictures), 2)
    spoken = meant[picture_of] @ turned.astype(np.float32) + 0.5
    texts = unit(spoken + noise * normal(len(picture_of), DIM) / DIM**0.5)
    return described(ImageVectors(meant, meant), texts, picture_of)


def described(
    pictures: ImageVectors, texts: Vectors, picture_of: NDArray[np.int64]
) -> Descriptions:
    """Descriptions of equal weight, every text another."""
    m = len(picture_of)
    return Descriptions(pictures, texts, picture_of, np.arange(m), np.ones(m, np.float32))


class Colours:
    """An image encoder whose pictures look and mean as their mean colour says."""

    fingerprint = "colours"
    size, d_look, d_meaning = 4, 3, 3
    preprocessing = Preprocessing(4, "squash", "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))

    def encode_images(self, pixels: NDArray[np.uint8]) -> ImageVectors:
        look = unit(pixels.reshape(len(pixels), -1, 3).mean(axis=1).astype(np.float32))
        return ImageVectors(look, look)

    def encode_queries(self, texts: object) -> Vectors:
        return np.eye(3, dtype=np.float32)
