"""What every image encoder does, and how a picture becomes the pixels that one takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

Fit = Literal["shortest", "longest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an encoder wants its pictures; other pixels make other vectors."""

    size: int
    """Pixels a side of the square that the encoder sees."""
    fit: Fit
    """The shortest side is made to fit and the middle cut out, or the longest and the rest filled,
    or both, whatever that does to the proportions."""
    interpolation: Interpolation
    mean: tuple[float, float, float]
    """Of red, green and blue from 0 to 1; the graph itself takes it off."""
    std: tuple[float, float, float]
    fill: int = 0
    """Grey level, 0 to 255, of what a picture leaves free."""


@dataclass(frozen=True, slots=True)
class ImageVectors:
    """Vectors of n pictures."""

    look: NDArray[np.float32]
    """(n, d_look), L2-normalised: compared with other pictures'."""
    meaning: NDArray[np.float32]
    """(n, d_meaning), L2-normalised: compared with queries'."""


class ImageEncoder(Protocol):
    """A loaded image encoder; every method may be called from any thread."""

    @property
    def fingerprint(self) -> str:
        """Of weights, preprocessing and text side, hex: which vectors may be compared."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What `prepared_pixels` needs."""

    @property
    def size(self) -> int:
        """Pixels a side."""

    @property
    def d_look(self) -> int:
        """Dimensions of `look`."""

    @property
    def d_meaning(self) -> int:
        """Dimensions of `meaning` and of queries."""

    def encode_images(self, pixels: NDArray[np.uint8]) -> ImageVectors:
        """Vectors of pictures given as `prepared_pixels`, (n, size, size, 3) uint8."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, (n, d_meaning) float32, L2-normalised."""


def prepared_pixels(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """The square of a picture that an encoder sees, (size, size, 3) uint8, red, green, blue.

    The picture is already turned as its EXIF says. The same pixels as open_clip's own transforms.
    """
    size = preprocessing.size
    if image.mode != "RGB":
        image = image.convert("RGB")
    image = _resized(image, preprocessing)
    left, top = round((image.width - size) / 2), round((image.height - size) / 2)
    if image.width < size or image.height < size:
        from PIL import Image as Pillow

        ground = Pillow.new("RGB", (size, size), (preprocessing.fill,) * 3)
        ground.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
        image = ground
    elif image.size != (size, size):
        image = image.crop((left, top, left + size, top + size))
    return np.asarray(image, dtype=np.uint8)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """The same directions at length 1, (n, dim) float32; a zero vector stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def _resized(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    from PIL import Image as Pillow

    size, (width, height) = preprocessing.size, image.size
    if preprocessing.fit == "squash":
        shape = (size, size)
    elif preprocessing.fit == "longest":
        ratio = max(width, height) / size
        shape = (max(1, round(width / ratio)), max(1, round(height / ratio)))
    else:
        # A sliver would become a band of hundreds of megabytes: only its middle can be seen.
        image = _without_ends(image)
        width, height = image.size
        shortest = min(width, height)
        shape = (int(size * width / shortest), int(size * height / shortest))
    bilinear = preprocessing.interpolation == "bilinear"
    how = Pillow.Resampling.BILINEAR if bilinear else Pillow.Resampling.BICUBIC
    return image if image.size == shape else image.resize(shape, how)


def _without_ends(image: Image.Image, longest: int = 16) -> Image.Image:
    """The middle of a picture that is more than `longest` times as long as wide, or the picture."""
    width, height = image.size
    keep = longest * min(width, height)
    if max(width, height) <= keep:
        return image
    left, top = max(0, (width - keep) // 2), max(0, (height - keep) // 2)
    return image.crop((left, top, left + min(width, keep), top + min(height, keep)))
