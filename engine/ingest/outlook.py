"""The files attached to a mail of Outlook's own format."""

from __future__ import annotations

import io
from collections.abc import Iterator

from engine.ingest.archives import Budget, Packed, is_worth_reading, safe_name

_DATA = "__substg1.0_37010102"
_NAMES = (
    ("__substg1.0_3707001F", "utf-16-le"),
    ("__substg1.0_3707001E", "cp1252"),
    ("__substg1.0_3704001F", "utf-16-le"),
    ("__substg1.0_3704001E", "cp1252"),
)
"""Streams that hold an attachment's name, the long one first."""


def attachments(data: bytes, budget: Budget) -> Iterator[Packed]:
    """Attached files that are worth reading; a damaged mail has none."""
    import olefile

    try:
        mail = olefile.OleFileIO(io.BytesIO(data))
        folders = sorted({p[0] for p in mail.listdir() if p[0].startswith("__attach")})
        for folder in folders:
            name = _name(mail, folder)
            if not is_worth_reading(name) or not mail.exists([folder, _DATA]):
                continue
            content = mail.openstream([folder, _DATA]).read()
            budget.take_member()
            budget.take_bytes(len(content))
            yield Packed(name, content)
    except (OSError, ValueError, IndexError, KeyError):
        return


def _name(mail: object, folder: str) -> str:
    for stream, encoding in _NAMES:
        if mail.exists([folder, stream]):  # type: ignore[attr-defined]
            content: bytes = mail.openstream([folder, stream]).read()  # type: ignore[attr-defined]
            return safe_name(content.decode(encoding, "replace").rstrip("\0"))
    return "?"
