"""A picture made small for the eye and for the encoder, and what its file says of it.

For the extractor worker alone: pictures are decoded nowhere else.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.encoders.image_encoder import Preprocessing, prepared_pixels
from engine.ingest.decoding import clean
from engine.records import Picture, Sight

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL_SIDE = 384
"""Pixels of the longer side."""
_QUALITY = 82
_LONGEST = 1000
"""Characters of a caption."""
_MOST_TAGS = 50

_EXIF, _GPS = 0x8769, 0x8825
_ORIENTATION, _DESCRIPTION, _MAKE, _MODEL, _CHANGED = 274, 270, 271, 272, 306
_TAKEN, _TAKEN_OFFSET = 36867, 36881
_XP_TITLE, _XP_COMMENT, _XP_KEYWORDS, _XP_SUBJECT = 40091, 40092, 40094, 40095
_IPTC_TITLE, _IPTC_TAGS, _IPTC_CAPTION = (2, 5), (2, 25), (2, 120)
_TURNED = (5, 6, 7, 8)
"""Orientations that exchange width and height."""
_WRITTEN_BY_PROGRAMS = frozenset(
    {"olympus digital camera", "samsung csc", "sony dsc", "default", "dcim", "screenshot"}
    | {"created with gimp"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a picture's file says of it."""

    picture: Picture
    caption: str = ""
    tags: tuple[str, ...] = ()


def told_of(image: Image, size: tuple[int, int] | None = None) -> Told:
    """Read what a picture that was just opened says of itself; what is damaged is left out.

    `size` is that of the picture, upright, where `image` is only a preview of it.
    """
    try:
        exif = image.getexif()
        base: Mapping[int, Any] = dict(exif)
        within: Mapping[int, Any] = exif.get_ifd(_EXIF)
        gps: Mapping[int, Any] = exif.get_ifd(_GPS)
    except Exception:  # noqa: BLE001 (whatever a torn EXIF block does to its parser)
        base, within, gps = {}, {}, {}
    width, height = size or image.size
    # Pillow turns a TIFF by itself.
    if size is None and image.format != "TIFF" and base.get(_ORIENTATION) in _TURNED:
        width, height = height, width
    latitude, longitude = _place(gps)
    picture = Picture(
        width,
        height,
        _moment(within.get(_TAKEN) or base.get(_CHANGED), within.get(_TAKEN_OFFSET)),
        _camera(_words(base.get(_MAKE)), _words(base.get(_MODEL))),
        latitude,
        longitude,
    )
    iptc = _iptc(image)
    captions = [
        *(_words(_first(iptc.get(key))) for key in (_IPTC_TITLE, _IPTC_CAPTION)),
        _words(base.get(_DESCRIPTION)),
        *(_wide(base.get(key)) for key in (_XP_TITLE, _XP_SUBJECT, _XP_COMMENT)),
    ]
    kept = dict.fromkeys(c for c in captions if c and c.casefold() not in _WRITTEN_BY_PROGRAMS)
    tags = [_words(tag) for tag in _several(iptc.get(_IPTC_TAGS))]
    tags += [tag.strip() for tag in _wide(base.get(_XP_KEYWORDS)).split(";")]
    return Told(
        picture,
        ". ".join(kept)[:_LONGEST],
        tuple(dict.fromkeys(tag for tag in tags if tag))[:_MOST_TAGS],
    )


def sight_of(upright: Image, preprocessing: Preprocessing | None) -> Sight:
    """Make an upright RGB picture small, also for an encoder of this preprocessing, if any."""
    pixels = prepared_pixels(upright, preprocessing).tobytes() if preprocessing else b""
    small = upright.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Sight(out.getvalue(), pixels)


def _moment(said: object, offset: object) -> float | None:
    """Seconds since the epoch; without an offset the time of this computer's zone is meant."""
    text = _words(said)
    for zone in (_words(offset), ""):
        try:
            form = "%Y:%m:%d %H:%M:%S%z" if zone else "%Y:%m:%d %H:%M:%S"
            return datetime.strptime(text[:19] + zone, form).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    return None


def _camera(make: str, model: str) -> str:
    """Make and model; most models begin with their maker's name."""
    maker = make.casefold().partition(" ")[0]
    return model if model.casefold().startswith(maker) and model else f"{make} {model}".strip()


def _place(gps: Mapping[int, Any]) -> tuple[float | None, float | None]:
    """Latitude and longitude in degrees, both or none."""
    try:
        latitude = _degrees(gps[2]) * (-1 if _words(gps.get(1)).upper() == "S" else 1)
        longitude = _degrees(gps[4]) * (-1 if _words(gps.get(3)).upper() == "W" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    # A receiver without a fix writes zeros, or no number.
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _iptc(image: Image) -> Mapping[tuple[int, int], Any]:
    from PIL import ImageFile, IptcImagePlugin

    try:
        found = isinstance(image, ImageFile.ImageFile) and IptcImagePlugin.getiptcinfo(image)
        return found or {}
    except Exception:  # noqa: BLE001 (as above)
        return {}


def _several(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _first(value: object) -> object:
    return _several(value)[0] if value else None


def _words(value: object) -> str:
    """A field as text; cameras pad with zeros and write whatever encoding they like."""
    text = value if isinstance(value, str) else ""
    if isinstance(value, bytes):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
    return " ".join(clean(text).split())


def _wide(value: object) -> str:
    """A field of Windows', which are UTF-16."""
    if isinstance(value, tuple):
        value = bytes(value)
    return _words(value.decode("utf-16-le", "ignore")) if isinstance(value, bytes) else ""
