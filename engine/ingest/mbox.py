"""The mails of a mailbox file."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from typing import BinaryIO

from engine.ingest.archives import Budget, Packed, safe_name
from engine.ingest.mail_text import header

_LONGEST_SUBJECT = 80


def mails(file: BinaryIO, budget: Budget) -> Iterator[Packed]:
    """Mails in their order, each named by its number and subject.

    Raises InvalidInput where there are too many.
    """
    for number, content in enumerate(_split(file), start=1):
        budget.take_member()
        budget.take_bytes(len(content))
        name = f"{number:05} {_subject(content)}".strip()
        yield Packed(f"{name}.eml", budget.refusal(len(content), len(content)) or content)


def _split(file: BinaryIO) -> Iterator[bytes]:
    """Cut before each line `From ...` that follows an empty one, as the format has it."""
    lines: list[bytes] = []
    started, after_empty = False, True
    for line in file:
        if after_empty and line.startswith(b"From "):
            if lines:
                yield b"".join(lines)
            lines, started = [], True
        elif started:
            lines.append(line[1:] if line.startswith(b">From ") else line)
        after_empty = not line.strip()
    if lines:
        yield b"".join(lines)


def _subject(content: bytes) -> str:
    parser = BytesHeaderParser(policy=email.policy.compat32)
    subject = header(parser.parsebytes(content[: 1 << 16]), "Subject")[:_LONGEST_SUBJECT]
    return safe_name(subject.replace("/", " ")) if subject else ""
