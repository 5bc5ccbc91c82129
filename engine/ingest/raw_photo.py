"""Photos as a camera's sensor gave them: the preview that the camera put in, and its EXIF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.ingest.picture_file import PictureFile

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

_LEAST_PREVIEW = 300
"""Pixels of the longer side: a smaller preview is not what a photo can be seen by."""
_MOST_SENSOR_PIXELS = 60_000_000
"""Of what is developed, at half its size, in a second or two."""
_TURNED = (5, 6)
"""LibRaw's numbers of the orientations that exchange width and height."""
_ORIENTATIONS = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's number -> EXIF's."""
_ORIENTATION, _EXIF, _GPS = 274, 0x8769, 0x8825
_KEPT = (270, 271, 272, 306, 40091, 40092, 40094, 40095)
"""Tags of the photo itself: who made the camera, when, what is said of it; not where pixels lie."""
_TAKEN = (36867, 36881)
_TIFF = {b"II": b"II*\0", b"MM": b"MM\0*"}
_CANON_BOXES = (b"CMT1", b"CMT2", b"CMT4")
"""In a CR3: what the camera says, when and how it was taken, where; a TIFF each."""


def preview_of(data: bytes, longest: int) -> PictureFile:
    """The preview in a raw photo, or the photo developed; raises InvalidInput, rawpy's errors."""
    import rawpy

    with rawpy.RawPy() as raw:
        raw.open_buffer(io.BytesIO(data))
        sizes = raw.sizes
        width, height = sizes.width, sizes.height
        if sizes.flip in _TURNED:
            width, height = height, width
        preview = _thumbnail(raw)
        if preview is not None and max(preview.size) >= min(_LEAST_PREVIEW, longest):
            # Which way up it is held, the preview knows best.
            turned = preview.getexif().get(_ORIENTATION) or _ORIENTATIONS.get(sizes.flip, 1)
        else:
            preview, turned = _developed(raw, width * height), 1  # It comes upright.
    told = _exif(data) or preview.getexif()
    told[_ORIENTATION] = turned
    preview.info["exif"] = told.tobytes()
    preview = preview.copy() if preview.info.get("parsed_exif") else preview
    return PictureFile(preview, (width, height))


def _thumbnail(raw: Any) -> Image | None:
    import rawpy
    from PIL import Image

    try:
        thumbnail = raw.extract_thumb()
    except rawpy.LibRawError:
        return None
    if thumbnail.format == rawpy.ThumbFormat.BITMAP:
        return Image.fromarray(thumbnail.data)
    return Image.open(io.BytesIO(thumbnail.data), formats=("JPEG",))


def _developed(raw: Any, n_pixels: int) -> Image:
    from PIL import Image

    if n_pixels > _MOST_SENSOR_PIXELS:
        raise InvalidInput(
            "No preview",
            "The photo has no preview of its own, and is too large to be developed here.",
            "Develop it in its program and save it as JPEG.",
        )
    raw.unpack()
    return Image.fromarray(raw.postprocess(half_size=True, use_camera_wb=True))


def _exif(data: bytes) -> Exif | None:
    """What the camera wrote; None where it stands in the preview, or is damaged."""
    from PIL import Image

    kept = Image.Exif()
    try:
        if data[:2] in _TIFF:
            # Olympus and Panasonic write a number of their own where TIFF has its own.
            told = _loaded(_TIFF[data[:2]] + data[4:])
            base, taken, place = dict(told), told.get_ifd(_EXIF), told.get_ifd(_GPS)
        else:
            base, taken, place = (dict(_loaded(_canon_box(data, box))) for box in _CANON_BOXES)
        kept.update({tag: base[tag] for tag in _KEPT if tag in base})
        kept.get_ifd(_EXIF).update({tag: taken[tag] for tag in _TAKEN if tag in taken})
        kept.get_ifd(_GPS).update(place)
        kept.tobytes()
    except Exception:  # noqa: BLE001 (whatever a torn EXIF block does to its parser)
        return None
    return kept if base else None


def _loaded(tiff: bytes) -> Exif:
    from PIL import Image

    told = Image.Exif()
    if tiff:
        told.load(tiff)
    return told


def _canon_box(data: bytes, name: bytes) -> bytes:
    at = data.find(name, 0, 1 << 16)
    return data[at + 4 : at - 4 + int.from_bytes(data[at - 4 : at])] if at >= 4 else b""
