"""Pictures for tests, as files of many kinds."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def scene(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A picture of coloured shapes that is unlike that of another seed."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(random.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y, wide, high = (random.random(4) * (size * 2)).tolist()
        paint = draw.ellipse if random.random() < 0.5 else draw.rectangle
        fill = tuple(random.integers(0, 256, 3).tolist())
        paint((x, y, x + wide / 3, y + high / 3), fill=fill)
    return image.filter(ImageFilter.GaussianBlur(1))


def encoded(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    """A picture as the bytes of a file."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def exif() -> Image.Exif:
    """What a camera writes: lying on its side, with a date, a place and a caption."""
    told = Image.Exif()
    told[274], told[270] = 6, "The harbour at dawn"
    told[271], told[272] = "Canon Inc.", "Canon EOS 80D"
    told[40094] = "boats;sea".encode("utf-16-le") + b"\0\0"
    told.get_ifd(0x8769).update({36867: "2021:06:05 04:03:02", 36881: "+00:00"})
    told.get_ifd(0x8825).update({1: "N", 2: (38.0, 43.0, 12.0), 3: "W", 4: (9.0, 8.0, 24.0)})
    return told


def mean_colour(data: bytes) -> tuple[int, int, int]:
    """Of a picture file: enough to tell whose thumbnail it is."""
    with Image.open(io.BytesIO(data)) as image:
        red, green, blue = np.asarray(image.convert("RGB")).mean(axis=(0, 1)).round().tolist()
        return int(red), int(green), int(blue)
