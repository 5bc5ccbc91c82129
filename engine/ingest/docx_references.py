"""Keep `&`, `<` and `>` in Word documents and FictionBooks, in whose text kreuzberg 4 loses them.

Its XML reader hands over references (`&amp;`, `&#233;`) apart from the text around them. Its
reader of Word documents drops them: `R&D` becomes `RD` (xberg-io/xberg issue 1242 on GitHub,
mended in its successor); that of FictionBooks ends a title there, and knows UTF-8 alone. So
references are replaced by characters that stand for them before it reads, and put back after.
Other formats are not affected.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from engine.ingest.decoding import decode

_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]{0,200}\?>")
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["']([\w.-]{1,40})["']""")
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


def plain_book(book: bytes) -> bytes:
    """A FictionBook as UTF-8, with stand-ins for references; raises InvalidInput if it is binary.

    Its encoding is the one declared: a detector may err, and many are in Cyrillic code pages.
    """
    declaration = _DECLARATION.match(book)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    declared = encoding[1].decode() if encoding else ""
    text = _DECLARATION.sub(b"", decode(book, declared).lstrip("\ufeff").encode(), count=1)
    return _REFERENCE.sub(_stand_in, text)


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
