"""Small real documents, written by hand."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OOXML = "http://schemas.openxmlformats.org"
_RELATIONS = f"{_OOXML}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument"


def docx(paragraphs: Sequence[str], title: str = "") -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{escape(p)}</w:t></w:r></w:p>" for p in paragraphs)
    document = (
        f'{_XML}<w:document xmlns:w="{_OOXML}/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    core = (
        f'{_XML}<cp:coreProperties xmlns:cp="{_OOXML}/package/2006/metadata/core-properties"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title>'
        "</cp:coreProperties>"
    )
    return _package(
        {"word/document.xml": document, "docProps/core.xml": core},
        {
            "word/document.xml": f"{_TYPE}.wordprocessingml.document.main+xml",
            "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        },
        {
            "": [
                (f"{_RELATIONS}/officeDocument", "word/document.xml"),
                (
                    f"{_OOXML}/package/2006/relationships/metadata/core-properties",
                    "docProps/core.xml",
                ),
            ]
        },
    )


def pptx(slides: Sequence[Sequence[str]]) -> bytes:
    drawing = f"{_OOXML}/drawingml/2006/main"
    names = [f"ppt/slides/slide{n}.xml" for n in range(1, len(slides) + 1)]
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(1, len(slides) + 1))
    space = f'xmlns:p="{_OOXML}/presentationml/2006/main" xmlns:r="{_RELATIONS}"'
    parts = {
        "ppt/presentation.xml": f"{_XML}<p:presentation {space}><p:sldIdLst>{listed}</p:sldIdLst>"
        "</p:presentation>"
    }
    for name, lines in zip(names, slides, strict=True):
        shapes = "".join(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{n}" name="s{n}"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
            f"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>"
            "</p:txBody></p:sp>"
            for n, line in enumerate(lines, start=2)
        )
        parts[name] = (
            f'{_XML}<p:sld {space} xmlns:a="{drawing}"><p:cSld><p:spTree>'
            '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
            f"<p:grpSpPr/>{shapes}</p:spTree></p:cSld></p:sld>"
        )
    kind = f"{_TYPE}.presentationml"
    return _package(
        parts,
        {"ppt/presentation.xml": f"{kind}.presentation.main+xml"}
        | dict.fromkeys(names, f"{kind}.slide+xml"),
        {
            "": [(f"{_RELATIONS}/officeDocument", "ppt/presentation.xml")],
            "ppt/presentation.xml": [
                (f"{_RELATIONS}/slide", name.removeprefix("ppt/")) for name in names
            ],
        },
    )


def xlsx(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    main = f'xmlns="{_OOXML}/spreadsheetml/2006/main"'
    names = [f"xl/worksheets/sheet{n}.xml" for n in range(1, len(sheets) + 1)]
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(sheets, start=1)
    )
    parts = {
        "xl/workbook.xml": f'{_XML}<workbook {main} xmlns:r="{_RELATIONS}">'
        f"<sheets>{listed}</sheets></workbook>"
    }
    for name, rows in zip(names, sheets.values(), strict=True):
        cells = "".join(
            f'<row r="{r}">'
            + "".join(
                f'<c r="{chr(64 + c)}{r}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
                for c, cell in enumerate(row, start=1)
            )
            + "</row>"
            for r, row in enumerate(rows, start=1)
        )
        parts[name] = f"{_XML}<worksheet {main}><sheetData>{cells}</sheetData></worksheet>"
    kind = f"{_TYPE}.spreadsheetml"
    return _package(
        parts,
        {"xl/workbook.xml": f"{kind}.sheet.main+xml"}
        | dict.fromkeys(names, f"{kind}.worksheet+xml"),
        {
            "": [(f"{_RELATIONS}/officeDocument", "xl/workbook.xml")],
            "xl/workbook.xml": [
                (f"{_RELATIONS}/worksheet", name.removeprefix("xl/")) for name in names
            ],
        },
    )


def pdf(
    pages: Sequence[Sequence[str]], title: str = "", encrypted: bool = False, password: str = ""
) -> bytes:
    """Pages of lines in Helvetica; ASCII only. `encrypted` asks for a password nobody knows."""
    lock = _Lock(password) if password else None
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({title}) >>" if title else "<< >>",
    ]
    for n, lines in enumerate(pages):
        shown = " ".join(f"({line}) Tj 0 -16 Td" for line in lines)
        stream = f"BT /F1 12 Tf 72 720 Td {shown} ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {6 + 2 * n} 0 R >>"
        )
        if lock:
            stream = lock.locked(stream, len(objects) + 1)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    trailer = f"/Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R"
    if encrypted:
        key = "00" * 32
        trailer += (
            f" /ID [<{'11' * 16}> <{'11' * 16}>] /Encrypt << /Filter /Standard /V 2 /R 3"
            f" /Length 128 /P -44 /O <{key}> /U <{key}> >>"
        )
    if lock:
        trailer += lock.entry
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    start = out.tell()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode("ascii"))
    out.write(f"trailer << {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode("ascii"))
    return out.getvalue()


class _Lock:
    """The oldest way of locking a PDF: RC4 with a key of 40 bits (PDF reference 1.4, 3.5)."""

    _PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")

    def __init__(self, password: str) -> None:
        padded = (password.encode() + self._PAD)[:32]
        owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
        rights, name = -44, b"\x11" * 16
        material = padded + owner + rights.to_bytes(4, "little", signed=True) + name
        self._key = hashlib.md5(material).digest()[:5]
        user = _rc4(self._key, self._PAD)
        self.entry = (
            f" /ID [<{name.hex()}> <{name.hex()}>] /Encrypt << /Filter /Standard /V 1 /R 2"
            f" /P {rights} /O <{owner.hex()}> /U <{user.hex()}> >>"
        )

    def locked(self, stream: str, number: int) -> str:
        key = hashlib.md5(self._key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
        return _rc4(key, stream.encode("ascii")).decode("latin-1")


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def odt(paragraphs: Sequence[str], encrypted: bool = False) -> bytes:
    body = "".join(f"<text:p>{escape(p)}</text:p>" for p in paragraphs)
    return _open_document("text", f"<office:text>{body}</office:text>", encrypted)


def ods(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(
            "<table:table-row>"
            + "".join(
                '<table:table-cell office:value-type="string">'
                f"<text:p>{escape(cell)}</text:p></table:table-cell>"
                for cell in row
            )
            + "</table:table-row>"
            for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    body = f"<office:spreadsheet>{tables}</office:spreadsheet>"
    return _open_document("spreadsheet", body)


def odp(slides: Sequence[str], encrypted: bool = False, meta: str = "") -> bytes:
    """Slides of XML within a text box each."""
    pages = "".join(
        f"<draw:page><draw:frame><draw:text-box>{slide}</draw:text-box></draw:frame></draw:page>"
        for slide in slides
    )
    body = f"<office:presentation>{pages}</office:presentation>"
    return _open_document("presentation", body, encrypted, meta)


def _open_document(kind: str, body: str, encrypted: bool = False, meta: str = "") -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    names = {"office": "office", "text": "text", "table": "table", "draw": "drawing"}
    names |= {"manifest": "manifest", "meta": "meta"}
    spaces = " ".join(f'xmlns:{short}="{space}:{name}:1.0"' for short, name in names.items())
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    content = (
        f"{_XML}<office:document-content {spaces}><office:body>{body}</office:body>"
        "</office:document-content>"
    )
    lock = "<manifest:encryption-data/>" if encrypted else ""
    manifest = (
        f'{_XML}<manifest:manifest {spaces}><manifest:file-entry manifest:full-path="content.xml">'
        f"{lock}</manifest:file-entry></manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", bytes(range(256)) if encrypted else content.encode())
        if meta:
            archive.writestr(
                "meta.xml",
                f"{_XML}<office:document-meta {spaces}><office:meta>{meta}</office:meta>"
                "</office:document-meta>",
            )
    return out.getvalue()


def _package(
    parts: Mapping[str, str],
    types: Mapping[str, str],
    relations: Mapping[str, Sequence[tuple[str, str]]],
) -> bytes:
    """An OOXML package; relations are (type, target) by the part they belong to."""
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items()
    )
    space = f"{_OOXML}/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{_XML}<Types xmlns="{space}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        )
        for owner, targets in relations.items():
            folder, _, name = owner.rpartition("/")
            listed = "".join(
                f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
                for n, (kind, target) in enumerate(targets, start=1)
            )
            archive.writestr(
                f"{folder}/_rels/{name}.rels".lstrip("/"),
                f'{_XML}<Relationships xmlns="{space}/relationships">{listed}</Relationships>',
            )
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()
