"""Pictures in documents are documents of their own, found again by their name."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile

import pytest
from PIL import Image

from engine.ingest.archives import Budget
from engine.ingest.members import member
from engine.ingest.pictures_inside import pictures_inside
from tests.engine.ingest import sample_files
from tests.engine.ingest.one_root import Library
from tests.photographs import encoded, mean_colour, scene

_PHOTO = encoded(scene(1))
_CHART = encoded(scene(2), "PNG")
_ICON = encoded(scene(3, (64, 64)), "PNG")
_RULE = encoded(Image.new("RGB", (600, 100), "navy"), "PNG")


def package(parts: dict[str, bytes], base: bytes = b"") -> bytes:
    """An office file with these parts beside those of another."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        if base:
            with zipfile.ZipFile(io.BytesIO(base)) as old:
                for name in old.namelist():
                    new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def docx(**pictures: bytes) -> bytes:
    media = {f"word/media/{name.replace('_', '.')}": data for name, data in pictures.items()}
    return package(media, sample_files.docx(["Minutes of the meeting"]))


def pdf(*pages: list[tuple[bytes, tuple[float, float]]]) -> bytes:
    """A PDF of pages 600 by 800 points, each with pictures of these widths and heights."""
    import pypdfium2
    from pypdfium2.raw import FPDFPage_GenerateContent

    document = pypdfium2.PdfDocument.new()
    for pictures in pages:
        page = document.new_page(600, 800)
        for data, (width, height) in pictures:
            image = pypdfium2.PdfImage.new(document)
            if data.startswith(b"\xff\xd8"):
                image.load_jpeg(io.BytesIO(data), inline=True)
            else:
                with Image.open(io.BytesIO(data)) as opened:
                    image.set_bitmap(pypdfium2.PdfBitmap.from_pil(opened))
            image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
            page.insert_obj(image)
        FPDFPage_GenerateContent(page)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def names(data: bytes) -> list[str]:
    return [picture.name for picture in pictures_inside(data, Budget())]


def test_that_pictures_of_an_office_file_go_by_their_path_there() -> None:
    assert names(docx(image1_jpeg=_PHOTO, image2_png=_CHART)) == [
        "word/media/image1.jpeg",
        "word/media/image2.png",
    ]


def test_that_decorations_and_repetitions_are_left_out() -> None:
    data = docx(a_png=_CHART, icon_png=_ICON, rule_png=_RULE, again_png=_CHART, torn_png=b"\x89PNG")
    assert names(data) == ["word/media/a.png"]
    thumbnail = package({"docProps/thumbnail.jpeg": _PHOTO, "Thumbnails/thumbnail.png": _CHART})
    assert names(thumbnail) == []


def test_that_pictures_of_a_pdf_go_by_their_page() -> None:
    data = pdf([], [(_PHOTO, (300, 200)), (_CHART, (200, 150))], [(_PHOTO, (90, 60))])
    found = list(pictures_inside(data, Budget()))
    assert [picture.name for picture in found] == [
        "page 2, picture 1.jpg",
        "page 2, picture 2.png",
    ]
    assert found[0].content == _PHOTO
    assert isinstance(found[1].content, bytes)
    assert mean_colour(found[1].content) == pytest.approx(mean_colour(_CHART), abs=2)


def test_that_a_scanned_page_is_no_picture_on_it() -> None:
    strips = [(encoded(scene(n, (600, 100))), (600.0, 100.0)) for n in range(8)]
    assert names(pdf([(_PHOTO, (600, 800))], strips)) == []


def test_that_pictures_of_old_slides_are_found() -> None:
    records = b"".join(
        struct.pack("<HHI", 0x46A0, kind, 17 + len(data)) + bytes(17) + data
        for kind, data in ((0xF01D, _PHOTO), (0xF01E, _CHART))
    )
    from tests.engine.ingest.compound_file import compound_file

    found = list(pictures_inside(compound_file({"Pictures": records}), Budget()))
    assert [picture.content for picture in found] == [_PHOTO, _CHART]


def test_that_no_more_than_some_hundreds_are_taken() -> None:
    data = package({f"Pictures/{n}.jpg": encoded(scene(n, (120, 120))) for n in range(210)})
    assert len(names(data)) == 200


def test_that_a_picture_is_found_again_by_name_and_content() -> None:
    packed = package({"minutes.docx": docx(a_jpg=_PHOTO)})
    place = "minutes.docx!/word/media/a.jpg"
    key = hashlib.sha256(_PHOTO).hexdigest()
    assert member(io.BytesIO(packed), "box.zip", place, key) == _PHOTO
    assert member(io.BytesIO(packed), "box.zip", place, "0" * 64) is None
    assert member(io.BytesIO(packed), "box.zip", "other.docx!/word/media/a.jpg", key) is None


def pictures(library: Library) -> set[str]:
    return {
        library.relative(path)
        for document in library.documents()
        if document.picture
        for path in document.paths
    }


def test_that_pictures_in_documents_come_after_all_text(library: Library) -> None:
    library.folder.joinpath("minutes.docx").write_bytes(docx(a_jpg=_PHOTO))
    library.ingest()
    assert set(library.texts()) == {"minutes.docx"}
    assert pictures(library) == set()
    library.read_pictures()
    assert pictures(library) == {"minutes.docx!/word/media/a.jpg"}
    assert set(library.texts()) == {"minutes.docx"}


def test_that_equal_pictures_are_one_document_wherever_they_lie(library: Library) -> None:
    library.folder.joinpath("photo.jpg").write_bytes(_PHOTO)
    library.folder.joinpath("report.pdf").write_bytes(pdf([(_PHOTO, (300, 200))]))
    library.folder.joinpath("box.zip").write_bytes(package({"m.docx": docx(a_jpg=_PHOTO)}))
    library.ingest()
    library.read_pictures()
    (document,) = (document for document in library.documents() if document.picture)
    assert sorted(map(library.relative, document.paths)) == [
        "box.zip!/m.docx!/word/media/a.jpg",
        "photo.jpg",
        "report.pdf!/page 1, picture 1.jpg",
    ]


def test_that_a_document_is_looked_into_once_until_it_changes(library: Library) -> None:
    library.folder.joinpath("other.txt").write_text("stays")
    file = library.folder / "minutes.docx"
    file.write_bytes(docx(a_jpg=_PHOTO, b_png=_CHART))
    library.ingest()
    assert library.look() == 1
    (chart,) = (d.id for d in library.documents() if any("b.png" in path for path in d.paths))
    library.ingest()
    assert library.look() == 0
    file.write_bytes(docx(b_png=_CHART, c_png=encoded(scene(5), "PNG")))
    library.ingest()
    assert library.look() == 1
    assert pictures(library) == {f"minutes.docx!/word/media/{n}.png" for n in "bc"}
    assert chart in {document.id for document in library.documents()}
    file.rename(library.folder / "moved.docx")
    library.ingest()
    assert library.look() == 0
    assert pictures(library) == {f"moved.docx!/word/media/{n}.png" for n in "bc"}
    library.folder.joinpath("moved.docx").unlink()
    library.ingest()
    assert pictures(library) == set()


def test_that_pictures_go_with_a_document_that_is_damaged(library: Library) -> None:
    file = library.folder / "minutes.docx"
    file.write_bytes(docx(a_jpg=_PHOTO))
    library.ingest()
    library.look()
    file.write_bytes(b"PK, once upon a time")
    library.ingest()
    library.look()
    assert pictures(library) == set()
    assert library.failures() == {"minutes.docx": "Damaged"}


def test_that_text_in_a_picture_in_a_document_is_read(library: Library) -> None:
    from tests.engine.ingest.test_intake import picture

    library.folder.joinpath("minutes.docx").write_bytes(docx(a_png=picture("Harbour dues 1897")))
    library.ingest()
    library.read_pictures()
    assert library.texts()["minutes.docx!/word/media/a.png"] == "Harbour dues 1897"
    assert library.read_pictures() == 0
