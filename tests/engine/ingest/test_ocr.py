"""Text recognised in pictures; each is made by the test."""

from __future__ import annotations

import io
from pathlib import PurePath

import pytest
from PIL import Image, ImageDraw

from engine.errors import InvalidInput
from engine.ingest.media_types import PDF
from engine.ingest.reading import Content, Effort, read_content
from engine.records import OcrLevel
from tests.engine.ingest import sample_files


def drawn(*lines: str, size: tuple[int, int] = (700, 240)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    for n, line in enumerate(lines):
        ImageDraw.Draw(image).text((20, 30 + 90 * n), line, fill="black", font_size=44)
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def read(data: bytes, kind: str = "image/png", ocr: OcrLevel = "all") -> Content:
    return read_content(PurePath("my_picture.png"), kind, data, Effort(ocr))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_that_text_is_read_from_every_kind_of_picture(kind: str) -> None:
    extracted = read(saved(drawn("Harbour dues", "paid in 1897"), kind)).extracted
    assert extracted.text == "Harbour dues\npaid in 1897"
    assert extracted.title == "my picture"
    assert extracted.ocr_confidence is not None and extracted.ocr_confidence > 0.8
    first, second = extracted.boxes
    assert extracted.text[second.start : second.end] == "paid in 1897"
    assert 0 <= first.left < first.right <= 1
    assert first.bottom < second.top + 0.1


def test_that_a_picture_on_nothing_is_read_on_white() -> None:
    image = Image.new("RGBA", (700, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((20, 30), "Harbour dues", fill="black", font_size=44)
    assert read(saved(image, "PNG")).extracted.text == "Harbour dues"


def test_that_a_fax_has_pages() -> None:
    data = saved(
        drawn("Page one"), "TIFF", save_all=True, append_images=[drawn(), drawn("Page three")]
    )
    extracted = read(data).extracted
    assert [(p.number, extracted.text[p.start : p.end]) for p in extracted.pages] == [
        (1, "Page one"),
        (3, "Page three"),
    ]


def test_that_only_blank_pages_of_a_pdf_are_read_as_pictures() -> None:
    data = sample_files.pdf([["Typed text"], [], ["More text"]])
    assert read(data, PDF, "off").unread_pictures
    content = read(data, PDF, "cheap")
    assert not content.unread_pictures
    assert [page.number for page in content.extracted.pages] == [1, 3]


def test_that_a_scanned_pdf_is_read() -> None:
    scan = saved(
        drawn("Harbour dues", size=(900, 1200)),
        "PDF",
        save_all=True,
        append_images=[drawn("Lamp oil", size=(900, 1200))],
    )
    blank = read(scan, PDF, "off")
    assert (blank.extracted.text, blank.unread_pictures) == ("", True)
    extracted = read(scan, PDF, "cheap").extracted
    assert [(p.number, extracted.text[p.start : p.end]) for p in extracted.pages] == [
        (1, "Harbour dues"),
        (2, "Lamp oil"),
    ]
    assert extracted.unit == "page"
    assert extracted.ocr_confidence is not None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (saved(Image.new("1", (4000, 3000)), "PNG"), "image/png"),
        (sample_files.pdf([[]] * 30), PDF),
    ],
    ids=["large picture", "many pages"],
)
def test_that_what_takes_long_is_left_where_reading_is_to_be_cheap(data: bytes, kind: str) -> None:
    assert read(data, kind, "cheap").unread_pictures
    assert not read(data, kind, "all").unread_pictures


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "GIF"])
@pytest.mark.parametrize("ocr", ["off", "all"])
def test_that_a_bomb_is_refused_before_it_is_drawn(kind: str, ocr: OcrLevel) -> None:
    compression = {"compression": "tiff_lzw"} if kind == "TIFF" else {}
    bomb = saved(Image.new("1", (15_000, 15_000)), kind, **compression)
    assert len(bomb) < 1 << 20
    with pytest.raises(InvalidInput, match="too large"):
        read(bomb, f"image/{kind.lower()}", ocr)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_that_a_torn_picture_is_read_or_explained(share: float) -> None:
    data = saved(drawn("Harbour dues", size=(300, 100)), "PNG")
    try:
        text = read(data[: int(share * len(data))]).extracted.text
    except InvalidInput as error:
        text = error.title
    assert text in ("", "Damaged")


def test_that_a_tiny_picture_has_no_text() -> None:
    assert read(saved(Image.new("RGB", (1, 1)), "PNG")).extracted.text == ""
