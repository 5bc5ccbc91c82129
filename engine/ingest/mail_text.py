"""The readable text of a mail: who wrote to whom about what, then what they wrote.

The standard library is used rather than kreuzberg, which misreads mail in older code pages and
parses every attachment.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from engine.ingest.decoding import decode
from engine.ingest.html_text import html_text

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_HEADER_LENGTH = 2000
"""Longer lists of addresses are cut."""


def read_mail(data: bytes) -> tuple[str, str]:
    """Subject and text of a mail, attachments by name only."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    lines = []
    for name in _HEADERS:
        value = _header(message, name)
        if value:
            lines.append(f"{name}: {value[:_HEADER_LENGTH]}")
    names = ", ".join(filter(None, map(_attachment, message.walk())))
    if names:
        lines.append(f"Attachments: {names}")
    body = "\n\n".join(part.strip() for part in _texts(message) if part.strip())
    return _header(message, "Subject"), "\n".join(lines) + f"\n\n{body}"


def _header(message: Message, name: str) -> str:
    """A header in plain words, whatever it was written in."""
    value = next((v for n, v in message.raw_items() if n.lower() == name.lower()), "")
    return _words(str(value))


def _words(value: str) -> str:
    text = value
    # Bytes that are no ASCII come as lone surrogates; a decoded file name holds real letters.
    with contextlib.suppress(UnicodeEncodeError):
        text = decode(value.encode("ascii", "surrogateescape"))
    with contextlib.suppress(HeaderParseError, LookupError, ValueError):
        text = str(make_header(decode_header(text)))
    return " ".join(text.split())


def _attachment(part: Message) -> str:
    if part.get_content_disposition() != "attachment":
        return ""
    return _words(str(part.get_filename() or ""))


def _texts(part: Message) -> Iterator[str]:
    """What the parts of a mail say, of alternatives the plain one."""
    if part.is_multipart():
        parts = [p for p in part.get_payload() if isinstance(p, Message)]
        if part.get_content_type() == "multipart/alternative":
            said = {p.get_content_type(): list(_texts(p)) for p in parts}
            plain = said.pop("text/plain", [])
            if any(text.strip() for text in plain):
                yield from plain
            else:
                yield from next((s for s in reversed(said.values()) if s), [])
            return
        for inner in parts:
            yield from _texts(inner)
    elif part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            text = decode(payload, part.get_content_charset() or "")
            yield html_text(text).text if part.get_content_subtype() == "html" else text
