"""A decoded picture as people see it: upright, on white, in the colours of a screen."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_ORIENTATION = 274
_SCREEN = "srgb"
"""In the name of a colour profile that needs no conversion."""


def shown(picture: Image, longest: int) -> Image:
    """An RGB copy of an open picture as it is seen, its longer side at most `longest` pixels.

    Sixteen bits and floating-point numbers are brought to eight; colours are those of sRGB.
    """
    from PIL import Image, ImageOps

    if picture.format in ("JPEG", "MPO"):
        picture.draft("RGB", (longest, longest))  # read smaller, faster
    picture.load()
    small = _no_larger(_smooth(picture), longest)
    turned = picture.getexif().get(_ORIENTATION)
    if isinstance(turned, int) and 2 <= turned <= 8:
        small.getexif()[_ORIENTATION] = turned
        small = ImageOps.exif_transpose(small)
    if small.mode == "RGBA":
        ground = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(ground, small).convert("RGB")
    return _on_screen(small, picture.info.get("icc_profile"))


def _no_larger(image: Image, longest: int) -> Image:
    from PIL import Image

    scale = longest / max(image.size)
    if scale >= 1:
        return image.copy()
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _smooth(picture: Image) -> Image:
    """The picture in a mode that can be made smaller without steps."""
    if picture.mode.startswith("I") or picture.mode == "F":
        return _eight_bits(picture)
    if picture.mode in ("LA", "La", "PA", "RGBa") or picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode == "1":
        return picture.convert("L")
    return picture.convert("RGB") if picture.mode == "P" else picture


def _eight_bits(picture: Image) -> Image:
    """Grey of more bits at 8: sixteen as they are, other numbers from the least to the most."""
    import numpy as np
    from PIL import Image

    values = np.asarray(picture).astype(np.float32)
    if picture.mode.startswith("I;16") or picture.format == "PNG":
        low, high = 0.0, 65535.0
    else:
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    np.nan_to_num(values, copy=False, nan=low, posinf=high, neginf=low)
    values -= low
    values *= 255 / max(high - low, 1e-30)
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))


def _on_screen(image: Image, profile: object) -> Image:
    """Colours of an embedded profile as sRGB; where it is damaged, as they stand."""
    from PIL import ImageCms

    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if _SCREEN not in ImageCms.getProfileDescription(source).casefold():
                screen = ImageCms.createProfile("sRGB")
                turned = ImageCms.profileToProfile(image, source, screen, outputMode="RGB")
                if turned is not None:
                    return turned
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image.convert("RGB")
