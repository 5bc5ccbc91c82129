"""Files made to do harm: each is read or explained, in little memory, and the next one is read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.ingest.extract import Extractor, FileOutcome
from tests.engine.ingest import sample_files

_MIB = 1 << 20


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(timeout_s=20, memory_mb=1024) as extractor:
        yield extractor


def with_part(package: bytes, name: str, content: bytes) -> bytes:
    """An office file with one part replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return out.getvalue()


def laughs() -> bytes:
    """XML that says ten to the ninth words in a kilobyte."""
    entities = '<!ENTITY a0 "lol">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return (
        f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><w:document xmlns:w="{space}"><w:body>'
        "<w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:body></w:document>"
    ).encode()


def looping_pdf() -> bytes:
    """Pages that are their own children, and a table of places that leads to itself."""
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 /Parent 2 0 R >>\nendobj\n"
        b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n"
        b"trailer << /Size 3 /Root 1 0 R /Prev 130 >>\nstartxref\n130\n%%EOF\n"
    )


def nested(depth: int) -> bytes:
    data, name = b"deep inside", "x.txt"
    for n in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, data)
        data, name = out.getvalue(), f"{n}.zip"
    return data


_DOCX = sample_files.docx(["text"])
_FILES = {
    "bomb.docx": with_part(
        _DOCX, "word/document.xml", b"<w:document>" + b"<w:p>" * (60 * _MIB // 5)
    ),
    "spaces.docx": with_part(_DOCX, "word/document.xml", b" " * (200 * _MIB)),
    "laughs.docx": with_part(_DOCX, "word/document.xml", laughs()),
    "laughs.xml": laughs(),
    "loop.pdf": looping_pdf(),
    "nulls.txt": bytes(10 * _MIB),
    "nulls_between.txt": b"a few words\0" * 1000,
    "line.txt": b"word " * (2 * _MIB),
    "line_without_spaces.txt": b"x" * (10 * _MIB),
    "line.md": b"#" * (5 * _MIB),
    "line.html": b"<" * (2 * _MIB),
    "deep.html": b"<div>" * 200_000,
    "deep.json": b"[" * _MIB,
    "deep.eml": b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(2000)
    ),
    "deep.zip": nested(50),
    "line.csv": b"question,answer\n" + b'"' * (2 * _MIB),
    "times.srt": b"00:00:00,000 --> " * 100_000,
}


@pytest.mark.parametrize("name", _FILES)
def test_that_a_hostile_file_is_read_or_explained(
    extractor: Extractor, tmp_path: Path, name: str
) -> None:
    hostile, harmless = tmp_path / name, tmp_path / "after.txt"
    hostile.write_bytes(_FILES[name])
    harmless.write_text("all is well")
    outcomes = [
        o for o in extractor.extract_many([hostile, harmless]) if isinstance(o, FileOutcome)
    ]
    assert [o.path for o in outcomes] == [hostile, harmless]
    assert not isinstance(outcomes[1].outcome, EngineError)
    if isinstance(outcomes[0].outcome, EngineError):
        assert outcomes[0].outcome.title and outcomes[0].outcome.message
        print(name, outcomes[0].outcome.title)
