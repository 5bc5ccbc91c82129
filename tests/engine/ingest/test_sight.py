from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import PurePath

import numpy as np
import pytest
from PIL import Image

from engine.encoders.image_encoder import Preprocessing, prepared_pixels
from engine.errors import InvalidInput
from engine.ingest.chunk import Chunker
from engine.ingest.cut import cut
from engine.ingest.media_types import media_type
from engine.ingest.reading import Content, Effort, read_content
from engine.ingest.sight import THUMBNAIL_SIDE
from tests.photographs import encoded, exif, scene

_SEEN_AS = Preprocessing(64, "shortest", "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def looked_at(data: bytes, name: str = "IMG_1.jpg") -> Content:
    kind = media_type(name)
    assert kind is not None
    return read_content(PurePath(name), kind, data, Effort(preprocessing=_SEEN_AS))


def test_that_a_photo_tells_when_where_and_with_what_it_was_taken() -> None:
    told = looked_at(encoded(scene(1), exif=exif())).extracted
    assert told.picture is not None
    assert (told.picture.width, told.picture.height) == (240, 320)  # it was held upright
    assert told.picture.taken_at == datetime(2021, 6, 5, 4, 3, 2, tzinfo=UTC).timestamp()
    assert told.created_at == told.picture.taken_at
    assert told.picture.camera == "Canon EOS 80D"
    assert told.picture.latitude == pytest.approx(38.72)
    assert told.picture.longitude == pytest.approx(-9.14)
    assert told.details == {"Caption": "The harbour at dawn", "Keywords": "boats; sea"}


def test_that_name_caption_and_tags_make_a_passage_without_text() -> None:
    told = looked_at(encoded(scene(1), exif=exif()), "Lisbon trip.jpg").extracted
    (passage,) = cut(Chunker(), told).chunks
    assert (passage.start, passage.end) == (0, 0)
    assert passage.context == "Lisbon trip. The harbour at dawn. boats; sea"


def test_that_a_place_without_a_fix_and_a_torn_date_are_left_out() -> None:
    told = exif()
    told.get_ifd(0x8825).update({2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)})
    told.get_ifd(0x8769).update({36867: "0000:00:00 00:00:00"})
    picture = looked_at(encoded(scene(1), exif=told)).extracted.picture
    assert picture is not None
    assert (picture.latitude, picture.longitude, picture.taken_at) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "form"), [("a.png", "PNG"), ("a.webp", "WEBP"), ("a.gif", "GIF"), ("a.tiff", "TIFF")]
)
def test_that_every_kind_of_picture_gives_thumbnail_and_pixels(name: str, form: str) -> None:
    sight = looked_at(encoded(scene(2, (900, 600)), form), name).sight
    assert sight is not None
    with Image.open(io.BytesIO(sight.thumbnail)) as small:
        assert small.size == (THUMBNAIL_SIDE, 256)
    assert len(sight.pixels) == 64 * 64 * 3


def test_that_a_heic_photo_is_read() -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    sight = looked_at(encoded(scene(2), "HEIF", quality=80), "a.heic").sight
    assert sight is not None and sight.thumbnail


def test_that_pixels_are_those_of_the_picture_held_upright() -> None:
    lying = scene(3)
    sight = looked_at(encoded(lying, "PNG", exif=exif()), "a.png").sight
    assert sight is not None
    upright = prepared_pixels(lying.transpose(Image.Transpose.ROTATE_270), _SEEN_AS)
    assert np.array_equal(np.frombuffer(sight.pixels, np.uint8), upright.ravel())


def test_that_without_an_encoder_there_is_a_thumbnail_still() -> None:
    sight = read_content(PurePath("a.jpg"), "image/jpeg", encoded(scene(1)), Effort()).sight
    assert sight is not None
    assert sight.thumbnail and sight.pixels == b""


def test_that_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be drawn"):
        looked_at(b"\xff\xd8\xff\xe0 nothing more")
