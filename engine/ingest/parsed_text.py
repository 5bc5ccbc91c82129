"""Documents that need a parser: PDF, office files, e-books. The one place that knows kreuzberg.

Only the extractor worker imports this: a parser of untrusted files may crash or eat memory.
"""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kreuzberg import (
    ConcurrencyConfig,
    ExtractionConfig,
    ExtractionResult,
    PageConfig,
    PdfConfig,
    extract_bytes_sync,
)

from engine.errors import InvalidInput
from engine.ingest.decoding import clean
from engine.ingest.docx_references import plain_book, with_marks, without_references
from engine.ingest.drawings import drawings_in_text, drawings_of
from engine.ingest.locked import needs_password, unlocked_office
from engine.ingest.media_types import (
    FICTION_BOOK,
    OPEN_SLIDES,
    PDF,
    SHEET_TYPES,
    SLIDE_TYPES,
    WORD_TYPES,
)
from engine.ingest.open_slides import read_open_slides
from engine.ingest.origin import Origin, origin_of
from engine.records import NEEDS_PASSWORD, Page, Unit

_MARK = f"@{secrets.token_hex(8)}@"
"""Stands before each slide's number in the text; random, so that no document can hold it."""
_SLIDE = re.compile(rf"{_MARK}(\d+){_MARK}")
_KEPT = 0.9
"""Share of a document's letters that must be on its pages, else the pages are not used."""
_HYPHEN = re.compile("([^\\W\\d_])[\x02\xad](?=([^\\W\\d_]))")
"""Between letters: a soft hyphen, or PDFium's mark for one at the end of a line."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OOXML = "EncryptedPackage".encode("utf-16-le")
_REAL_TYPES = ((b"%PDF-", PDF), (b"{\\rtf", "application/rtf"))


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A parsed document."""

    title: str
    """By its metadata; may be empty or junk."""
    text: str
    pages: tuple[Page, ...]
    """Pages, slides or sheets; empty where the format has none."""
    unit: Unit
    n_pages: int
    """Pages of a PDF, those without text among them; else 0."""
    origin: Origin


def parse(data: bytes, kind: str, password: str = "") -> ParsedText:
    """Read a document; raises InvalidInput where that cannot be done."""
    if password:
        data = unlocked_office(data, password)
    kind = next((real for start, real in _REAL_TYPES if data.startswith(start)), kind)
    if kind == OPEN_SLIDES:
        return _open_slides(data, password)
    if kind in WORD_TYPES:
        data = without_references(data)
    elif kind == FICTION_BOOK:
        data = plain_book(data)
    try:
        result = extract_bytes_sync(data, kind, _configuration(kind in SLIDE_TYPES, password))
    except Exception as error:
        raise _explained(error, data, password) from error
    text, pages = _paged(result, kind, data)
    if not text and _is_encrypted(data):
        raise _locked(data, password)
    metadata: Mapping[str, object] = dict(result.metadata)
    title = metadata.get("title") or metadata.get("subject") or ""
    return ParsedText(
        with_marks(title) if isinstance(title, str) else "",
        text,
        pages,
        _unit(kind) if pages else "",
        len(result.pages or ()) if kind == PDF else 0,
        origin_of(metadata),
    )


def _open_slides(data: bytes, password: str) -> ParsedText:
    try:
        found = read_open_slides(data)
    except Exception as error:
        raise _explained(error, data, password) from error
    text, pages = _joined((n, slide, "") for n, slide in enumerate(found.slides, start=1))
    title = found.metadata.get("title")
    origin = origin_of(found.metadata)
    return ParsedText(str(title or ""), text, pages, "slide" if pages else "", 0, origin)


def _unit(kind: str) -> Unit:
    if kind in SHEET_TYPES:
        return "sheet"
    return "slide" if kind in SLIDE_TYPES else "page"


@lru_cache(maxsize=2)
def _configuration(marks_slides: bool, password: str) -> ExtractionConfig:
    pages = PageConfig(
        extract_pages=True,
        insert_page_markers=marks_slides,
        marker_format=f"\n\n{_MARK}{{page_num}}{_MARK}\n\n",
    )
    return ExtractionConfig(
        use_cache=False,
        disable_ocr=True,  # type: ignore[call-arg]  # Missing in its stubs.
        enable_quality_processing=False,
        output_format="plain",
        pages=pages,
        pdf_options=PdfConfig(passwords=[password] if password else None),
        concurrency=ConcurrencyConfig(max_threads=1),
    )


def _paged(result: ExtractionResult, kind: str, data: bytes) -> tuple[str, tuple[Page, ...]]:
    """Text and pages; no pages where they hold less than the whole text."""
    if kind in SLIDE_TYPES:
        parts = _SLIDE.split(result.content)
        slides = dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))
        for number, words in drawings_of(data).items():
            slides[number] = f"{slides.get(number, '')}\n\n{words}"
        found = [(number, slides[number], "") for number in sorted(slides)]
        whole = _SLIDE.sub("", result.content)
    else:
        by_page = result.pages or []
        if kind in SHEET_TYPES:
            names = result.metadata.get("sheet_names") or []
            found = [_sheet(p["page_number"], p["tables"], names) for p in by_page]
        else:
            found = [(p["page_number"], p["content"], "") for p in by_page]
        whole = result.content
        if kind in WORD_TYPES and (words := drawings_in_text(data)):
            return _tidy(f"{whole}\n\n{words}"), ()
    text, pages = _joined(found)
    # What flows, as Word does, has one page where it was never laid out: that is no page number.
    is_laid_out = len(found) > 1 or kind in SLIDE_TYPES | SHEET_TYPES | {PDF}
    if not is_laid_out or len(_squeezed(text)) < _KEPT * len(_squeezed(whole)):
        return _tidy(whole), ()
    return text, pages


def _joined(parts: Iterable[tuple[int, str, str]]) -> tuple[str, tuple[Page, ...]]:
    """Join pages, each a number, a text and a name; blank ones are left out."""
    texts: list[str] = []
    pages: list[Page] = []
    position = 0
    for number, part, name in parts:
        tidied = _tidy(part)
        if tidied:
            pages.append(Page(number, position, position + len(tidied), name))
            texts.append(tidied)
            position += len(tidied) + 2
    return "\n\n".join(texts), tuple(pages)


def _sheet(number: int, tables: Iterable[Any], names: list[str]) -> tuple[int, str, str]:
    """A sheet's number, its name and its rows, a line each, empty cells left out; its name."""
    name = clean(names[number - 1]).strip() if number <= len(names) else ""
    lines = [name] if name else []
    for table in tables:
        for row in table.cells:
            line = "\t".join(cell.strip() for cell in row if cell.strip())
            if line:
                lines.append(line)
    return number, "\n".join(lines), name


def _tidy(text: str) -> str:
    return clean(with_marks(_HYPHEN.sub(_rejoined, text))).strip()


def _rejoined(hyphen: re.Match[str]) -> str:
    """A word that was broken in two made whole; a name of two words keeps its hyphen."""
    before, after = hyphen.groups()
    return f"{before}-" if before.islower() and after.isupper() else before


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _explained(error: Exception, data: bytes, password: str) -> InvalidInput:
    """The parser's complaint in words for a person."""
    complaint = str(error)
    if "password" in complaint.lower() or _is_encrypted(data):
        return _locked(data, password)
    if "unsupported" in complaint.lower():
        return InvalidInput("Not a supported type", "Its content is of a type that is not read.")
    return InvalidInput(
        "Damaged",
        "Its content could not be understood.",
        "Open it with the program that made it, and save it again.",
    )


def _locked(data: bytes, password: str) -> InvalidInput:
    if password and data.startswith(b"PK"):
        return InvalidInput(
            NEEDS_PASSWORD,
            "Files of this type cannot be opened with a password here.",
            "Save a copy without the password to make it searchable.",
        )
    return needs_password(password)


def _is_encrypted(data: bytes) -> bool:
    """Whether an office file is locked with a password, which the parser does not tell."""
    if data.startswith(_OLE):
        return _ENCRYPTED_OOXML in data
    if data.startswith(b"PK"):
        try:
            with (
                zipfile.ZipFile(io.BytesIO(data)) as archive,
                archive.open("META-INF/manifest.xml") as manifest,
            ):
                return b"encryption-data" in manifest.read(1 << 20)
        except (KeyError, RuntimeError, OSError, ValueError, zipfile.BadZipFile):
            return False
    return False
