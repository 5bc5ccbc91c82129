"""Odd and hostile pictures: each is seen as people see it, or refused with a reason."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import PurePath

import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.errors import InvalidInput
from engine.ingest.media_types import media_type
from engine.ingest.reading import Content, Effort, read_content
from tests.photographs import dng, encoded, scene

RED, GREY, WHITE = (255, 0, 0), (128, 128, 128), (255, 255, 255)
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
_WALL = '<rect width="60" height="40" fill="red"/>'
_DEVICE = '<image xlink:href="/dev/zero" width="9" height="9"/>'


def seen(name: str, data: bytes) -> Content:
    kind = media_type(name)
    assert kind is not None
    return read_content(PurePath(name), kind, data, Effort())


def thumbnail(content: Content) -> Image.Image:
    assert content.sight is not None
    return Image.open(io.BytesIO(content.sight.thumbnail))


def colour(content: Content) -> tuple[int, ...]:
    """Of the middle of the thumbnail."""
    small = thumbnail(content).convert("RGB")
    found = small.getpixel((small.width // 2, small.height // 2))
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


def plain(
    mode: str, fill: object, form: str, size: tuple[int, int] = (60, 40), **how: object
) -> bytes:
    return encoded(Image.new(mode, size, fill), form, **how)  # type: ignore[arg-type]


def array(values: np.ndarray, form: str = "TIFF") -> bytes:
    return encoded(Image.fromarray(values), form)


def slope() -> np.ndarray:
    return np.linspace(-3, 3, 2400, dtype=np.float32).reshape(40, 60)


def svg(body: str, size: str = 'width="60" height="40"') -> bytes:
    return f"{_SVG}{size}>{body}</svg>".encode()


def palette_with_a_hole() -> bytes:
    image = Image.new("P", (60, 40), 0)
    image.putpalette([255, 0, 0] + [0, 0, 0] * 255)
    return encoded(image, "PNG", transparency=0)


def moving() -> bytes:
    frames = [
        Image.new("RGB", (60, 40), RED),
        *(Image.new("RGB", (60, 40), n) for n in ("blue", "green")),
    ]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


def of_several_pages() -> bytes:
    frames = [Image.new("RGB", (60, 40), RED), Image.new("RGB", (30, 90), "blue")]
    return encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])


def of_another_screen() -> bytes:
    """Red, of a screen whose red shines green: the places of both in the profile are exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1)
    profile = profile.replace(b"????", b"gXYZ", 1).replace(b"\0s\0R\0G\0B", b"\0x\0R\0G\0B")
    return plain("RGB", RED, "PNG", icc_profile=profile)


def torn_exif() -> bytes:
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\xff\xff\xff\xff" * 30
    return plain("RGB", RED, "JPEG", exif=exif)


def turned(orientation: object, form: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    return plain("RGB", RED, form, exif=exif)


_SEEN: dict[str, tuple[str, Callable[[], bytes], tuple[int, int, int]]] = {
    "one bit": ("a.png", lambda: plain("1", 1, "PNG"), WHITE),
    "palette": ("a.gif", lambda: plain("P", 0, "GIF"), (0, 0, 0)),
    "palette with transparency": ("a.png", palette_with_a_hole, WHITE),
    "grey with transparency": ("a.png", lambda: plain("LA", (0, 0), "PNG"), WHITE),
    "half transparent": ("a.png", lambda: plain("RGBA", (255, 0, 0, 128), "PNG"), (255, 127, 127)),
    "transparent webp": ("a.webp", lambda: plain("RGBA", (0, 0, 0, 0), "WEBP"), WHITE),
    "sixteen bits": ("a.png", lambda: array(np.full((40, 60), 32896, np.uint16), "PNG"), GREY),
    "sixteen bits tiff": ("a.tif", lambda: array(np.full((40, 60), 32896, np.uint16)), GREY),
    "float": ("a.tif", lambda: array(slope()), GREY),
    "float of nothing": ("a.tif", lambda: array(np.full((40, 60), np.nan, np.float32)), (0, 0, 0)),
    "cmyk jpeg": ("a.jpg", lambda: plain("CMYK", (0, 255, 255, 0), "JPEG"), RED),
    "cmyk tiff": ("a.tif", lambda: plain("CMYK", (0, 255, 255, 0), "TIFF"), RED),
    "moving gif": ("a.gif", moving, RED),
    "several pages": ("a.tiff", of_several_pages, RED),
    "icon": ("a.ico", lambda: plain("RGBA", (255, 0, 0, 255), "ICO"), RED),
    "avif": ("a.avif", lambda: plain("RGB", RED, "AVIF"), RED),
    "png called jpg": ("a.jpg", lambda: plain("RGB", RED, "PNG"), RED),
    "jpg called heic": ("a.heic", lambda: plain("RGB", RED, "JPEG"), RED),
    "torn exif": ("a.jpg", torn_exif, RED),
    "orientation that is none": ("a.jpg", lambda: turned(99), RED),
    "sliver": ("a.png", lambda: plain("RGB", RED, "PNG", (20000, 1)), RED),
    "one pixel": ("a.png", lambda: plain("RGB", RED, "PNG", (1, 1)), RED),
    "damaged profile": ("a.png", lambda: plain("RGB", RED, "PNG", icc_profile=b"x" * 200), RED),
    "drawing": ("a.svg", lambda: svg(_WALL), RED),
    "drawing on nothing": ("a.svg", lambda: svg('<rect width="1" height="1"/>'), WHITE),
    "drawing packed": ("a.svgz", lambda: gzip.compress(svg(_WALL)), RED),
    "endless drawing": ("a.svg", lambda: svg('<g id="a"><use xlink:href="#a"/></g>'), WHITE),
    "huge drawing": ("a.svg", lambda: svg("", 'width="1e9" height="1e9"'), WHITE),
    "drawing of a device": ("a.svg", lambda: svg(_DEVICE), WHITE),
}  # fmt: skip


@pytest.mark.parametrize("case", _SEEN)
def test_that_an_odd_picture_is_seen_as_people_see_it(case: str) -> None:
    name, make, expected = _SEEN[case]
    assert colour(seen(name, make())) == pytest.approx(expected, abs=8)


def bomb_png() -> bytes:
    """A grey picture of 30,000 pixels a side in a few kilobytes."""

    def part(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(bytes(10**6)))


def bomb_tiff() -> bytes:
    small = bytearray(plain("L", 0, "TIFF", (99, 99)))
    return bytes(small.replace(struct.pack("<I", 99), struct.pack("<I", 60000)))


def deep_svg() -> bytes:
    return svg("<g>" * 5000 + "</g>" * 5000)


def laughing_svg() -> bytes:
    entities = '<!ENTITY a0 "lol">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return f"<!DOCTYPE svg [{entities}]>".encode() + svg("<text>&a9;</text>")


def multiplying_svg() -> bytes:
    uses = "".join(
        f'<g id="a{n}">{f"<use xlink:href={chr(34)}#a{n + 1}{chr(34)}/>" * 10}</g>'
        for n in range(8)
    )
    return svg(uses + '<rect id="a8" width="1" height="1"/>')


_REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "bomb": ("a.png", bomb_png, "too large"),
    "bomb tiff": ("a.tif", bomb_tiff, "too large"),
    "empty": ("a.png", bytes, "Damaged"),
    "text": ("a.jpg", lambda: b"Dear all, the meeting is at nine.", "Damaged"),
    "program": ("a.jpg", lambda: b"MZ" + bytes(range(256)) * 10, "Damaged"),
    "page description": ("a.jpg", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "Damaged"),
    "head alone": ("a.png", lambda: plain("RGB", RED, "PNG")[:20], "Damaged"),
    "drawing of nothing": ("a.svg", lambda: b"<html/>", "Damaged"),
    "deep drawing": ("a.svg", deep_svg, "Damaged"),
    "laughing drawing": ("a.svg", laughing_svg, "Damaged"),
    "multiplying drawing": ("a.svg", multiplying_svg, "Damaged"),
    "packed drawing of zeros": ("a.svgz", lambda: gzip.compress(bytes(80 << 20), 1), "Too large"),
    "raw of nothing": ("a.nef", lambda: b"II*\0" + bytes(300), "Damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", _REFUSED)
def test_that_what_cannot_be_seen_is_refused_with_a_reason(case: str) -> None:
    name, make, reason = _REFUSED[case]
    with pytest.raises(InvalidInput) as refused:
        seen(name, make())
    assert reason in refused.value.title


def test_that_what_is_there_of_a_torn_picture_is_seen() -> None:
    data = encoded(scene(1))
    assert thumbnail(seen("a.jpg", data[: len(data) * 2 // 3])).size == (320, 240)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_that_a_picture_stands_upright_whatever_its_format(form: str) -> None:
    found = seen(f"a.{form.lower()}", turned(6, form))
    picture = found.extracted.picture
    assert picture is not None and (picture.width, picture.height) == (40, 60)
    assert thumbnail(found).size == (40, 60)


def test_that_colours_of_another_profile_are_brought_to_the_screen() -> None:
    red, green, _ = colour(seen("a.png", of_another_screen()))
    assert green > 200 > red


def test_that_words_of_a_drawing_are_its_text_and_its_size_its_own() -> None:
    found = seen(
        "plan.svg", svg("<title>Ground floor</title><text>Kitchen <tspan>north</tspan></text>")
    )
    assert found.extracted.text == "Ground floor\nKitchen north"
    assert not found.unread_pictures
    picture = found.extracted.picture
    assert picture is not None and (picture.width, picture.height) == (60, 40)


@pytest.mark.parametrize("preview", [True, False])
def test_that_a_raw_photo_is_seen_by_its_preview_or_developed(preview: bool) -> None:
    found = seen("IMG_1.dng", dng(Image.new("RGB", (600, 400), RED) if preview else None))
    picture = found.extracted.picture
    assert picture is not None
    assert picture.camera == "Canon EOS 80D"
    assert picture.taken_at is not None
    assert (picture.width, picture.height) == (64, 48)
    assert thumbnail(found).size == (384, 256) if preview else thumbnail(found).width <= 64
