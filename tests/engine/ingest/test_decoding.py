from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.ingest.decoding import clean, decode

_GERMAN = "Der Bär läuft über die Straße, „schön“ ist das für alle Mütter und Väter."
_RUSSIAN = "Это простой русский текст, записанный в старой кодировке много лет назад."
_JAPANESE = "これは日本語のテキストです。文字コードの検出を試します。"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=50))
def test_that_marked_unicode_comes_back(encoding: str, text: str) -> None:
    text = text.removeprefix("\ufeff")
    assert clean(decode(text.encode(encoding))) == clean(text)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_that_utf_16_without_a_mark_is_seen(encoding: str) -> None:
    assert decode(_GERMAN.encode(encoding)) == _GERMAN


@pytest.mark.parametrize(
    ("text", "encoding"), [(_GERMAN, "cp1252"), (_RUSSIAN, "cp1251"), (_JAPANESE, "shift_jis")]
)
def test_that_old_code_pages_are_recognised(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_that_a_declared_encoding_is_used_where_the_bytes_are_no_utf_8() -> None:
    polish = "Zażółć gęślą jaźń"
    assert decode(polish.encode("cp1250"), "cp1250") == polish
    assert decode(polish.encode("utf-8"), "cp1250") == polish
    assert decode("日本".encode("iso-2022-jp"), "iso-2022-jp") == "日本"
    assert decode(b"plain", "no-such-encoding") == "plain"


def test_that_one_broken_byte_does_not_spoil_a_long_utf_8_text() -> None:
    assert decode((_RUSSIAN * 3).encode() + b"\xff").startswith(_RUSSIAN)


def test_that_zeros_in_a_text_are_dropped() -> None:
    assert clean(decode(b"some\0 text with a few\0 zeros")) == "some text with a few zeros"


def test_that_a_program_with_the_name_of_a_text_is_refused() -> None:
    data = random.Random(1).randbytes(5000)
    with pytest.raises(InvalidInput, match="Not a text file"):
        decode(b"\x7fELF\0\0\0" + data)


def test_that_every_line_end_becomes_the_same() -> None:
    assert clean("a\r\nb\rc\nd\x0ce\u2028f\x85g") == "a\nb\nc\nd\ne\nf\ng"


@given(st.text())
def test_that_clean_text_can_be_stored_anywhere(text: str) -> None:
    cleaned = clean(text + "\ud800\0\r")
    cleaned.encode()
    assert not set(cleaned) & set("\0\r")
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    ["Guten Tag, schöne Welt\n", "Привет, мир. Как дела?\n", "猫はマットの上に座っています。\n"],
)
def test_that_utf_16_without_a_mark_is_read_in_any_script(text: str, encoding: str) -> None:
    assert decode((text * 3).encode(encoding)) == text * 3
