"""The render worker: draws pages of untrusted files, one at a time, in a process of its own.

`python -m engine.ingest.render_worker`; `engine.ingest.render` is its parent.
"""

from __future__ import annotations

import ctypes
import io
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from engine.errors import InvalidInput, NotFound
from engine.ingest.media_types import PDF
from engine.ingest.page_text import find_runs
from engine.ingest.picture_file import check_size, opened_picture
from engine.ingest.rights import give_up_rights
from engine.ingest.shown import shown
from engine.ingest.sight import told_of
from engine.jobs.worker import Parent, WorkerError
from engine.records import PageImage

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

_MAX_PIXELS = 24_000_000
"""Of what is drawn: a page that is a thousand times as high as wide is drawn smaller."""
_LONGEST_DRAWING = 4096
"""Pixels of the longer side of what has no pixels of its own."""
_DEVICE = 1_000_000
"""Side of the grid on which PDFium is asked for places."""


class DrawPage(msgspec.Struct, frozen=True, tag=True):
    """The parent's question."""

    path: bytes
    """As the file system spells it."""
    media_type: str
    number: int
    width: int
    marked: tuple[str, ...]
    inside: str = ""
    """Path within the file of what is drawn; empty for the file itself."""
    content_hash: str = ""
    """SHA-256, hex, of what lies inside."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Said once, when the worker has started."""


class PageDrawn(msgspec.Struct, frozen=True, tag=True):
    """The answer."""

    image: PageImage


Answer = Ready | PageDrawn | WorkerError


def draw_page(asked: DrawPage) -> PageImage:
    """Draw a page; raises NotFound, InvalidInput with a reason for people."""
    path = Path(os.fsdecode(asked.path))
    try:
        with path.open("rb") as file:
            draw = _draw_pdf_page if asked.media_type == PDF else _draw_picture
            return draw(_unpacked(file, path.name, asked) if asked.inside else file, asked)
    except FileNotFoundError as error:
        raise NotFound(
            "The file is gone", f"{path} is not there any more.", "Sync the library."
        ) from error
    except OSError as error:
        raise InvalidInput(
            "The file cannot be opened",
            f"{path}: {error.strerror or error}.",
            "Check that you are allowed to read it.",
        ) from error


def _unpacked(file: BinaryIO, name: str, asked: DrawPage) -> BinaryIO:
    from engine.ingest.members import member

    content = member(file, name, asked.inside, asked.content_hash)
    if content is None:
        raise NotFound(
            "It cannot be taken out",
            f"{name} has changed, or needs a password.",
            "Sync the library, or open that file to see it.",
        )
    return io.BytesIO(content)


def _draw_pdf_page(file: Any, asked: DrawPage) -> PageImage:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise InvalidInput(
                "The file needs a password", "Its pages are encrypted.", "Open it in its program."
            ) from error
        raise _damaged() from error
    try:
        n_pages = len(document)
        _check_number(asked.number, n_pages)
        page = document[asked.number - 1]
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            raise _damaged()
        scale = _fitting(asked.width / width, width, height)
        picture = page.render(scale=scale).to_pil()
        marks, texts = _places(page, asked.marked) if asked.marked else ((), ())
        return _image(picture, marks, texts, n_pages)
    except pypdfium2.PdfiumError as error:
        raise _damaged() from error
    finally:
        document.close()


def _places(
    page: PdfPage, marked: tuple[str, ...]
) -> tuple[tuple[tuple[float, float, float, float], ...], tuple[int, ...]]:
    """Where on a page each of the texts stands, a box a line, and which text it is."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    letters = [chr(pdfium.FPDFText_GetUnicode(text, n)) for n in range(text.count_chars())]
    marks, texts = [], []
    for number, runs in enumerate(find_runs(letters, marked)):
        for start, end in runs:
            for n in range(text.count_rects(start, end - start)):
                left, bottom, right, top = text.get_rect(n)
                (x0, y0), (x1, y1) = _on_device(page, left, top), _on_device(page, right, bottom)
                box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
                marks.append(tuple(min(max(edge, 0.0), 1.0) for edge in box))
                texts.append(number)
    return tuple(marks), tuple(texts)  # type: ignore[arg-type]


def _on_device(page: PdfPage, x: float, y: float) -> tuple[float, float]:
    """A place in the page's own coordinates as shares of the picture, rotation included."""
    import pypdfium2.raw as pdfium

    right, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(
        page, 0, 0, _DEVICE, _DEVICE, 0, x, y, ctypes.byref(right), ctypes.byref(down)
    )
    return right.value / _DEVICE, down.value / _DEVICE


def _draw_picture(file: Any, asked: DrawPage) -> PageImage:
    with opened_picture(file, asked.media_type, min(2 * asked.width, _LONGEST_DRAWING)) as opened:
        picture = opened.image
        # Only a TIFF's further pictures are pages; a GIF's move.
        n_pages = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
        _check_number(asked.number, n_pages)
        if asked.number > 1:
            picture.seek(asked.number - 1)
            check_size(picture)
        told = told_of(picture, opened.size if asked.number == 1 else None).picture
        scale = _fitting(asked.width / told.width, told.width, told.height)
        longest = max(1, round(max(told.width, told.height) * scale))
        return _image(shown(picture, longest), (), (), n_pages)


def _image(
    picture: Image,
    marks: tuple[tuple[float, float, float, float], ...],
    texts: tuple[int, ...],
    n_pages: int,
) -> PageImage:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)  # it only crosses two pipes
    return PageImage(out.getvalue(), picture.width, picture.height, marks, texts, n_pages)


def _fitting(scale: float, width: float, height: float) -> float:
    """The scale, or the largest at which not too many pixels are drawn."""
    return min(scale, math.sqrt(_MAX_PIXELS / (width * height)))


def _check_number(number: int, n_pages: int) -> None:
    if not 1 <= number <= n_pages:
        raise NotFound("No such page", f"It has {n_pages} pages, and {number} is none of them.")


def _damaged() -> InvalidInput:
    return InvalidInput(
        "The page cannot be shown",
        "Its content could not be understood.",
        "Open it in its program.",
    )


def _answer(asked: DrawPage) -> PageDrawn | WorkerError:
    try:
        return PageDrawn(draw_page(asked))
    except (NotFound, InvalidInput) as error:
        return WorkerError.of(error)
    except MemoryError:
        return WorkerError("The page is too large", "Drawing it needs more memory than is allowed.")
    # Parsers of pictures fail in many ways that are no OSError: struct.error, ValueError, KeyError.
    except Exception:  # noqa: BLE001
        return WorkerError.of(_damaged())


def main() -> None:
    """Answer until the parent is gone."""
    give_up_rights()
    parent: Parent[DrawPage] = Parent(DrawPage)
    parent.send(Ready())
    while True:
        parent.send(_answer(parent.receive()))


if __name__ == "__main__":
    main()
