"""Drawings of SVG: drawn small, nothing loaded from outside of the file; and the words in them."""

from __future__ import annotations

import gzip
import io
import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser, tostring

from engine.errors import InvalidInput
from engine.ingest.decoding import clean
from engine.ingest.picture_file import PictureFile

_MOST_BYTES = 64 << 20
"""Of the drawing, unpacked."""
_DEEPEST = 200
"""Elements within elements: the drawing library's stack is no deeper than that safely."""
_GZIP = b"\x1f\x8b"
_LENGTH = re.compile(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*(px|pt|pc|mm|cm|in)?\s*", re.I)
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_WORDS = ("title", "desc", "text")
_LARGEST_SIDE = 1_000_000


def draw_svg(data: bytes, longest: int) -> PictureFile:
    """Draw a drawing, its longer side `longest` pixels; raises InvalidInput, ValueError."""
    import resvg_py
    from PIL import Image

    root = _parsed(_unpacked(data))
    _check_depth(root)
    has_letters = _without_links(root)
    drawn = resvg_py.svg_to_bytes(
        svg_string=tostring(root, encoding="unicode"),
        width=longest,
        height=longest,
        # To read all of a system's fonts takes longer than to draw.
        skip_system_fonts=not has_letters,
    )
    image = Image.open(io.BytesIO(drawn), formats=("PNG",))
    return PictureFile(image, _size(root) or image.size, _words(root))


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        return packed.read(_MOST_BYTES + 1)


def _parsed(data: bytes) -> Element:
    """The drawing's elements; the parser itself refuses entities that stand for too much."""
    if len(data) > _MOST_BYTES:
        raise InvalidInput("Too large", f"It unpacks to more than {_MOST_BYTES >> 20} MB.")
    parser = XMLParser()  # noqa: S314 (it opens nothing, and stops at entities that explode)
    try:
        parser.feed(data)
        root = parser.close()
    except ParseError as error:
        raise ValueError("no XML") from error
    if _name(root) != "svg":
        raise ValueError("no drawing")
    return root


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(_DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    raise ValueError("too deep")


def _without_links(root: Element) -> bool:
    """Take out links that lead out of the file; returns whether there is text to be drawn."""
    counted: Counter[str] = Counter()
    for element in root.iter():
        counted[_name(element)] += 1
        for key in [key for key in element.attrib if key.endswith("href")]:
            if not element.attrib[key].lstrip().startswith(("#", "data:")):
                del element.attrib[key]
    return counted["text"] > 0


def _size(root: Element) -> tuple[int, int] | None:
    """Width and height in pixels by the drawing's own account."""
    sides = [_pixels(root.get(name, "")) for name in ("width", "height")]
    box = [_pixels(number) for number in re.split(r"[\s,]+", root.get("viewBox", "").strip())[2:4]]
    if not all(sides) and len(box) == 2 and all(box):
        scale = next((side / of for side, of in zip(sides, box, strict=True) if side), 1.0)
        sides = [side * scale for side in box]
    if not all(0 < side <= _LARGEST_SIDE for side in sides):
        return None
    return max(1, round(sides[0])), max(1, round(sides[1]))


def _pixels(length: str) -> float:
    """A length in pixels; 0 where it is none, or a share of the window."""
    found = _LENGTH.fullmatch(length)
    try:
        return float(found[1]) * _PIXELS[(found[2] or "px").lower()] if found else 0.0
    except ValueError:
        return 0.0


def _words(root: Element) -> str:
    """Title, descriptions and texts, each once, in their order."""
    said = (
        " ".join(clean("".join(element.itertext())).split())
        for element in root.iter()
        if _name(element) in _WORDS
    )
    return "\n".join(dict.fromkeys(filter(None, said)))


def _name(element: Element[Any]) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
