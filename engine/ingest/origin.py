"""What a document's metadata say of where it comes from, in the catalogue's terms."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.ingest.decoding import clean

_LONGEST = 300
_NOBODY = re.compile(
    r"python-(docx|pptx)|openpyxl|xlsxwriter|\(?anonymous\)?|unknown|author|user|admin(istrator)?|owner"
    r"|root|microsoft (office )?user|apache poi|unspecified|\W*",
    re.I,
)
"""Names that programs write where nobody gave one."""
_DETAILS = {"Subject": "subject", "Keywords": "keywords", "Category": "category"}
_JUNK = {"unspecified", "none", ""}


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote a document and when, by its own account."""

    author: str = ""
    created_at: float | None = None
    language: str = ""
    """ISO 639-1 code as declared; often that of the program, not of the text."""
    details: dict[str, str] = field(default_factory=dict)
    """By name for people."""


def origin_of(metadata: Mapping[str, object]) -> Origin:
    """Read the metadata of kreuzberg; what is no sensible value is left out."""
    authors = metadata.get("authors")
    names = [_words(name) for name in authors] if isinstance(authors, list) else []
    details = {}
    for name, key in _DETAILS.items():
        value = _words(metadata.get(key))
        if value.lower() not in _JUNK:
            details[name] = value
    for name, key in (("From", "from_email"), ("To", "to_emails"), ("Cc", "cc_emails")):
        if value := _words(metadata.get(key)):
            details[name] = value
    language = metadata.get("language")
    return Origin(
        author=", ".join(name for name in names if not _NOBODY.fullmatch(name))[:_LONGEST],
        created_at=seconds(metadata.get("created_at")),
        language=language_code(language) if isinstance(language, str) else "",
        details=details,
    )


def seconds(date: object) -> float | None:
    """A date of ISO 8601 in seconds since the epoch; None where it is none, or lies ahead."""
    if not isinstance(date, str):
        return None
    try:
        at = datetime.fromisoformat(date.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return at if 0 < at < time.time() + 86400 else None


def language_code(tag: str) -> str:
    """`en` of `en-GB`; empty where it is no language tag."""
    found = re.match(r"([a-z]{2})(?:[-_]|$)", tag.strip().lower())
    return found[1] if found else ""


def _words(value: object) -> str:
    """A text, or texts parted by commas, on one line."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value)))[:_LONGEST]
    return " ".join(clean(value).split())[:_LONGEST] if isinstance(value, str) else ""
