from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput
from gui.picture_query import holds_picture, picture_file, picture_without_file


def dropped(*urls: str) -> QMimeData:
    """What a file manager or a browser drops."""
    mime = QMimeData()
    mime.setUrls([QUrl(url) if "://" in url else QUrl.fromLocalFile(url) for url in urls])
    return mime


def drawn(width: int, height: int) -> QMimeData:
    """A picture without a file, as the clipboard holds it."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    mime = QMimeData()
    mime.setImageData(image)
    return mime


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.JPG"], True),
        (["a.jpg", "b.heic"], True),
        (["a.jpg", "notes.txt"], False),
        (["folder.png"], False),
        (["notes.txt"], False),
    ],
)
def test_that_only_pictures_alone_are_meant_to_search_with(
    qtbot: QtBot, tmp_path: Path, names: list[str], expected: bool
) -> None:
    (tmp_path / "folder.png").mkdir()
    assert holds_picture(dropped(*(str(tmp_path / name) for name in names))) is expected


def test_that_what_a_browser_drops_is_meant_to_search_with(qtbot: QtBot) -> None:
    assert holds_picture(drawn(4, 4))
    assert holds_picture(dropped("https://example.org/a.jpg"))
    words = QMimeData()
    words.setText("harbour")
    assert not holds_picture(words)


def test_that_a_file_is_named_by_its_last_part(tmp_path: Path) -> None:
    file = tmp_path / "harbour.jpg"
    file.write_bytes(b"whatever: it is read by the engine")
    picture = picture_file(str(file))
    assert (picture.name, picture.path, picture.document_id) == ("harbour.jpg", str(file), None)


@pytest.mark.parametrize(
    ("name", "title"),
    [("", "That is a folder"), ("gone.jpg", "No such file"), ("a.txt", "Not a picture")],
)
def test_that_what_is_no_picture_file_is_refused_in_words(
    tmp_path: Path, name: str, title: str
) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(InvalidInput) as refused:
        picture_file(str(tmp_path / name))
    assert refused.value.title == title


def test_that_a_large_picture_without_a_file_is_made_small(qtbot: QtBot) -> None:
    image = picture_without_file(drawn(4000, 1000))
    assert (image.width(), image.height()) == (1600, 400)
    assert picture_without_file(drawn(30, 20)).width() == 30


def test_that_an_address_is_refused_since_nothing_is_downloaded(qtbot: QtBot) -> None:
    with pytest.raises(InvalidInput, match="downloads nothing"):
        picture_without_file(dropped("https://example.org/a.jpg"))
