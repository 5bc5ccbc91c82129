"""The readable text of a mail: who wrote to whom about what, then what they wrote.

What is attached to it is read as files of their own. The standard library is used rather than
kreuzberg, which misreads mail in older code pages and parses every attachment.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from engine.ingest.archives import Budget, Packed, is_worth_reading, safe_name
from engine.ingest.decoding import decode
from engine.ingest.html_text import html_text

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_HEADER_LENGTH = 2000
"""Longer lists of addresses are cut."""


@dataclass(frozen=True, slots=True)
class MailText:
    """What a mail says."""

    subject: str
    text: str
    """Headers, names of attachments, then the words."""
    author: str
    """Name of the sender, or the address."""
    sent_at: float | None
    details: dict[str, str]
    """The headers by name."""


def read_mail(data: bytes) -> MailText:
    """Read a mail, attachments by name only."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    headers = {name: header(message, name)[:_HEADER_LENGTH] for name in _HEADERS}
    headers = {name: value for name, value in headers.items() if value}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    names = ", ".join(filter(None, map(_attachment, message.walk())))
    if names:
        lines.append(f"Attachments: {names}")
    body = "\n\n".join(part.strip() for part in _texts(message) if part.strip())
    name, address = parseaddr(headers.get("From", ""))
    return MailText(
        subject=headers.get("Subject", ""),
        text="\n".join(lines) + f"\n\n{body}",
        author=name or address,
        sent_at=_seconds(headers.get("Date", "")),
        details=headers,
    )


def attachments(data: bytes, budget: Budget) -> Iterator[Packed]:
    """Attached files that are worth reading, those of attached mails among them.

    Raises InvalidInput where they are too many or too large.
    """
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in message.walk():
        name = safe_name(_words(str(part.get_filename() or "")).replace("/", " "))
        if part.is_multipart() or not is_worth_reading(name):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            budget.take_member()
            budget.take_bytes(len(content))
            yield Packed(name, content)


def header(message: Message, name: str) -> str:
    """A header in plain words, whatever it was written in."""
    value = next((v for n, v in message.raw_items() if n.lower() == name.lower()), "")
    return _words(str(value))


def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None


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
