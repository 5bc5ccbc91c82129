"""What a file holds: the members of archives, the attachments of mails."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from engine.errors import InvalidInput
from engine.ingest import mail_text
from engine.ingest.archives import Budget, Packed, unpacked
from engine.ingest.media_types import (
    ARCHIVE_TYPES,
    MAIL,
    MAIL_TYPES,
    MBOX,
    holds_pictures,
    media_type,
)
from engine.ingest.pictures_inside import pictures_inside
from engine.records import INSIDE


def packed_in(
    kind: str, file: BinaryIO, name: str, password: str, budget: Budget
) -> Iterator[Packed]:
    """What an archive holds; raises InvalidInput where it cannot be read to its end."""
    if kind == MBOX:
        from engine.ingest.mbox import mails

        return mails(file, budget)
    return unpacked(kind, file, name, password, budget)


def attached_to(kind: str, data: bytes, budget: Budget) -> Iterator[Packed]:
    """What is attached to a mail; raises InvalidInput where it is too much."""
    if kind == MAIL:
        return mail_text.attachments(data, budget)
    from engine.ingest.outlook import attachments

    return attachments(data, budget)


def member(file: BinaryIO, name: str, inside: str, content_hash: str) -> bytes | None:
    """The content of what lies inside a file, found by its path there and its SHA-256, hex.

    None where it is not there, or not what it was.
    """
    return _member(file, name, inside.split(INSIDE), content_hash, Budget())


def _member(
    file: BinaryIO, name: str, steps: list[str], content_hash: str, budget: Budget
) -> bytes | None:
    wanted, *further = steps
    try:
        for packed in _held(file, name, budget):
            # The second of a name has a number behind it.
            if not wanted.startswith(packed.name) or isinstance(packed.content, InvalidInput):
                continue
            if further:
                inner = io.BytesIO(packed.content)
                found = _member(inner, packed.name, further, content_hash, budget)
                if found is not None:
                    return found
            elif hashlib.sha256(packed.content).hexdigest() == content_hash:
                return packed.content
    except InvalidInput:
        return None
    return None


def _held(file: BinaryIO, name: str, budget: Budget) -> Iterator[Packed]:
    kind = media_type(name) or ""
    if kind in ARCHIVE_TYPES:
        return packed_in(kind, file, name, "", budget)
    if kind in MAIL_TYPES:
        return attached_to(kind, file.read(), budget)
    return pictures_inside(file.read(), budget) if holds_pictures(name) else iter(())
