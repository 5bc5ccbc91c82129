"""Text in pictures: of picture files, and of a PDF's pages that hold none of their own.

Recognition runs on one thread, with the models that come in rapidocr's wheel. Its time grows with
the lines found, a second or two for a page.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from engine.ingest.decoding import clean
from engine.ingest.picture_file import check_size, opened_picture
from engine.ingest.reading import Content, Effort
from engine.ingest.shown import shown
from engine.ingest.sight import Told, sight_of, told_of
from engine.records import Extracted, OcrLevel, Page, TextBox

_CHEAP_PIXELS = 9_000_000
"""A page scanned at 300 dots an inch."""
_CHEAP_PAGES = 20
_MOST_PAGES = 2000
_LONG_SIDE = 2000
"""Pixels; the recogniser makes larger pictures smaller."""
_SEEN_SIDE = 1024
"""Pixels, where no text is read: more than any encoder takes, and quick to decode."""
_SMALLEST_SIDE = 16
"""Pixels; smaller pictures hold no text that can be read."""
_SURE = 0.5
"""Certainty below which a line is taken for no text."""
_FRAMES = 20
"""Of a picture with several pages, a fax."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text on a picture, its box in shares of width and height."""

    text: str
    certainty: float
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class _Recognised:
    """Lines joined to a text."""

    text: str
    boxes: tuple[TextBox, ...]
    certainties: tuple[float, ...]
    """Of the lines."""


def picture_text(blank: Extracted, data: bytes, effort: Effort) -> Content:
    """Look at a picture file and read the text in it, as far as is wanted.

    Raises InvalidInput where it is damaged or a bomb.
    """
    reads = effort.ocr != "off"
    with opened_picture(
        io.BytesIO(data), blank.media_type, _LONG_SIDE if reads else _SEEN_SIDE
    ) as (file):
        blank = _with_told(blank, told_of(file.image, file.size))
        n_pixels = blank.picture.width * blank.picture.height if blank.picture else 0
        upright = _frames(file.image, effort, _LONG_SIDE if reads else _SEEN_SIDE)
        first = next(upright)
        sight = sight_of(first, effort.preprocessing)
        if file.text:
            return Content(replace(blank, text=file.text), sight=sight)
        if not reads or (effort.ocr == "cheap" and n_pixels > _CHEAP_PIXELS):
            return Content(blank, unread_pictures=True, sight=sight)
        frames = [_recognised(frame) for frame in itertools.chain([first], upright)]
    text, pages = _joined(list(enumerate(frames, start=1)))
    one = frames[0] if len(frames) == 1 else None
    return Content(
        replace(
            blank,
            text=text,
            pages=pages if len(frames) > 1 else (),
            unit="page" if len(frames) > 1 and pages else "",
            ocr_confidence=_mean([c for frame in frames for c in frame.certainties]),
            boxes=one.boxes if one else (),
        ),
        sight=sight,
    )


def _with_told(blank: Extracted, told: Told) -> Extracted:
    """A picture's document with what its file says of it."""
    said = {"Caption": told.caption, "Keywords": "; ".join(told.tags)}
    return replace(
        blank,
        picture=told.picture,
        created_at=told.picture.taken_at,
        details=blank.details | {name: text for name, text in said.items() if text},
    )


def with_blank_pages(parsed: Extracted, data: bytes, n_pages: int, effort: Effort) -> Content:
    """Read the pages of a PDF that hold no text of their own as pictures, where that is wanted."""
    filled = {page.number: parsed.text[page.start : page.end] for page in parsed.pages}
    blank = [number for number in range(1, n_pages + 1) if number not in filled]
    if parsed.text and not parsed.pages:
        return Content(parsed)  # Its text could not be told apart by pages.
    if not _is_wanted(len(blank), effort.ocr):
        return Content(parsed, unread_pictures=True)
    pages: dict[int, _Recognised] = {n: _Recognised(text, (), ()) for n, text in filled.items()}
    certainties: list[float] = []
    for number, picture in _drawn(data, blank, effort):
        pages[number] = _recognised(picture)
        certainties += pages[number].certainties
    text, spans = _joined(sorted(pages.items(), key=lambda page: page[0]))
    return Content(
        replace(
            parsed,
            text=text,
            pages=spans,
            unit="page" if spans else "",
            ocr_confidence=_mean(certainties),
        )
    )


def _is_wanted(n_pages: int, level: OcrLevel) -> bool:
    if level == "off":
        return False
    return n_pages <= (_CHEAP_PAGES if level == "cheap" else _MOST_PAGES)


def _drawn(data: bytes, numbers: Sequence[int], effort: Effort) -> Iterator[tuple[int, Any]]:
    """Pages of a PDF as pictures; those that show nothing at all, or cannot be drawn, not."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data, password=effort.password or None)
    except pypdfium2.PdfiumError:
        return
    try:
        for number in numbers:
            effort.still_reading()
            try:
                page = document[number - 1]
                if next(page.get_objects(max_depth=1), None) is None:
                    continue
                scale = _LONG_SIDE / max(*page.get_size(), 1.0)
                picture = page.render(scale=min(scale, 4.0)).to_pil()
            except (pypdfium2.PdfiumError, ValueError, IndexError):
                continue
            yield number, picture
    finally:
        document.close()


def _frames(picture: Any, effort: Effort, longest: int) -> Iterator[Any]:
    """A picture's pages; of what moves only the first, upright and on white."""
    n_frames = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
    for number in range(min(n_frames, _FRAMES)):
        effort.still_reading()
        if number:
            picture.seek(number)
            check_size(picture)
        yield shown(picture, longest)


def _recognised(picture: Any) -> _Recognised:
    """Recognise the text of an RGB picture."""
    if min(picture.size) < _SMALLEST_SIDE:
        return _Recognised("", (), ())
    parts: list[str] = []
    boxes: list[TextBox] = []
    position = 0
    lines = _lines(picture)
    for line in lines:
        boxes.append(
            TextBox(
                position,
                position + len(line.text),
                line.left,
                line.top,
                line.right,
                line.bottom,
            )
        )
        parts.append(line.text)
        position += len(line.text) + 1
    return _Recognised("\n".join(parts), tuple(boxes), tuple(line.certainty for line in lines))


def _lines(picture: Any) -> list[_Line]:
    import numpy as np

    width, height = picture.size
    found, _ = _recogniser()(np.asarray(picture)[:, :, ::-1])
    lines = []
    for corners, text, certainty in found or ():
        words = " ".join(clean(text).split())
        if words and float(certainty) >= _SURE:
            across = [min(max(float(x) / width, 0.0), 1.0) for x, _ in corners]
            down = [min(max(float(y) / height, 0.0), 1.0) for _, y in corners]
            lines.append(
                _Line(words, float(certainty), min(across), min(down), max(across), max(down))
            )
    return lines


@cache
def _recogniser() -> Any:
    """The recogniser, on one thread; loading it takes a second."""
    import cv2
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)


def _joined(frames: Sequence[tuple[int, _Recognised]]) -> tuple[str, tuple[Page, ...]]:
    texts: list[str] = []
    pages: list[Page] = []
    position = 0
    for number, frame in frames:
        if frame.text:
            pages.append(Page(number, position, position + len(frame.text)))
            texts.append(frame.text)
            position += len(frame.text) + 2
    return "\n\n".join(texts), tuple(pages)


def _mean(certainties: Sequence[float]) -> float | None:
    return sum(certainties) / len(certainties) if certainties else None
