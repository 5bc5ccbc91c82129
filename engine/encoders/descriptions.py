"""Texts that describe pictures, as vectors: what an image encoder is fitted to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.encoders.image_encoder import ImageVectors
from engine.errors import InvalidInput, NotEnoughData

MIN_PICTURES = 40
"""With fewer described pictures nothing is fitted."""

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Descriptions:
    """m descriptions of some of n pictures: each is a text and the picture that it describes."""

    pictures: ImageVectors
    """Of all n; those that no text describes are what the others are told apart from."""
    texts: Vectors
    """(m, d_meaning) float32: `encode_queries` of the texts."""
    picture_of: Rows
    """(m,) rows of the pictures."""
    text_of: Rows
    """(m,) a number for each text; one that describes several pictures stands there as often."""
    weights: Vectors
    """(m,) float32, above 0: how much each description counts."""

    def among(self, chosen: NDArray[np.bool_]) -> Descriptions:
        """Some of the descriptions, of the same pictures; `chosen` is (m,)."""
        return replace(
            self,
            texts=self.texts[chosen],
            picture_of=self.picture_of[chosen],
            text_of=self.text_of[chosen],
            weights=self.weights[chosen],
        )

    @property
    def n_described(self) -> int:
        """How many pictures have a text."""
        return len(np.unique(self.picture_of))


def check(descriptions: Descriptions) -> None:
    """Raise InvalidInput where parts do not fit together, NotEnoughData where there are too few."""
    picture_of, n_texts = descriptions.picture_of, len(descriptions.texts)
    if descriptions.texts.shape != (len(picture_of), descriptions.pictures.meaning.shape[1]) or (
        len(descriptions.text_of) != n_texts or len(descriptions.weights) != n_texts
    ):
        raise InvalidInput(
            "Texts do not fit", "The texts' vectors are not in the space of the pictures'."
        )
    n_pictures = len(descriptions.pictures.look)
    if n_texts and not 0 <= picture_of.min() <= picture_of.max() < n_pictures:
        raise InvalidInput("Texts do not fit", "A text belongs to a picture that is not there.")
    if lack := missing(descriptions.n_described):
        raise NotEnoughData(
            "Too few described pictures",
            lack,
            "Give pictures captions, or judge more pictures for searches.",
        )


def missing(n_described: int) -> str:
    """What is missing for fitting, in words; empty where there is enough."""
    if n_described >= MIN_PICTURES:
        return ""
    have = "1 picture has" if n_described == 1 else f"{n_described} pictures have"
    return f"{have} a text that says what is in it; {MIN_PICTURES} are needed to learn from."
