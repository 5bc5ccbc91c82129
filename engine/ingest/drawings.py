"""What charts and diagrams say on slides and in texts, which kreuzberg leaves out.

A chart's title, its series and its categories; a diagram's words.
"""

from __future__ import annotations

import io
import re
import zipfile
from posixpath import join, normpath, split
from xml.sax.saxutils import unescape

_SLIDE_ID = re.compile(rb'<p:sldId\b[^>]{0,300}?\br:id="([^"]{1,100})"')
_RELATION = re.compile(rb"<Relationship\b[^>]{0,1000}>")
_ID = re.compile(rb'\bId="([^"]{1,100})"')
_TARGET = re.compile(rb'\bTarget="([^"]{1,300})"')
_DRAWING = re.compile(r"(?:ppt|word)/(?:charts/chart|diagrams/data)\d*\.xml")
_WORDS = re.compile(
    rb"<a:t>([^<]+)</a:t>|<c:(?:tx|cat)>.{0,400}?<c:(?:str|multiLvlStr)Cache>(.*?)"
    rb"</c:(?:str|multiLvlStr)Cache>",
    re.S,
)
_VALUE = re.compile(rb"<c:v>([^<]+)</c:v>")
_MOST_BYTES = 4 << 20
_MOST_DRAWINGS = 1000


def drawings_of(data: bytes) -> dict[int, str]:
    """Number of each slide, as they are shown -> words of what is drawn on it; empty if damaged."""
    found: dict[int, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            drawings = [name for name in package.namelist() if _DRAWING.fullmatch(name)]
            if not drawings:
                return {}
            words = {name: _words(_part(package, name)) for name in drawings[:_MOST_DRAWINGS]}
            for number, slide in enumerate(_slides(package), start=1):
                said = [words.get(part, "") for part in _targets(package, slide).values()]
                if any(said):
                    found[number] = "\n".join(filter(None, said))
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError, NotImplementedError):
        return found
    return found


def drawings_in_text(data: bytes) -> str:
    """Words of what is drawn in a text document; empty where there is nothing, or it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            drawings = [name for name in package.namelist() if _DRAWING.fullmatch(name)]
            said = [_words(_part(package, name)) for name in sorted(drawings)[:_MOST_DRAWINGS]]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return ""
    return "\n".join(filter(None, said))


def _slides(package: zipfile.ZipFile) -> list[str]:
    """The slides' parts in the order in which they are shown."""
    targets = _targets(package, "ppt/presentation.xml")
    shown = _SLIDE_ID.findall(_part(package, "ppt/presentation.xml"))
    return [targets[key] for key in shown if key in targets]


def _targets(package: zipfile.ZipFile, part: str) -> dict[bytes, str]:
    """Relation id -> part that is meant."""
    folder, name = split(part)
    found = {}
    try:
        relations = _part(package, f"{folder}/_rels/{name}.rels")
    except KeyError:
        return {}
    for relation in _RELATION.findall(relations):
        key, target = _ID.search(relation), _TARGET.search(relation)
        if key and target:
            place = join("/", folder, target[1].decode("utf-8", "replace"))
            found[key[1]] = normpath(place).lstrip("/")
    return found


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        return part.read(_MOST_BYTES)


def _words(xml: bytes) -> str:
    """Each word or line once, in their order."""
    lines: dict[str, None] = {}
    for match in _WORDS.finditer(xml):
        for value in [match[1]] if match[1] else _VALUE.findall(match[2]):
            line = unescape(value.decode("utf-8", "replace")).strip()
            if line and not line.replace(".", "").isdigit():
                lines[line] = None
    return "\n".join(lines)
