"""Presentations of OpenDocument, which kreuzberg does not read: the text of each slide."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from xml.etree.ElementTree import Element, XMLPullParser

_SPACE = "urn:oasis:names:tc:opendocument:xmlns"
_PAGE = f"{{{_SPACE}:drawing:1.0}}page"
_LINES = {f"{{{_SPACE}:text:1.0}}p", f"{{{_SPACE}:text:1.0}}h"}
_BLANKS = f"{{{_SPACE}:text:1.0}}s"
_N_BLANKS = f"{{{_SPACE}:text:1.0}}c"
_SHOWN = {f"{{{_SPACE}:text:1.0}}tab": "\t", f"{{{_SPACE}:text:1.0}}line-break": "\n"}
_META = {
    "{http://purl.org/dc/elements/1.1/}title": "title",
    f"{{{_SPACE}:meta:1.0}}initial-creator": "author",
    f"{{{_SPACE}:meta:1.0}}creation-date": "created_at",
}
_PART = 1 << 16
_LARGEST = 200 << 20
"""Unpacked bytes of a part that is read."""
_MOST_BLANKS = 100


@dataclass(slots=True)
class OpenSlides:
    """A presentation."""

    slides: list[str] = field(default_factory=list)
    """Text of each, notes at its end; may be empty."""
    metadata: dict[str, object] = field(default_factory=dict)
    """As kreuzberg names it."""


def read_open_slides(data: bytes) -> OpenSlides:
    """Read a presentation; raises what zipfile and the XML parser raise where it is damaged."""
    found = OpenSlides()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        lines: list[str] = []
        for element in _elements(package, "content.xml"):
            if element.tag in _LINES:
                lines.append(_text(element).strip())
            elif element.tag == _PAGE:
                found.slides.append("\n".join(filter(None, lines)))
                lines.clear()
            else:
                continue
            _forget(element)
        if "meta.xml" in package.namelist():
            for element in _elements(package, "meta.xml"):
                name = _META.get(element.tag)
                if name and element.text:
                    found.metadata[name] = element.text.strip()
    author = found.metadata.pop("author", "")
    return OpenSlides(found.slides, found.metadata | {"authors": [author]})


def _elements(package: zipfile.ZipFile, name: str) -> Iterator[Element]:
    """The elements of a part as each ends; expat refuses what stands for far more than it is."""
    parser: XMLPullParser[Any] = XMLPullParser(["end"])
    with package.open(name) as part:
        left = _LARGEST
        while data := part.read(_PART):
            left -= len(data)
            if left < 0:
                raise ValueError
            parser.feed(data)
            for _, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
                yield element
    parser.close()


def _text(element: Element) -> str:
    """Its text with that of what is in it."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == _BLANKS:
            n_blanks = child.get(_N_BLANKS, "1")
            parts.append(" " * min(int(n_blanks), _MOST_BLANKS))
        else:
            parts.append(_SHOWN.get(child.tag) or _text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _forget(element: Element) -> None:
    """Free what was read; a paragraph may stand in another, which goes on after it."""
    tail = element.tail
    element.clear()
    element.tail = tail
