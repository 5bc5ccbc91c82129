"""Pictures in PDFs and office files, but for decorations: small ones, and those of one colour.

Each has a name by which it is found again: a place on a page, or its path in the package.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.ingest.archives import Budget, Packed, safe_name
from engine.ingest.media_types import RAW, SVG, is_picture, media_type
from engine.ingest.picture_file import opened_picture
from engine.ingest.shown import shown

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_MOST_PICTURES = 200
"""Of one document."""
_MOST_PAGES = 2000
_MOST_ON_A_PAGE = 500
_LEAST_SIDE = 96
"""Pixels; smaller pictures are bullets, icons and rules."""
_GLANCE = 64
"""Pixels a side at which one colour can be told from several."""
_ONE_COLOUR = 8
"""Levels of 255 between the darkest and the lightest."""
_WHOLE_PAGE = 0.9
"""Share of a page: a picture that covers more is the page, scanned, or its ground."""
_STRIPS = 3
"""Pictures of one width that cover a page between them: scanners cut pages into strips."""
_MOST_PIXELS = 40_000_000
_DECORATIVE = ("docProps/", "Thumbnails/")
"""Where office programs keep a picture of the whole document."""
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = ("Pictures", "Data")
"""Where old PowerPoint and Word keep pictures."""
_BLIPS = {b"\x1d\xf0": ("jpg", b"\xff\xd8\xff"), b"\x1e\xf0": ("png", b"\x89PNG")}
"""A record's type: what its picture is, and how that begins."""
_IDENTITIES = (17, 33)
"""Bytes between a record's head and its picture."""


def pictures_inside(
    data: bytes, budget: Budget, still_reading: Callable[[], None] = lambda: None
) -> Iterator[Packed]:
    """The pictures in a document, each content once; none of what is damaged or locked.

    `still_reading` is called between parts of what takes long. Raises InvalidInput where the
    budget is spent.
    """
    seen: set[bytes] = set()
    n_kept = 0
    for picture in _candidates(data, budget, still_reading):
        key = hashlib.sha256(picture.content).digest()  # type: ignore[arg-type]
        if key in seen:
            continue
        seen.add(key)
        if _is_worth_seeing(picture):
            n_kept += 1
            yield picture
        if n_kept >= _MOST_PICTURES:
            return


def _candidates(data: bytes, budget: Budget, still_reading: Callable[[], None]) -> Iterator[Packed]:
    if data.startswith(b"PK"):
        return _in_package(data, budget)
    if data.startswith(_COMPOUND):
        return _in_compound_file(data, budget)
    if b"%PDF-" in data[:1024]:
        return _in_pdf(data, budget, still_reading)
    return iter(())


def _is_worth_seeing(picture: Packed) -> bool:
    assert isinstance(picture.content, bytes)
    try:
        with opened_picture(
            io.BytesIO(picture.content), media_type(picture.name) or "", _GLANCE
        ) as file:
            if min(file.image.size) < _LEAST_SIDE:
                return False
            bands = shown(file.image, _GLANCE).split()
    except InvalidInput:
        return False
    levels = [band.tobytes() for band in bands]
    return any(max(values) - min(values) > _ONE_COLOUR for values in levels)


def _in_package(data: bytes, budget: Budget) -> Iterator[Packed]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for info in package.infolist():
                kind = media_type(info.filename) or ""
                # A drawing stands beside a picture of itself there.
                if not is_picture(kind) or kind in (SVG, RAW):
                    continue
                if info.filename.startswith(_DECORATIVE):
                    continue
                if budget.refusal(info.file_size, info.compress_size):
                    continue
                budget.take_member()
                content = package.read(info)
                budget.take_bytes(len(content))
                yield Packed(safe_name(info.filename), content)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return


def _in_compound_file(data: bytes, budget: Budget) -> Iterator[Packed]:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            streams = [file.openstream(name).read() for name in _STREAMS if file.exists(name)]
    except (OSError, ValueError, IndexError, KeyError):
        return
    number = 0
    for stream in streams:
        for ending, content in _blips(stream):
            number += 1
            budget.take_member()
            budget.take_bytes(len(content))
            yield Packed(f"picture {number}.{ending}", content)


def _blips(stream: bytes) -> Iterator[tuple[str, bytes]]:
    """Ending and content of the pictures in a stream of records."""
    at = 0
    while True:
        found = [place for kind in _BLIPS if (place := stream.find(kind, at)) >= 0]
        if not found:
            return
        place = min(found)
        at = place + 2
        ending, beginning = _BLIPS[stream[place:at]]
        if len(stream) < at + 4:
            return
        (length,) = struct.unpack_from("<I", stream, at)
        start = next(
            (at + 4 + n for n in _IDENTITIES if stream.startswith(beginning, at + 4 + n)), None
        )
        if start is not None:
            end = at + 4 + length
            yield ending, stream[start:end]
            at = min(end, len(stream))


def _in_pdf(data: bytes, budget: Budget, still_reading: Callable[[], None]) -> Iterator[Packed]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return
    try:
        for index in range(min(len(document), _MOST_PAGES)):
            still_reading()
            try:
                page = document[index]
            except pypdfium2.PdfiumError:
                continue
            for number, (ending, content) in enumerate(_on_page(page), start=1):
                budget.take_member()
                budget.take_bytes(len(content))
                yield Packed(f"page {index + 1}, picture {number}.{ending}", content)
            page.close()
    finally:
        document.close()


def _on_page(page: PdfPage) -> Iterator[tuple[str, bytes]]:
    """Ending and content of the pictures on a page that are not the page itself."""
    import pypdfium2
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    width, height = page.get_size()
    found: list[tuple[Any, tuple[int, int], float]] = []
    try:
        for image in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=4):
            left, bottom, right, top = image.get_bounds()
            share = abs((right - left) * (top - bottom)) / max(width * height, 1.0)
            if len(found) >= _MOST_ON_A_PAGE:
                break
            if share <= _WHOLE_PAGE:
                found.append((image, image.get_px_size(), share))
    except pypdfium2.PdfiumError:
        pass
    widths = Counter(size[0] for _, size, _ in found)
    for image, size, _ in found:
        covered = sum(share for _, other, share in found if other[0] == size[0])
        if widths[size[0]] >= _STRIPS and covered > _WHOLE_PAGE:
            continue
        if min(size) < _LEAST_SIDE or size[0] * size[1] > _MOST_PIXELS:
            continue
        try:
            yield _content(image)
        except (pypdfium2.PdfiumError, OSError, ValueError):
            continue


def _content(image: Any) -> tuple[str, bytes]:
    """A PDF's picture as a file: a photo as it was put in, any other as PNG."""
    from PIL import Image

    if image.get_filters() == ["DCTDecode"]:
        data = bytes(image.get_data())
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as photo:
            if photo.mode in ("L", "RGB"):
                return "jpg", data
    out = io.BytesIO()
    image.get_bitmap().to_pil().save(out, "PNG", compress_level=1)
    return "png", out.getvalue()
