from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping

import pytest

from engine.errors import InvalidInput
from engine.ingest.archives import Budget, Limits, unpacked
from engine.ingest.media_types import BZIP2, GZIP, SEVEN_ZIP, TAR, XZ, ZIP

_MEMBERS = {"a.txt": b"first", "sub/b.md": b"second"}


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def read(
    kind: str, data: bytes, name: str = "x", limits: Limits | None = None
) -> tuple[dict[str, bytes | str], str]:
    """Members, each with its content or why it is missing, and why reading ended early."""
    found: dict[str, bytes | str] = {}
    try:
        for packed in unpacked(kind, io.BytesIO(data), name, "", Budget(limits or Limits())):
            content = packed.content
            found[packed.name] = content if isinstance(content, bytes) else content.title
    except InvalidInput as error:
        return found, error.title
    return found, ""


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (ZIP, zipped(_MEMBERS)),
        (TAR, tarred(_MEMBERS)),
        (GZIP, gzip.compress(tarred(_MEMBERS))),
        (BZIP2, bz2.compress(tarred(_MEMBERS))),
        (XZ, lzma.compress(tarred(_MEMBERS))),
        (TAR, lzma.compress(tarred(_MEMBERS))),
    ],
    ids=["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "txz"],
)
def test_that_members_are_read(kind: str, data: bytes) -> None:
    assert read(kind, data) == (_MEMBERS, "")


def test_that_a_file_packed_alone_goes_by_the_archives_name() -> None:
    assert read(GZIP, gzip.compress(b"words"), "notes.txt.gz") == ({"notes.txt": b"words"}, "")
    assert read(GZIP, gzip.compress(b"MZ"), "program.exe.gz") == ({}, "")


def test_that_names_are_only_names() -> None:
    names = ["../../etc/x.txt", "/abs.txt", "C:\\win.txt", "./a//b.txt", "n\0ul.txt", "l\nine.txt"]
    found, reason = read(TAR, tarred(dict.fromkeys(names, b"x")))
    assert reason == ""
    assert set(found) >= {"../../etc/x.txt", "/abs.txt", "C:/win.txt", "a/b.txt", "l ine.txt"}


def test_that_what_a_folder_would_leave_out_is_left_out() -> None:
    names = ["__MACOSX/a.txt", ".git/b.txt", "node_modules/x/c.md", ".hidden.txt", "d.exe", "e.txt"]
    assert set(read(ZIP, zipped(dict.fromkeys(names, b"x")))[0]) == {"e.txt"}


def test_that_links_and_devices_are_no_files() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"{kind!r}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert read(TAR, out.getvalue()) == ({}, "")


@pytest.mark.parametrize("kind", [ZIP, TAR, GZIP, BZIP2, XZ, SEVEN_ZIP])
@pytest.mark.parametrize("data", [b"PK\x03\x04 garbage", b"\x1f\x8b\x08 garbage" * 9])
def test_that_what_is_no_archive_says_so(kind: str, data: bytes) -> None:
    assert read(kind, data)[1] == "Damaged"


@pytest.mark.parametrize("data", [zipped(_MEMBERS), tarred(_MEMBERS)], ids=["zip", "tar"])
def test_that_an_archive_cut_anywhere_is_read_or_explained(data: bytes) -> None:
    for kind in (ZIP, TAR):
        for length in range(0, len(data), max(1, len(data) // 50)):
            assert read(kind, data[:length])[1] in ("", "Damaged")


def test_that_a_bomb_is_refused_and_its_neighbours_are_read() -> None:
    bomb = zipped({"a.txt": b"first", "bomb.txt": bytes(40 << 20), "c.txt": b"third"})
    assert len(bomb) < 1 << 17
    assert read(ZIP, bomb) == (
        {"a.txt": b"first", "bomb.txt": "Unpacks to far too much", "c.txt": b"third"},
        "",
    )
    assert read(GZIP, gzip.compress(bytes(40 << 20)), "bomb.txt.gz")[0] == {
        "bomb.txt": "Unpacks to far too much"
    }


@pytest.mark.parametrize(
    "limits", [Limits(members=2), Limits(unpacked_bytes=25)], ids=["members", "bytes"]
)
@pytest.mark.parametrize("pack", [zipped, tarred], ids=["zip", "tar"])
def test_that_what_was_read_before_a_limit_is_kept(
    limits: Limits, pack: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    data = pack({f"{n}.txt": b"ten bytes." for n in range(4)})
    found, reason = read(ZIP if pack is zipped else TAR, data, limits=limits)
    assert (len(found), reason) == (2, "Holds too much")


def test_that_a_member_that_is_too_large_is_told_of() -> None:
    limits = Limits(member_bytes=10)
    members = {"a.txt": b"x" * 11, "b.txt": b"x"}
    assert read(ZIP, zipped(members), limits=limits)[0] == {"a.txt": "Too large", "b.txt": b"x"}
