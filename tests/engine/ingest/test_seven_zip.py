from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Mapping, Sequence
from pathlib import Path

import py7zr
import pytest

from engine.errors import InvalidInput
from engine.ingest.archives import Budget, Limits, unpacked
from engine.ingest.extract import Extractor, FileOutcome, MemberOutcome
from engine.ingest.media_types import SEVEN_ZIP
from engine.records import INSIDE, Extracted

_NOISE = b"".join(hashlib.sha512(bytes([n])).digest() for n in range(200))
_MEMBERS = {"a.txt": b"first", "sub/b.md": _NOISE * 100, "c.exe": b"MZ", "d.txt": b"last" * 9000}
_READ = {name: content for name, content in _MEMBERS.items() if name != "c.exe"}
_LZMA = [{"id": py7zr.FILTER_LZMA2, "preset": 1}]
_LOCKED = [*_LZMA, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}]


def packed(
    members: Mapping[str, bytes], method: Sequence[Mapping[str, int]] = _LZMA, password: str = ""
) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(
        out, "w", filters=[dict(step) for step in method], password=password or None
    ) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return out.getvalue()


def read(
    data: bytes, password: str = "", limits: Limits | None = None
) -> tuple[dict[str, bytes | str], str]:
    """Members, each with its content or why it is missing, and why reading ended early."""
    found: dict[str, bytes | str] = {}
    budget = Budget(limits or Limits())
    try:
        for member in unpacked(SEVEN_ZIP, io.BytesIO(data), "x", password, budget):
            content = member.content
            found[member.name] = content if isinstance(content, bytes) else content.title
    except InvalidInput as error:
        return found, error.message
    return found, ""


@pytest.mark.parametrize(
    "method",
    [
        _LZMA,
        [{"id": py7zr.FILTER_LZMA}],
        [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA}],
        [{"id": py7zr.FILTER_DELTA}, *_LZMA],
        [{"id": py7zr.FILTER_BZIP2}],
        [{"id": py7zr.FILTER_DEFLATE}],
        [{"id": py7zr.FILTER_ZSTD, "level": 1}],
        [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}],
        [{"id": py7zr.FILTER_COPY}],
    ],
    ids=["lzma2", "lzma", "x86", "delta", "bzip2", "deflate", "zstd", "ppmd", "copy"],
)
def test_that_members_are_read_however_they_are_packed(method: list[dict[str, int]]) -> None:
    assert read(packed(_MEMBERS, method)) == (_READ, "")


def test_that_members_of_several_streams_are_read() -> None:
    out = io.BytesIO(packed({"a.txt": b"first", "b.txt": b"second"}))
    with py7zr.SevenZipFile(out, "a", filters=_LZMA) as archive:
        archive.writestr(b"third", "c.txt")
    found = {"a.txt": b"first", "b.txt": b"second", "c.txt": b"third"}
    assert read(out.getvalue()) == (found, "")


def test_that_a_locked_archive_opens_with_its_password_alone() -> None:
    data = packed(_MEMBERS, _LOCKED, "open sesame")
    assert read(data, "open sesame") == (_READ, "")
    assert read(data, "wrong") == ({}, "The password given does not open it.")
    assert read(data) == ({}, "It is locked with a password.")


def test_that_a_locked_list_of_members_asks_for_the_password() -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(
        out, "w", filters=_LOCKED, password="open sesame", header_encryption=True
    ) as archive:
        archive.writestr(b"treasure", "map.txt")
    data = out.getvalue()
    assert read(data, "open sesame") == ({"map.txt": b"treasure"}, "")
    assert read(data, "wrong") == ({}, "The password given does not open it.")
    assert read(data) == ({}, "It is locked with a password.")


def test_that_a_password_that_is_not_needed_does_no_harm() -> None:
    assert read(packed(_MEMBERS), "open sesame") == (_READ, "")


@pytest.mark.parametrize("password", ["", "open sesame"])
def test_that_an_archive_cut_anywhere_is_explained(password: str) -> None:
    data = packed(_MEMBERS, _LOCKED if password else _LZMA, password)
    for length in range(0, len(data), len(data) // 30):
        assert read(data[:length], password) == ({}, "The archive is broken.")


def test_that_damage_costs_the_members_from_there_on() -> None:
    copy = [{"id": py7zr.FILTER_COPY}]
    members = {"a.txt": b"first", "b.txt": b"second", "c.txt": b"third"}
    data = packed(members, copy).replace(b"second", b"Second")
    assert read(data) == ({**members, "b.txt": "Damaged"}, "")
    lzma = [{"id": py7zr.FILTER_LZMA}]
    stream = bytearray(packed({"a.txt": _NOISE, "b.exe": _NOISE[::-1], "c.txt": b"third"}, lzma))
    at = 32 + len(_NOISE) * 3 // 2
    stream[at : at + 9] = bytes(9)
    assert read(bytes(stream)) == ({"a.txt": _NOISE, "c.txt": "Damaged"}, "")


@pytest.mark.parametrize("n_bits", [1, 8])
def test_that_every_damaged_byte_is_survived(n_bits: int) -> None:
    data = packed({"a.txt": b"first", "b.txt": _NOISE[:99]})
    for at in range(6, len(data)):
        broken = bytearray(data)
        broken[at] ^= (1 << n_bits) - 1
        read(bytes(broken), limits=Limits(unpacked_bytes=1 << 20))


@pytest.mark.parametrize(
    "method",
    [_LZMA, [{"id": py7zr.FILTER_DEFLATE}], [{"id": py7zr.FILTER_ZSTD, "level": 1}]],
    ids=["lzma2", "deflate", "zstd"],
)
def test_that_a_bomb_ends_at_the_limit_and_not_in_memory(method: list[dict[str, int]]) -> None:
    bomb = packed({"a.txt": b"first", "b.txt": bytes(256 << 20), "c.txt": b"third"}, method)
    assert len(bomb) < 1 << 18
    tracemalloc.start()
    found, why = read(bomb, limits=Limits(unpacked_bytes=32 << 20))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found, why[:30]) == ({"a.txt": b"first"}, "It unpacks to more than 32 MB.")
    assert most < 160 << 20
    assert read(bomb)[0] == {
        "a.txt": b"first",
        "b.txt": "Too large",
        "c.txt": b"third",
    }


def test_that_too_many_members_end_the_reading() -> None:
    data = packed({f"{n}.txt": b"x" for n in range(4)})
    found, why = read(data, limits=Limits(members=2))
    assert (len(found), why) == (2, "It holds more than 2 files. The rest of it was not read.")


def test_that_what_is_not_wanted_counts_as_unpacked_where_it_lies_before() -> None:
    members = {"a.exe": bytes(99), "b.txt": b"x"}
    assert read(packed(members), limits=Limits(unpacked_bytes=99))[0] == {}
    assert read(packed(members), limits=Limits(unpacked_bytes=100))[0] == {"b.txt": b"x"}
    members = {"a.txt": b"x", "b.exe": bytes(99)}
    assert read(packed(members), limits=Limits(unpacked_bytes=1)) == ({"a.txt": b"x"}, "")


def test_that_an_empty_archive_holds_nothing() -> None:
    assert read(packed({})) == ({}, "")


def test_that_the_worker_reads_what_lies_within_and_within_that(tmp_path: Path) -> None:
    inner = packed({"c.txt": b"Third words"})
    path = tmp_path / "x.7z"
    path.write_bytes(packed({"a.txt": b"First words", "b.7z": inner, "d.txt": b"Last words"}))
    with Extractor() as extractor:
        *within, whole = extractor.extract_many([path])
    assert isinstance(whole, FileOutcome) and whole.outcome is None and whole.complete
    found = {}
    for outcome in within:
        assert isinstance(outcome, MemberOutcome) and isinstance(outcome.outcome, Extracted)
        found[outcome.member.inside] = outcome.outcome.text
    assert found == {
        "a.txt": "First words",
        f"b.7z{INSIDE}c.txt": "Third words",
        "d.txt": "Last words",
    }


def test_that_names_are_only_names() -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=_LZMA) as archive:
        archive.writestr(b"x", "x.txt")
        archive.header.files_info.files[0]["filename"] = "../../etc\\x.txt"
    assert read(out.getvalue()) == ({"../../etc/x.txt": b"x"}, "")
