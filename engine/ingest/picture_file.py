"""A picture file opened, whatever it really is: its content is asked, not its name alone.

For the workers that read and draw: pictures are decoded nowhere else.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from engine.errors import InvalidInput
from engine.ingest.media_types import RAW, SVG

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 100_000_000
"""Larger pictures are not decoded: a few kilobytes can stand for gigabytes of them."""
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "ICO")
"""Pillow's names of what is opened; it knows many more, less well kept, one of which runs a
program."""
_ISO_MEDIA = b"ftyp"
"""At the fifth byte of HEIC and its kin."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """An open picture file."""

    image: Image
    """Not decoded yet, as far as its format allows."""
    size: tuple[int, int] | None = None
    """Width and height, upright, where `image` is only drawn from it."""
    text: str = ""
    """That stands in it as text, not as pixels."""


@contextmanager
def opened_picture(file: BinaryIO, kind: str, longest: int) -> Iterator[PictureFile]:
    """Open a picture to be shown with its longer side at most `longest` pixels.

    Raises InvalidInput where it is damaged or a bomb, also for what fails while it is open.
    """
    from PIL import Image, ImageFile, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # What is there of a torn picture is shown.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = _opened(file, kind, longest)
            with found.image:
                check_size(found.image)
                yield found
        except InvalidInput:
            raise
        except (Image.DecompressionBombError, MemoryError) as error:
            raise too_large() from error
        except UnidentifiedImageError as error:
            raise InvalidInput(
                "Damaged",
                "The picture cannot be drawn: it is broken, or no picture in spite of its name.",
                "Open it and save it again.",
            ) from error
        # Decoders fail in many ways: struct.error, ValueError, KeyError, OSError.
        except Exception as error:
            raise InvalidInput(
                "Damaged", "The picture cannot be drawn.", "Open it and save it again."
            ) from error


def check_size(image: Image) -> None:
    """Raise InvalidInput where a picture has too many pixels to be decoded."""
    if image.width * image.height > MOST_PIXELS:
        raise too_large()


def too_large() -> InvalidInput:
    """The reason of a picture that is not decoded."""
    return InvalidInput(
        "The picture is too large",
        f"It has more than {MOST_PIXELS // 1_000_000} million pixels.",
        "Save it smaller to have it searched.",
    )


def _opened(file: BinaryIO, kind: str, longest: int) -> PictureFile:
    from PIL import Image

    if kind == SVG:
        from engine.ingest.svg import draw_svg

        return draw_svg(file.read(), longest)
    if kind == RAW:
        from engine.ingest.raw_photo import preview_of

        return preview_of(file.read(), longest)
    formats: tuple[str, ...] = _FORMATS
    beginning = file.read(12)
    file.seek(0)
    if beginning[4:8] == _ISO_MEDIA and not beginning.endswith((b"avif", b"avis")):
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats = ("HEIF",)
    return PictureFile(Image.open(file, formats=formats))
