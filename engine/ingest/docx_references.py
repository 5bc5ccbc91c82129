"""Keep `&`, `<` and `>` in Word documents, which kreuzberg 4 leaves out of their text.

Its XML reader hands over references (`&amp;`, `&#233;`) apart from the text around them, and its
reader of Word documents drops them: `R&D` becomes `RD` (xberg-io/xberg issue 1242 on GitHub,
mended in its successor). So references are replaced by characters that stand for them before it
reads, and put back after. Other formats are not affected.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

_REFERENCE = re.compile(rb"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_NAMED = {b"amp": "&", b"lt": "<", b"gt": ">", b"quot": '"', b"apos": "'"}
_STAND_INS = {mark: chr(0x10FF00 + ord(mark)) for mark in _NAMED.values()}
"""For what may not stand in XML as it is; from a private plane that no font uses."""
_BACK = {ord(stand_in): mark for mark, stand_in in _STAND_INS.items()}
_LARGEST = 300 << 20
"""Unpacked bytes: a larger document is left to the parser and its own limits."""


def without_references(docx: bytes) -> bytes:
    """The same document with stand-ins for references; damaged ones are returned as they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > _LARGEST:
                return docx
            parts = {entry.filename: archive.read(entry) for entry in entries}
    except (
        zipfile.BadZipFile,
        OSError,
        RuntimeError,
        ValueError,
        NotImplementedError,
        EOFError,
        zlib.error,
    ):
        return docx
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            if name.endswith(".xml") and name.startswith(("word/", "docProps/")):
                content = _REFERENCE.sub(_stand_in, content)
            archive.writestr(name, content)
    return out.getvalue()


def with_marks(text: str) -> str:
    """What was read, with the marks back in place of their stand-ins."""
    return text.translate(_BACK) if any(mark in text for mark in _STAND_INS.values()) else text


def _stand_in(reference: re.Match[bytes]) -> bytes:
    named, decimal, hexadecimal = reference.groups()
    if named:
        letter = _NAMED[named]
    else:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or (code < 32 and code not in (9, 10, 13)):
            return b" "
        letter = chr(code)
    return _STAND_INS.get(letter, letter).encode()
