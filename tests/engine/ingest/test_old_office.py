"""Files of office programs before 2007, and mails of Outlook: streams in a compound file."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from engine.errors import InvalidInput, WorkerFailed
from engine.ingest.archives import Budget, Packed
from engine.ingest.extract import Extractor, FileOutcome
from engine.ingest.media_types import media_type
from engine.ingest.outlook import attachments
from engine.ingest.reading import Effort, read_content
from engine.records import Extracted
from tests.engine.ingest.compound_file import compound_file


def read(name: str, data: bytes) -> Extracted:
    kind = media_type(name)
    assert kind is not None
    return read_content(PurePosixPath(name), kind, data, Effort()).extracted


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def doc(text: str) -> bytes:
    """A Word document (MS-DOC) of one piece of text; paragraphs end with a carriage return."""
    at, raw = 1536, _utf16(text)
    head = bytearray(at)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<HH", head, 10, 0x0200, 0xBF)
    struct.pack_into("<II", head, 24, at, at + len(raw))
    struct.pack_into("<H", head, 32, 14)
    struct.pack_into("<Hi", head, 62, 22, at + len(raw))
    struct.pack_into("<i", head, 76, len(text))
    struct.pack_into("<H", head, 152, 93)
    pieces = struct.pack("<IIHIH", 0, len(text), 0, at, 0)
    table = struct.pack("<BI", 2, len(pieces)) + pieces
    struct.pack_into("<II", head, 0x1A2, 0, len(table))
    return compound_file({"WordDocument": bytes(head) + raw, "1Table": table})


def ppt(slides: Sequence[str]) -> bytes:
    """A presentation (MS-PPT) with one text on each slide."""

    def record(version: int, kind: int, content: bytes) -> bytes:
        return struct.pack("<HHI", version, kind, len(content)) + content

    said = b"".join(record(0, 0x0FA0, _utf16(slide)) for slide in slides)
    document = record(0xF, 0x03E8, record(1, 0x03E9, bytes(40)) + record(0xF, 0x0FF0, said))
    return compound_file({"Current User": bytes(20), "PowerPoint Document": document})


def xls(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook (MS-XLS) of texts."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def begun(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    bodies = []
    for rows in sheets.values():
        cells = b"".join(
            record(0x0204, struct.pack("<HHHHB", r, c, 0, len(cell), 1) + _utf16(cell))
            for r, row in enumerate(rows)
            for c, cell in enumerate(row)
        )
        bodies.append(begun(0x10) + cells + record(0x0A, b""))
    named = [struct.pack("<HBB", 0, len(name), 1) + _utf16(name) for name in sheets]
    at = len(begun(0x05)) + sum(8 + len(name) for name in named) + 4
    book = begun(0x05)
    for name, body in zip(named, bodies, strict=True):
        book += record(0x85, struct.pack("<I", at) + name)
        at += len(body)
    return compound_file({"Workbook": book + record(0x0A, b"") + b"".join(bodies)})


def msg(subject: str, body: str, sender: str, attached: Mapping[str, bytes]) -> bytes:
    """A mail of Outlook (MS-OXMSG)."""
    texts = {0x001A: "IPM.Note", 0x0037: subject, 0x1000: body, 0x0C1A: sender}
    streams = {f"__substg1.0_{tag:04X}001F": _utf16(text) for tag, text in texts.items()}
    entries = [struct.pack("<HHIII", 0x1F, tag, 6, 2 * len(t) + 2, 0) for tag, t in texts.items()]
    streams["__properties_version1.0"] = bytes(32) + b"".join(entries)
    for n, (name, content) in enumerate(attached.items()):
        folder = f"__attach_version1.0_#{n:08X}"
        streams[f"{folder}/__properties_version1.0"] = bytes(8)
        streams[f"{folder}/__substg1.0_37010102"] = content
        streams[f"{folder}/__substg1.0_3707001F"] = _utf16(name)
    return compound_file(streams)


_MAIL = msg("Harbour talk", "The crane is broken.\r\nCome & see.", "Ann", {"note.txt": b"words"})


def test_that_an_old_word_document_is_read() -> None:
    extracted = read("x.doc", doc("The harbour\rВторой абзац: R&D <at> sea.\r"))
    assert extracted.text == "The harbour\nВторой абзац: R&D <at> sea."
    assert extracted.title == "The harbour"


def test_that_an_old_presentation_is_read() -> None:
    extracted = read("x.ppt", ppt(["On whales", "R&D <at> sea"]))
    assert extracted.text == "On whales\n\nR&D <at> sea"
    assert extracted.title == "On whales"


def test_that_sheets_of_an_old_workbook_are_pages() -> None:
    extracted = read("x.xls", xls({"Costs": [["Item", "Price"], ["R&D", "3"]], "Ещё": [["x"]]}))
    assert extracted.text == "Costs\nItem\tPrice\nR&D\t3\n\nЕщё\nx"
    assert [page.name for page in extracted.pages] == ["Costs", "Ещё"]
    assert extracted.unit == "sheet"


def test_that_a_mail_of_outlook_is_read_with_what_is_attached() -> None:
    extracted = read("x.msg", _MAIL)
    assert extracted.title == "Harbour talk"
    assert extracted.author == "Ann"
    assert extracted.text.endswith("The crane is broken.\nCome & see.")
    assert list(attachments(_MAIL, Budget())) == [Packed("note.txt", b"words")]


def test_that_an_old_file_cut_anywhere_is_read_or_explained(tmp_path: Path) -> None:
    whole = {
        "doc": doc("Some words\r" * 300),
        "ppt": ppt(["Some words"] * 300),
        "xls": xls({"A": [["some", "words"]] * 100}),
        "msg": _MAIL,
    }
    paths = []
    for ending, data in whole.items():
        for length in range(0, len(data), len(data) // 30):
            path = tmp_path / f"{length}.{ending}"
            path.write_bytes(data[:length])
            paths.append(path)
    # In a process of its own, for some end their parser in a panic.
    with Extractor() as extractor:
        outcomes = [o for o in extractor.extract_many(paths) if isinstance(o, FileOutcome)]
    assert [outcome.path for outcome in outcomes] == paths
    reasons = {o.outcome.title for o in outcomes if isinstance(o.outcome, InvalidInput)}
    assert reasons <= {"Damaged", "No text found"}
    assert not any(isinstance(outcome.outcome, WorkerFailed) for outcome in outcomes)
