"""Pictures for tests, as files of many kinds."""

from __future__ import annotations

import io
import struct

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


def dng(preview: Image.Image | None = None, size: tuple[int, int] = (64, 48)) -> bytes:
    """A raw photo of a grey wall, with or without a preview in it."""
    width, height = size
    out = bytearray(b"II*\0\0\0\0\0")

    def kept(content: bytes) -> int:
        at = len(out)
        out.extend(content + b"\0" * (len(content) % 2))
        return at

    sensor = np.full((height, width), 20000, "<u2").tobytes()
    raw = {
        254: _long(0), 256: _long(width), 257: _long(height), 258: _short(16), 259: _short(1),
        262: _short(32803), 273: _long(kept(sensor)), 277: _short(1), 278: _long(height),
        279: _long(len(sensor)), 33421: _short(2, 2), 33422: (1, b"\0\1\1\2"),
        50717: _long(65535),
    }  # fmt: skip
    matrix = struct.pack("<18i", *(part for n in range(9) for part in (int(n % 4 == 0), 1)))
    taken = kept(_directory({36867: _words("2021:06:05 04:03:02")}, len(out)))
    camera = {
        271: _words("Canon"), 272: _words("Canon EOS 80D"), 274: _short(1), 34665: _long(taken),
        50706: (1, b"\1\4\0\0"), 50708: _words("Canon EOS 80D"), 50721: (10, matrix),
        50728: (5, struct.pack("<6I", 1, 1, 1, 1, 1, 1)), 50778: _short(21),
    }  # fmt: skip
    if preview is None:
        first = raw | camera
    else:
        small = encoded(preview)
        first = camera | {
            254: _long(1), 256: _long(preview.width), 257: _long(preview.height),
            258: _short(8, 8, 8), 259: _short(7), 262: _short(6), 273: _long(kept(small)),
            277: _short(3), 278: _long(preview.height), 279: _long(len(small)),
            330: _long(kept(_directory(raw, len(out)))),
        }  # fmt: skip
    out[4:8] = struct.pack("<I", kept(_directory(first, len(out))))
    return bytes(out)


def _short(*numbers: int) -> tuple[int, bytes]:
    return 3, struct.pack(f"<{len(numbers)}H", *numbers)


def _long(number: int) -> tuple[int, bytes]:
    return 4, struct.pack("<I", number)


def _words(text: str) -> tuple[int, bytes]:
    return 2, text.encode() + b"\0"


def _directory(entries: dict[int, tuple[int, bytes]], at: int) -> bytes:
    """A directory of a TIFF that stands at a place in it: by tag, type and content."""
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 8}
    head, behind = struct.pack("<H", len(entries)), b""
    start = at + 2 + 12 * len(entries) + 4
    for tag, (kind, content) in sorted(entries.items()):
        place = content.ljust(4, b"\0")
        if len(content) > 4:
            place = struct.pack("<I", start + len(behind))
            behind += content + b"\0" * (len(content) % 2)
        head += struct.pack("<HHI", tag, kind, len(content) // sizes[kind]) + place
    return head + bytes(4) + behind
