"""Files of each format, read in this process as the worker reads them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.ingest.media_types import media_type
from engine.ingest.reading import Effort, read_content
from engine.records import Extracted
from tests.engine.ingest import sample_files

_HARD = 'R&D <at> "AT&T" & é'


def read_file(path: Path, password: str = "") -> Extracted:
    kind = media_type(path)
    assert kind is not None
    effort = Effort(password=password)
    return read_content(path, kind, path.read_bytes(), effort).extracted


def read(path: Path, data: bytes) -> Extracted:
    path.write_bytes(data)
    extracted = read_file(path)
    for page in extracted.pages:
        shown = extracted.text[page.start : page.end]
        assert shown and shown == shown.strip()
    return extracted


def reason(path: Path) -> str:
    """Why a file cannot be read, empty where it can."""
    try:
        read_file(path)
    except InvalidInput as error:
        return error.title
    return ""


def pages_of(extracted: Extracted) -> dict[int, str]:
    return {page.number: extracted.text[page.start : page.end] for page in extracted.pages}


def test_that_a_pdf_is_read_by_page(tmp_path: Path) -> None:
    data = sample_files.pdf([["First line", "second line"], [], ["Third page"]], "On Whales")
    extracted = read(tmp_path / "x.pdf", data)
    assert extracted.title == "On Whales"
    assert extracted.media_type == "application/pdf"
    assert pages_of(extracted) == {1: "First line\nsecond line", 3: "Third page"}


def test_that_words_broken_at_the_end_of_a_line_are_made_whole(tmp_path: Path) -> None:
    data = sample_files.pdf([["We are con-", "firming that Alsace-", "Lorraine is there."]])
    text = read(tmp_path / "x.pdf", data).text
    assert text == "We are confirming that Alsace-Lorraine is there."


def test_that_slides_are_pages(tmp_path: Path) -> None:
    data = sample_files.pptx([["Start", _HARD], ["Second"]])
    extracted = read(tmp_path / "x.pptx", data)
    assert pages_of(extracted) == {1: f"Start\n\n{_HARD}", 2: "Second"}
    assert extracted.title == "Start"


def test_that_sheets_are_pages_under_their_name(tmp_path: Path) -> None:
    data = sample_files.xlsx({"Costs": [["Item", "Price"], [_HARD, "3"]], "More": [["x"]]})
    extracted = read(tmp_path / "my_sheets.xlsx", data)
    assert pages_of(extracted) == {1: f"Costs\nItem\tPrice\n{_HARD}\t3", 2: "More\nx"}
    assert extracted.title == "my sheets"


def test_that_a_word_document_keeps_its_marks(tmp_path: Path) -> None:
    extracted = read(tmp_path / "x.docx", sample_files.docx(["A heading", _HARD], "Q&A session"))
    assert extracted == Extracted("Q&A session", f"A heading\n\n{_HARD}", extracted.media_type)


def test_that_an_open_document_is_read(tmp_path: Path) -> None:
    extracted = read(tmp_path / "x.odt", sample_files.odt(["Some heading", _HARD]))
    assert extracted.text == f"Some heading\n\n{_HARD}"
    assert extracted.title == "Some heading"


def test_that_sheets_of_an_open_document_are_pages(tmp_path: Path) -> None:
    data = sample_files.ods({"Costs": [["Item", "Price"], [_HARD, "3"]], "More": [["x"]]})
    extracted = read(tmp_path / "x.ods", data)
    assert pages_of(extracted) == {1: f"Costs\nItem\tPrice\n{_HARD}\t3", 2: "More\nx"}
    assert (extracted.unit, extracted.pages[0].name) == ("sheet", "Costs")


def test_that_slides_of_an_open_document_are_pages(tmp_path: Path) -> None:
    slides = [
        "<text:h>Start &amp; go</text:h><text:p>a<text:s text:c='2'/>b<text:tab/>c"
        " <text:span>d</text:span>e<text:line-break/>f</text:p>",
        "",
        "<text:p>outer <draw:frame><text:p>inner</text:p></draw:frame> again</text:p>",
    ]
    meta = "<dc:title>On &lt;whales&gt;</dc:title><meta:initial-creator>Ann</meta:initial-creator>"
    meta += "<meta:creation-date>2020-05-31T10:00:00</meta:creation-date>"
    extracted = read(tmp_path / "x.odp", sample_files.odp(slides, meta=meta))
    assert pages_of(extracted) == {1: "Start & go\na  b\tc de\nf", 3: "inner\nouter  again"}
    assert (extracted.unit, extracted.title) == ("slide", "On <whales>")
    assert extracted.author == "Ann" and extracted.created_at


def test_that_an_open_document_that_stands_for_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.odp"
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "{"words " * 100}">{entities}]><x>&e12;</x>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("content.xml", bomb)
    assert reason(path) == "Damaged"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
def test_that_a_fiction_book_is_read(tmp_path: Path, encoding: str) -> None:
    book = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>'
        "<author><first-name>Герман</first-name><last-name>Мелвилл</last-name></author>"
        "<book-title>Моби &amp; Дик</book-title><lang>ru</lang></title-info></description><body>"
        "<section><title><p>Глава 1</p></title><p>Зовите меня Измаил &#38; &lt;Ко&gt;.</p>"
        "</section></body></FictionBook>"
    )
    extracted = read(tmp_path / "x.fb2", book.encode(encoding))
    assert extracted.text == "Глава 1\n\nЗовите меня Измаил & <Ко>."
    assert (extracted.title, extracted.author) == ("Моби & Дик", "Герман Мелвилл")
    assert extracted.language == "ru"


def test_that_rich_text_in_a_cyrillic_code_page_is_read(tmp_path: Path) -> None:
    data = rb"{\rtf1\ansi\ansicpg1251 Hello \u1055?\u1088?\par \'cf\'f0\par}"
    assert read(tmp_path / "x.rtf", data).text == "Hello Пр\n\nПр"


def test_that_rich_text_is_read(tmp_path: Path) -> None:
    extracted = read(tmp_path / "x.rtf", rb"{\rtf1\ansi Hello {\b bold} caf\'e9.\par}")
    assert extracted.text == "Hello bold café."


def test_that_a_book_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.epub", "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
        )
        book.writestr(
            "c.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Moby &amp; Dick</dc:title>'
            '</metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
            '</manifest><spine><itemref idref="a"/></spine></package>',
        )
        book.writestr(
            "a.xhtml",
            '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Loomings</h1>'
            "<p>Call me Ishmael &amp; co.</p></body></html>",
        )
    extracted = read_file(tmp_path / "x.epub")
    assert extracted.title == "Moby & Dick"
    assert extracted.text == "Loomings\n\nCall me Ishmael & co."


def test_that_a_notebook_is_read(tmp_path: Path) -> None:
    cells = '[{"cell_type": "markdown", "metadata": {}, "source": ["# Whales\\n", "Text"]}]'
    data = f'{{"cells": {cells}, "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    assert "Whales" in read(tmp_path / "x.ipynb", data.encode()).text


def test_that_a_pdf_with_the_name_of_a_word_document_is_read(tmp_path: Path) -> None:
    assert read(tmp_path / "x.docx", sample_files.pdf([["Hello"]])).text == "Hello"


def test_that_sheets_slides_and_pages_say_what_they_are(tmp_path: Path) -> None:
    sheets = read(tmp_path / "x.xlsx", sample_files.xlsx({"Costs": [["1", "2"]], "": [["x"]]}))
    assert (sheets.unit, sheets.pages[0].name) == ("sheet", "Costs")
    assert read(tmp_path / "x.pptx", sample_files.pptx([["Start"]])).unit == "slide"
    assert read(tmp_path / "x.pdf", sample_files.pdf([["Start"]])).unit == "page"
    assert read(tmp_path / "x.docx", sample_files.docx(["Start"])).unit == ""


def test_that_an_office_file_opens_with_its_password(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    secret = [hashlib.sha512(bytes([n])).hexdigest() for n in range(100)]
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(sample_files.docx(secret))).encrypt("open sesame", locked)
    path = tmp_path / "x.docx"
    path.write_bytes(locked.getvalue())
    assert read_file(path, "open sesame").text.startswith(secret[0])
    with pytest.raises(InvalidInput, match="The password given does not open it"):
        read_file(path, "wrong")
    with pytest.raises(InvalidInput, match="It is locked"):
        read_file(path)


def test_that_a_pdf_opens_with_its_password(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(sample_files.pdf([["About treasure"]], password="open sesame"))
    assert read_file(path, "open sesame").text == "About treasure"
    with pytest.raises(InvalidInput, match="The password given does not open it"):
        read_file(path, "wrong")


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("x.pdf", sample_files.pdf([["x"]], encrypted=True), "Needs a password"),
        ("x.odt", sample_files.odt(["x"], encrypted=True), "Needs a password"),
        ("x.odp", sample_files.odp(["x"], encrypted=True), "Needs a password"),
        ("x.odp", b"PK\x03\x04 garbage", "Damaged"),
        ("x.odp", sample_files.odp([""]), "No text found"),
        (
            "x.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "Needs a password",
        ),
        ("x.pdf", b"%PDF-1.4\n garbage", "Damaged"),
        ("x.docx", sample_files.docx(["text"])[:-100], "Damaged"),
        ("x.pptx", b"PK\x03\x04 garbage", "Damaged"),
        ("x.docx", sample_files.docx([]), "No text found"),
        ("x.txt", b" \r\n\t", "No text found"),
        ("x.txt", bytes(range(256)) * 10, "Not a text file"),
    ],
)
def test_that_what_cannot_be_read_says_why(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert reason(path) == expected


@pytest.mark.parametrize(
    "data",
    [
        sample_files.pdf([["First line"], ["Second page"]], "Title"),
        sample_files.docx(["Some text", "more & more"]),
        sample_files.pptx([["Start"], ["End"]]),
        sample_files.xlsx({"A": [["1", "2"]]}),
        sample_files.odp(["<text:p>Start</text:p>"]),
    ],
    ids=["pdf", "docx", "pptx", "xlsx", "odp"],
)
def test_that_a_file_cut_anywhere_is_read_or_explained(
    tmp_path: Path, data: bytes, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / f"x.{request.node.callspec.id}"
    for length in range(0, len(data), max(1, len(data) // 40)):
        path.write_bytes(data[:length])
        assert reason(path) in ("", "Damaged", "No text found", "Needs a password")
