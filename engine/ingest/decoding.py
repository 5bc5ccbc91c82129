"""From bytes to text, whatever they were written as, and text without what nobody can read."""

from __future__ import annotations

import codecs
import re
from unicodedata import category

from engine.errors import InvalidInput

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEVEN_BIT = ("iso-2022", "hz", "utf-7")
_SAMPLE = 1 << 16
_WESTERN_SHARE = 0.15
"""Of non-ASCII bytes: below it, text that is no UTF-8 is taken for Western European."""
_UNREADABLE_SHARE = 0.1
_RARE_LINE_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
_NOISE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")


def decode(data: bytes, declared: str = "") -> str:
    """Text of unknown encoding, as it is declared if that works.

    Tries in turn: byte order mark, UTF-8, what is declared, UTF-16 without a mark, then guesses.
    Raises InvalidInput where the bytes are no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    zeros = data[:_SAMPLE].count(0)
    if zeros:
        return _decode_with_zeros(data, zeros)
    # UTF-8 goes before what is declared, save the 7-bit encodings, which pass for it.
    if declared.lower().startswith(_SEVEN_BIT):
        encodings = (declared, "utf-8")
    else:
        encodings = ("utf-8", declared)
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except (LookupError, ValueError):
            continue
    return _guess(data)


def clean(text: str) -> str:
    r"""The same text with `\n` for every line end, no control characters, no lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOISE.sub("", _RARE_LINE_ENDS.sub("\n", text))


def _decode_with_zeros(data: bytes, zeros: int) -> str:
    """UTF-16 without a byte order mark, or ASCII with a few zero bytes in it."""
    sample = data[:_SAMPLE]
    in_odd, in_even = sample[1::2].count(0), sample[0::2].count(0)
    as_utf16 = "utf-16-le" if in_odd >= in_even else "utf-16-be"
    if zeros > len(sample) // 5 or (not min(in_odd, in_even) and _is_text(sample, as_utf16)):
        text = data.decode(as_utf16, "replace")
    else:
        text = data.decode("utf-8", "replace")
    sample_text = text[:_SAMPLE]
    unreadable = sample_text.count("\ufffd") + len(_NOISE.findall(sample_text))
    if unreadable > _UNREADABLE_SHARE * len(sample_text):
        raise InvalidInput(
            "Not a text file",
            "Its name says that it is text, but its content is something else.",
            "Open it with the program that made it, and save it as another type.",
        )
    return text


def _is_text(sample: bytes, encoding: str) -> bool:
    """Whether bytes are letters and marks in an encoding: what is not Latin has few zero bytes."""
    text = sample[: len(sample) // 2 * 2].decode(encoding, "replace")
    readable = sum(letter in "\t\n\r" or category(letter)[0] in "LMNPZ" for letter in text)
    return readable > (1 - _UNREADABLE_SHARE) * len(text)


def _guess(data: bytes) -> str:
    """Text that is no UTF-8. A detector is only asked where the text is mostly not ASCII.

    In a Western text, accents are rare, and a detector confuses the European code pages there.
    """
    sample = data[:_SAMPLE]
    n_other = len(sample.translate(None, bytes(range(128))))
    if n_other >= _WESTERN_SHARE * len(sample):
        from charset_normalizer import from_bytes

        best = from_bytes(sample).best()
        if best is not None:
            return data.decode(best.encoding, "replace")
    # One broken byte in a long UTF-8 text is no reason to misread the rest of it.
    as_utf8 = data.decode("utf-8", "replace")
    if as_utf8.count("\ufffd") * 20 < sum(letter > "\x7f" for letter in as_utf8[:_SAMPLE]):
        return as_utf8
    return data.decode("cp1252", "replace")
