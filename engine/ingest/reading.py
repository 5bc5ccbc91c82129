"""From one file's bytes to its text, title, pages and origin. For the extractor worker alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath

from engine.encoders.image_encoder import Preprocessing
from engine.errors import InvalidInput
from engine.ingest.decoding import clean, decode
from engine.ingest.html_text import read_html
from engine.ingest.language import language_of
from engine.ingest.mail_text import read_mail
from engine.ingest.media_types import (
    HTML,
    MAIL,
    MARKDOWN,
    NOTEBOOK,
    PDF,
    PLAIN,
    SUBTITLES,
    is_code,
    is_parsed,
    is_picture,
)
from engine.ingest.notebook import notebook_text
from engine.ingest.subtitles import subtitle_text
from engine.ingest.table_rows import read_rows
from engine.ingest.titles import title_of
from engine.records import Extracted, OcrLevel, Sight

MAX_CHARACTERS = 20_000_000
"""Of a document's text: ten thousand pages."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How far reading goes."""

    ocr: OcrLevel = "off"
    password: str = ""
    still_reading: Callable[[], None] = lambda: None
    """Called between parts of what takes long."""
    preprocessing: Preprocessing | None = None
    """Of the encoder that pictures are for; None where none is ready."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds."""

    extracted: Extracted
    """Its text may be empty where it holds pictures."""
    unread_pictures: bool = False
    """Pictures that may hold text were left out at this effort."""
    sight: Sight | None = None
    """Of a picture file."""


def read_content(name: PurePath, kind: str, data: bytes, effort: Effort) -> Content:
    """Read a file of a type that holds text or pictures of it.

    Raises InvalidInput with a reason for people where it cannot be read or holds nothing.
    """
    content = _content(name, kind, data, effort)
    text = content.extracted.text
    if len(text) > MAX_CHARACTERS:
        raise _too_much_text()
    if not text or text.isspace():
        if kind == PDF or is_picture(kind):
            return content
        raise InvalidInput("No text found", "There is no text in it to search for.")
    if is_code(kind) and not content.extracted.unit:
        return content
    language = language_of(text) or content.extracted.language
    return replace(content, extracted=replace(content.extracted, language=language))


def _content(name: PurePath, kind: str, data: bytes, effort: Effort) -> Content:
    if is_picture(kind):
        return _picture(name, kind, data, effort)
    if is_parsed(kind):
        return _parsed(name, kind, data, effort)
    if len(data) > 4 * MAX_CHARACTERS:
        raise _too_much_text()
    if kind == HTML:
        page = read_html(data)
        text = clean(page.text)
        title = title_of(name, kind, text, page.title, page.heading)
        return Content(Extracted(title, text, kind))
    if kind == MAIL:
        mail = read_mail(data)
        text = clean(mail.text)
        title = title_of(name, kind, text, mail.subject)
        return Content(
            Extracted(
                title,
                text,
                kind,
                author=clean(mail.author),
                created_at=mail.sent_at,
                details={key: clean(value) for key, value in mail.details.items()},
            )
        )
    text = clean(decode(data))
    rows = read_rows(text, kind)
    if rows:
        title = title_of(name, PLAIN, "")
        return Content(Extracted(title, rows.text, kind, rows.pages, "row"))
    if kind == NOTEBOOK:
        text = notebook_text(text)
    elif kind == SUBTITLES:
        text = subtitle_text(text)
    headings = MARKDOWN if kind == NOTEBOOK else kind
    return Content(Extracted(title_of(name, headings, text), text, kind))


def _parsed(name: PurePath, kind: str, data: bytes, effort: Effort) -> Content:
    # Loaded for the first document that needs it: it is the slow part of starting.
    from engine.ingest.parsed_text import parse

    parsed = parse(data, kind, effort.password)
    extracted = Extracted(
        title_of(name, kind, parsed.text, parsed.title),
        parsed.text,
        kind,
        parsed.pages,
        parsed.unit,
        author=parsed.origin.author,
        created_at=parsed.origin.created_at,
        language=parsed.origin.language,
        details=parsed.origin.details,
    )
    if parsed.n_pages <= len(parsed.pages):
        return Content(extracted)
    from engine.ingest.ocr import with_blank_pages

    return with_blank_pages(extracted, data, parsed.n_pages, effort)


def _picture(name: PurePath, kind: str, data: bytes, effort: Effort) -> Content:
    from engine.ingest.ocr import picture_text

    return picture_text(Extracted(title_of(name, kind, ""), "", kind), data, effort)


def _too_much_text() -> InvalidInput:
    return InvalidInput(
        "Too much text",
        f"It holds more than {MAX_CHARACTERS // 1_000_000} million characters.",
        "Split it into smaller files.",
    )
